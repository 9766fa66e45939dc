import Devices
import GroupKeys
import JSON
import SeededRandom
import Testing

/// Rotations on real device processes, with everything that can go away going away.
struct GroupRotationTests {
  /// What a device's table goes through when its key is rotated once, however often anything is killed.
  private static let stages: [[String: EpochStart]] = [
    [:], ["k1": .always], ["k1": .always, "k2": .never],
    ["k1": .always, "k2": EpochStart.always.after], ["k2": .always],
  ]

  /// What is done to the world at a point of the rotation.
  private enum Blow: CaseIterable {
    case killHost
    case killTasks
    case killDriver
    case killDevice
    case cutOff
  }

  /// Blows fall after so many changes of the rotation, on devices that a seed chooses. A device that is
  /// cut off comes back at the next blow, or when all others wait for it.
  @Test(arguments: [UInt64(20)]) func everyPairTalksWhileAnythingIsKilled(_ seed: UInt64)
    async throws
  {
    print("seed of the rotation: \(seed)")
    var random = SplitMix64(seed: seed)
    let world = try await GroupWorld(devices: 20)
    for name in world.names {
      let skew = Int64.random(in: -3_000_000_000...3_000_000_000, using: &random) * 1_000_000
      try world.set(name) { $0.skewMicroseconds = skew }
    }
    try await world.assemble()
    let run = try await world.rotate(to: "k2")
    var blows = (Blow.allCases + Blow.allCases).shuffled(using: &random)
    var point = 0
    var away: String?
    while let blow = blows.popLast() {
      // The whole rotation is 60 changes: all blows fall before its end.
      point += Int.random(in: 2...5, using: &random)
      try await untilPoint(point, away, world)
      if let device = away { try world.set(device) { $0.isOnline = true } }
      away = world.names[Int.random(in: world.names.indices, using: &random)]
      if try await !strike(blow, away ?? "", world) { away = nil }
    }
    if let device = away { try world.set(device) { $0.isOnline = true } }
    try await world.until(run, "Complete")
    try check(world, seed)
    try await world.host.stop()
  }

  private func check(_ world: GroupWorld, _ seed: UInt64) throws {
    let checker = try DeviceLog.check(world.place)
    #expect(checker.findings == [], "seed \(seed)")
    #expect(checker.pairs > 60 * 19 * 18)
    let entries = try DeviceLog.entries(world.place)
    for name in world.names {
      // In order and each once: nothing was applied twice, and the end is the uninterrupted run's.
      #expect(Self.history(name, entries) == Self.stages, "\(name), seed \(seed)")
      let last = entries.last { $0.device == name }?.table
      #expect(last?.members == [.init("kitchen", endpoint: 1)])
    }
  }

  /// The keys that a device had, one after the other, as far as they differ.
  private static func history(
    _ device: String, _ entries: [ChangeEntry]
  ) -> [[String: EpochStart]] {
    entries.filter { $0.device == device }.map(\.table.homeKeys).reduce(into: []) { history, keys in
      if history.last != keys { history.append(keys) }
    }
  }

  private func untilPoint(_ point: Int, _ away: String?, _ world: GroupWorld) async throws {
    let names = world.names
    try await world.untilLog("\(point) changes of the rotation") { entries in
      // Before the rotation each had no keys, then k1.
      let stages = names.map { Self.history($0, entries).count - 2 }
      if stages.reduce(0, +) >= point { return true }
      guard let away, let index = names.firstIndex(of: away) else { return false }
      // Behind a barrier nothing goes on before who is away was asked, too.
      let others = Set(stages.indices.filter { $0 != index }.map { stages[$0] })
      return others.count == 1 && others.allSatisfy { $0 >= stages[index] }
    }
  }

  /// Whether the device is away now.
  private func strike(_ blow: Blow, _ device: String, _ world: GroupWorld) async throws -> Bool {
    switch blow {
    case .killHost: world.host.kill()
    case .killTasks: try await world.host.kill(plugin: "groups")
    case .killDriver: try await world.host.kill(plugin: "devices")
    case .killDevice: try world.restart(device)
    case .cutOff:
      try world.set(device) { $0.isOnline = false }
      try await world.untilLog("\(device) cut off") { entries in
        entries.last { $0.device == device }?.isOnline == false
      }
      return true
    }
    return false
  }

  @Test func aRotationWaitsForWhoIsAwayAndIsUndoneByCancel() async throws {
    let world = try await GroupWorld(devices: 4)
    try await world.assemble()
    let away = world.names[2]
    try world.set(away) { $0.isOnline = false }
    try await world.untilLog("\(away) cut off") { $0.contains { !$0.isOnline } }
    let run = try await world.rotate(to: "k2")
    try await world.untilLog("k2 on the others") { entries in
      Self.latest(entries).filter { $0.homeKeys["k2"] == .never }.count == 3
    }
    try await world.cancel(run)
    world.host.kill()
    try await world.untilLog("k2 taken back from the others") { entries in
      Self.latest(entries).allSatisfy { $0.homeKeys == ["k1": .always] }
    }
    try world.set(away) { $0.isOnline = true }
    try await world.until(run, "Complete", reverted: true)
    #expect(try DeviceLog.check(world.place).findings == [])
    #expect(try world.tables().values.allSatisfy { $0.last?.homeKeys == ["k1": .always] })
    try await world.host.stop()
  }

  private static func latest(_ entries: [ChangeEntry]) -> [DeviceTable] {
    Dictionary(entries.map { ($0.device, $0.table) }, uniquingKeysWith: { $1 }).map(\.value)
  }

  @Test func aDeviceThatIsFullIsRefusedAndStaysAsItIs() async throws {
    let full = DeviceCapacity(keySets: 0, groups: 0, members: 0)
    let world = try await GroupWorld(devices: 1, capacity: full)
    let run = try await world.join("lamp-1")
    try await world.until(run, "Failed")
    #expect(try DeviceLog.entries(world.place).allSatisfy { $0.table == DeviceTable() })
    try await world.host.stop()
  }

  @Test func whatAnotherGroupNeedsStays() async throws {
    let world = try await GroupWorld(devices: 1)
    for group in ["kitchen", "hall"] {
      let run = try await world.run(
        "AddNodeToGroup", ["group": .string(group), "keySet": "home", "node": "lamp-1"])
      try await world.until(run, "Complete")
    }
    for (group, rest) in [("kitchen", 1), ("hall", 0)] {
      let run = try await world.run(
        "RemoveNodeFromGroup", ["group": .string(group), "keySet": "home", "node": "lamp-1"])
      try await world.until(run, "Complete")
      let table = try world.tables()["lamp-1"]?.last
      #expect(table?.keyMaps.count == rest && table?.keySets.count == rest)
    }
    try await world.host.stop()
  }
}
