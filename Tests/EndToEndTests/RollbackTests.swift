import JSON
import LinuxSystem
import PluginProto
import Testing

/// Plans of a redis node that are undone, with all processes real.
@Suite("Undone plans of a node", .serialized)
struct RollbackTests {
  private static let kind = MainJobTests.kind

  private func start() async throws -> (Installation, RunningHost) {
    let installation = try Installation()
    return (installation, try RunningHost(installation))
  }

  private static func example(_ name: String) throws -> String {
    String(decoding: try FileSystem.read(MainJobTests.example(name)), as: UTF8.self)
  }

  private func cancel(_ host: RunningHost) async throws {
    _ = try await host.call(
      HostV1.Host.cancel, HostV1.ResourceRequest(name: host.name("cache", kind: Self.kind)))
  }

  private static func revertState(_ object: JSONValue?) -> String? {
    guard object?["status"]?["plan"] == nil else { return nil }
    return object?["status"]?["revert"]?["state"]?.string
  }

  private func tearDown(_ host: RunningHost) async throws {
    try await host.delete("cache", kind: Self.kind)
    try await host.until(Self.kind, "cache", "the deletion") { $0 == nil }
    try await host.stop()
    #expect(try host.installation.processes() == [])
  }

  @Test(
    "a cancelled init leaves nothing, whatever task it was at; asked for again, the node runs",
    arguments: ["ensure-data-pvc", "apply-service", "config-validate"])
  func cancelledInit(_ task: String) async throws {
    let (installation, host) = try await start()
    _ = try await host.apply(MainJobTests.example("node.yaml"))
    try await host.until(Self.kind, "cache", "the end of \(task)") { object in
      object?["status"]?["plan"]?["tasks"]?.array?.contains { planned in
        planned["name"]?.string == task && planned["state"]?.string == "Complete"
      } ?? false
    }
    try await cancel(host)
    let node = try await host.until(Self.kind, "cache", "its revert") {
      Self.revertState($0) == "Complete"
    }
    #expect(node?["status"]?["phase"]?.string == "Pending")
    #expect(node?["status"]?["service"] == nil)
    var intents = HostV1.ListRequest()
    intents.kind = "Intent"
    #expect(try await host.call(HostV1.Host.list, intents).objects.isEmpty)
    let effects = try Installation.lines(installation.driverEffects).compactMap {
      try JSONValue(parsing: Array($0.utf8))["effect"]?.string
    }
    #expect(effects.last == "volume-removed", "the first made goes last: \(effects)")

    _ = try await host.call(
      HostV1.Host.replan, HostV1.ResourceRequest(name: host.name("cache", kind: Self.kind)))
    let running = try await host.until(Self.kind, "cache", "Running") {
      MainJobTests.isRunning($0, generation: 1)
    }
    let (address, port) = try MainJobTests.address(running)
    #expect(try RedisClient.ask(address, port, "PING").hasPrefix("+PONG"))
    try await tearDown(host)
  }

  @Test(
    "an update that the server rejects is rolled back: what was there serves again, with its data")
  func failedUpdate() async throws {
    let (_, host) = try await start()
    let blueprint = String(
      decoding: try FileSystem.read(
        "\(Installation.sources)/plugins/workload/blueprints/StatefulNode.yaml"), as: UTF8.self)
    try await host.apply(
      text: blueprint.replacing(
        "- name: update\n", with: "- name: update\n      onFailure: Rollback\n"))
    _ = try await host.apply(MainJobTests.example("node.yaml"))
    let node = try await host.until(Self.kind, "cache", "Running") {
      MainJobTests.isRunning($0, generation: 1)
    }
    let (address, port) = try MainJobTests.address(node)
    #expect(try RedisClient.ask(address, port, "SET greeting hello").hasPrefix("+OK"))

    let broken = try Self.example("node-v2.yaml").replacing(
      "maxmemory: 96mb", with: "maxmemory: lots")
    try await host.apply(text: broken)
    let undone = try await host.until(Self.kind, "cache", "the rollback") {
      Self.revertState($0) == "Complete"
    }
    #expect(undone?["status"]?["image"]?.string == "redis:7.0")
    #expect(undone?["status"]?["config"]?["maxmemory"]?.string == "64mb")
    #expect(undone?["status"]?["phase"]?.string == "Running")
    try await serves(host, address, port)
    #expect(try RedisClient.ask(address, port, "GET greeting").contains("hello"))
    #expect(try RedisClient.ask(address, port, "CONFIG GET maxmemory").contains("67108864"))
    let told = try await host.until(Self.kind, "cache", "the planner's word") { object in
      object?["status"]?["conditions"]?.array?.contains { $0["reason"]?.string == "RolledBack" }
        ?? false
    }
    let history = told?["status"]?["history"]?.array?.compactMap { $0["name"]?.string }
    #expect(history == ["revert", "update", "init"], "it is not tried again by itself")

    _ = try await host.apply(MainJobTests.example("node-v2.yaml"))
    try await host.until(Self.kind, "cache", "the corrected update") {
      MainJobTests.isRunning($0, generation: 3)
    }
    #expect(try RedisClient.ask(address, port, "GET greeting").contains("hello"))
    #expect(try RedisClient.ask(address, port, "CONFIG GET maxmemory").contains("100663296"))
    try await tearDown(host)
  }

  /// Until the node's address takes connections.
  private func serves(_ host: RunningHost, _ address: String, _ port: Int64) async throws {
    try await host.until(Self.kind, "cache", "Ready") { object in
      object?["status"]?["conditions"]?.array?.contains { condition in
        condition["type"]?.string == "Ready" && condition["status"]?.string == "True"
      } ?? false
    }
    #expect(try RedisClient.ask(address, port, "PING").hasPrefix("+PONG"))
  }
}
