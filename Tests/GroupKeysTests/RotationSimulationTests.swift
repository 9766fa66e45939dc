import GroupKeys
import PluginSDK
import SeededRandom
import Testing

@testable import Groups

/// Rotations over many devices with members that go away and come back, join and leave, by a seed.
struct RotationSimulationTests {
  private static let devices = (1...22).map { "lamp-\($0)" }
  /// Moves after which a world that has not come to rest is stuck.
  private static let movesMax = 60_000

  private static func joining(_ device: String, group: String = "kitchen") async throws
    -> SimulatedRun
  {
    try await .make(
      "add \(device) to \(group)", AddNodeToGroup(),
      .init(group: group, keySet: "home", node: device))
  }

  private static func rotating(to key: String) async throws -> SimulatedRun {
    try await .make("rotate to \(key)", RotateGroupKey(), .init(keySet: "home", key: key))
  }

  private static func leaving(_ device: String) async throws -> SimulatedRun {
    try await .make(
      "remove \(device)", RemoveNodeFromGroup(),
      .init(group: "kitchen", keySet: "home", node: device))
  }

  /// A world in which the first 20 devices are members.
  private static func settled(_ seed: UInt64) async throws -> SimulatedHost {
    var host = SimulatedHost(seed: seed, devices: devices)
    for device in devices.prefix(20) {
      let began = host.begin(try await joining(device))
      #expect(began)
    }
    try await rest(&host)
    return host
  }

  /// One move; tests with deadlines share the threads with these.
  private static func move(_ host: inout SimulatedHost) async throws {
    await Task.yield()
    try await host.move()
  }

  private static func rest(_ host: inout SimulatedHost) async throws {
    var moves = 0
    while !host.isQuiet, moves < movesMax {
      try await move(&host)
      moves += 1
    }
    #expect(host.isQuiet, "stuck: \(host.runs.filter { !$0.isOver })")
  }

  @Test(arguments: UInt64(1)...8) func everyPairTalksAllTheTime(_ seed: UInt64) async throws {
    var host = try await Self.settled(seed)
    for key in ["k2", "k3"] {
      let began = host.begin(try await Self.rotating(to: key))
      #expect(began)
      for _ in 0..<400 {
        try await Self.move(&host)
        guard Int.random(in: 0..<6, using: &host.random) == 0,
          let device = Self.devices.randomElement(using: &host.random)
        else { continue }
        switch Int.random(in: 0..<8, using: &host.random) {
        case 0..<3: host.setOnline(device, false)
        case 3..<6: host.setOnline(device, true)
        case 6: _ = host.begin(try await Self.joining(device))
        default: _ = host.begin(try await Self.leaving(device))
        }
      }
      for device in Self.devices { host.setOnline(device, true) }
      try await Self.rest(&host)
    }
    #expect(host.checker.findings == [], "seed \(seed)")
    #expect(host.checker.pairs > 10_000)
    for (name, device) in host.devices {
      // Whoever joined while the last rotation ended may still accept the key before.
      if let keys = device.table.keySets["home"] { #expect(keys.current == "k3", "\(name)") }
    }
  }

  /// Nobody joins or leaves: then whatever happened on the way, the end is the uninterrupted run's.
  @Test(arguments: UInt64(1)...4) func theEndIsTheUninterruptedRuns(_ seed: UInt64) async throws {
    var calm = try await Self.settled(seed)
    var troubled = calm
    for isTroubled in [false, true] {
      var host = isTroubled ? troubled : calm
      let began = host.begin(try await Self.rotating(to: "k2"))
      #expect(began)
      for _ in 0..<(isTroubled ? 500 : 0) {
        try await Self.move(&host)
        guard let device = Self.devices.randomElement(using: &host.random) else { continue }
        if Int.random(in: 0..<5, using: &host.random) == 0 {
          host.setOnline(device, Bool.random(using: &host.random))
        }
      }
      for device in Self.devices { host.setOnline(device, true) }
      try await Self.rest(&host)
      if isTroubled { troubled = host } else { calm = host }
    }
    #expect(calm.devices.mapValues(\.table) == troubled.devices.mapValues(\.table))
    #expect(calm.intents == troubled.intents)
    // Three changes a member, however often its driver died.
    #expect(calm.effects == troubled.effects)
    #expect(troubled.checker.findings == [])
  }

  /// The proof that the tests above can fail: a host that does not wait for who is away leaves it behind.
  @Test func withoutBarriersMembersStopTalking() async throws {
    var host = try await Self.settled(1)
    host.takesWishesForFacts = true
    let away = Self.devices[0]
    host.setOnline(away, false)
    let began = host.begin(try await Self.rotating(to: "k2"))
    #expect(began)
    var moves = 0
    while host.runs.last?.isOver == false, moves < Self.movesMax {
      try await Self.move(&host)
      moves += 1
    }
    #expect(host.runs.last?.isOver == true)
    host.setOnline(away, true)
    #expect(host.checker.findings.contains { $0.sender == away })
  }

  @Test func aLateJoinerIsCaughtBeforeAnybodyTransmitsWithTheNewKey() async throws {
    var host = try await Self.settled(3)
    let late = "lamp-21"
    let began = host.begin(try await Self.rotating(to: "k2"))
    #expect(began)
    while host.runs.last?.phase == 0 {
      host.setOnline(late, true)
      try await Self.move(&host)
      // It joins while the last of the others gets the new key.
      if host.runs.count == 21, Int.random(in: 0..<10, using: &host.random) == 0 {
        _ = host.begin(try await Self.joining(late))
        break
      }
    }
    try await Self.rest(&host)
    #expect(host.checker.findings == [])
    #expect(host.devices[late]?.table.keySets["home"]?.current == "k2")
  }
}
