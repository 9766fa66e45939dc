import Glibc
import JSON
import LinuxSystem
import PluginProto
import TTRPC
import TestPlaces
import Testing

@testable import LocalDriver

/// The driver killed at every moment of every effect; the end must be that of the undisturbed run.
@Suite("Crashes of the driver", .serialized, .timeLimit(.minutes(10)))
struct CrashTests {
  let scenario = Scenario()

  /// Runs a call; where the driver died in it, starts the next one and repeats the call, as the
  /// host does.
  private func insist(
    _ driver: inout DriverProcess, _ failpoint: String,
    _ body: (DriverProcess) async throws -> Void
  ) async throws {
    do {
      try await body(driver)
    } catch is RPCError {
      driver.kill()
      driver = try await restart(failpoint)
      try await body(driver)
    }
  }

  /// The failpoint may fire while the driver starts: then the next start passes it.
  private func restart(_ failpoint: String) async throws -> DriverProcess {
    do {
      return try await DriverProcess(in: scenario.directory, failpoint: failpoint)
    } catch is RPCError {
      return try await DriverProcess(in: scenario.directory, failpoint: failpoint)
    }
  }

  static let failpoints = Effect.Name.allCases.flatMap { effect in
    ["before", "after", "logged"].map { "local.\(effect.rawValue).\($0)" }
  }

  @Test(
    "each effect is there once, and in the log once, whenever the driver is killed",
    arguments: failpoints)
  func everyFailpoint(_ failpoint: String) async throws {
    try scenario.image("app:1", Scenario.sleeper)
    try scenario.image("app:2", Scenario.sleeper)
    let precious = "\(scenario.directory.path)/precious"
    try FileSystem.makeDirectories(precious)
    let imported = DriverProcess.intent(
      "PersistentVolumeClaim", "default/imported",
      ["storage": "1Mi", "import": .string(precious)])
    let newer = Scenario.set(image: "app:2", generation: 2)
    var old: JSONValue = .null
    var driver = try await restart(failpoint)

    try await insist(&driver, failpoint) { try await $0.apply(Scenario.claim) }
    try await insist(&driver, failpoint) { try await $0.apply(imported) }
    try await insist(&driver, failpoint) { try await $0.apply(Scenario.set()) }
    try await insist(&driver, failpoint) {
      old = try await $0.observe(Scenario.set()) { $0.isReady }
    }
    try await insist(&driver, failpoint) { try await $0.apply(Scenario.service()) }
    try await insist(&driver, failpoint) {
      _ = try await $0.observe(Scenario.service()) { $0["ready"]?.bool == true }
    }
    try await insist(&driver, failpoint) { try await $0.apply(newer) }
    try await insist(&driver, failpoint) { try await $0.apply(Scenario.eviction(of: old.pods[0])) }
    try await insist(&driver, failpoint) {
      _ = try await $0.observe(newer) { $0.isReady && $0["updatedReplicas"]?.integer == 1 }
    }
    // One container and one proxy: nothing was lost, nothing is there twice.
    #expect(try scenario.processes().count == 2)
    try await insist(&driver, failpoint) { try await $0.remove(Scenario.service()) }
    try await insist(&driver, failpoint) { try await $0.remove(newer) }
    try await insist(&driver, failpoint) { try await $0.remove(imported) }
    try await insist(&driver, failpoint) { try await $0.remove(Scenario.claim) }
    driver.kill()

    #expect(try scenario.processes().isEmpty)
    #expect(try scenario.leftovers().isEmpty)
    #expect(
      try FileSystem.status("\(scenario.data)/failpoint-\(failpoint)") != nil, "it never fired")
    try expectEachEffectOnce()
  }

  private func expectEachEffectOnce() throws {
    let effects = try scenario.effects()
    let counts = Dictionary(grouping: effects) { $0["effect"]?.string ?? "" }.mapValues(\.count)
    #expect(
      counts == [
        "volume-created": 1, "volume-imported": 1, "pod-created": 2, "container-spawned": 2,
        "pod-stopped": 2, "proxy-spawned": 1, "proxy-stopped": 1, "volume-released": 1,
        "volume-removed": 1,
      ])
    let ids = effects.map { "\($0["effect"] ?? .null) \($0["id"] ?? .null)" }
    #expect(Set(ids).count == ids.count)
  }

  @Test("killed at any instant around its starts, the driver neither loses nor doubles a process")
  func anyInstant() async throws {
    try scenario.image("app:1", Scenario.sleeper)
    var driver = try await restart("")
    try await driver.apply(Scenario.claim)
    for delay in stride(from: UInt32(0), to: 12_000, by: 600) {
      // The apply's answer isn't waited for: the kill comes in the middle of what it starts.
      let dying = driver
      async let applied = try? dying.apply(Scenario.set(replicas: 3))
      usleep(delay)
      driver.kill()
      _ = await applied
      driver = try await restart("")
      try await driver.apply(Scenario.set(replicas: 3))
      let observed = try await driver.observe(Scenario.set(replicas: 3)) {
        $0.isReady && $0.pods.count == 3
      }
      #expect(try Set(scenario.processes().map(Int64.init)) == Set(observed.pids))
      try await driver.remove(Scenario.set(replicas: 3))
      #expect(try scenario.processes().isEmpty)
    }
    let effects = try scenario.effects().map { "\($0["effect"] ?? .null) \($0["id"] ?? .null)" }
    #expect(Set(effects).count == effects.count)
  }
}
