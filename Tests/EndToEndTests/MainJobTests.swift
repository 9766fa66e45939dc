import JSON
import LinuxSystem
import PluginProto
import Testing

/// The main job on real processes: host, plugins, driver, sidecar and a redis server.
@Suite("The main job", .serialized)
struct MainJobTests {
  static let kind = "StatefulNode"

  static func example(_ name: String) -> String {
    "\(Installation.sources)/examples/redis/\(name)"
  }

  static func isRunning(_ object: JSONValue?, generation: Int64) -> Bool {
    guard let status = object?["status"] else { return false }
    let ready = status["conditions"]?.array?.first { $0["type"]?.string == "Ready" }
    return status["phase"]?.string == "Running" && status["plan"] == nil
      && status["observedGeneration"]?.integer == generation && ready?["status"]?.string == "True"
  }

  private static func isReplacementAhead(_ object: JSONValue?) -> Bool {
    let tasks = object?["status"]?["plan"]?["tasks"]?.array ?? []
    return tasks.contains { $0["type"]?.string == "replace-pod" && $0["submittedAt"] == nil }
  }

  static func address(_ object: JSONValue?) throws -> (String, Int64) {
    let service = try #require(object?["status"]?["service"])
    return (try #require(service["address"]?.string), try #require(service["port"]?.integer))
  }

  @Test("a node goes from YAML to Running, is updated, and leaves nothing when deleted")
  func wholeLife() async throws {
    let installation = try Installation()
    let host = try RunningHost(installation)
    #expect(try await host.apply(Self.example("node.yaml")).problems == [])
    let node = try await host.until(Self.kind, "cache", "Running") {
      Self.isRunning($0, generation: 1)
    }
    let (address, port) = try Self.address(node)
    #expect(try RedisClient.ask(address, port, "SET greeting hello").hasPrefix("+OK"))
    let firstPID = try RedisClient.info(address, port, "process_id")

    _ = try await host.apply(Self.example("node-v2.yaml"))
    let before = try await host.until(Self.kind, "cache", "replace-pod's turn") { object in
      object?["status"]?["plan"]?["tasks"]?.array?.first?["state"]?.string == "Complete"
        || Self.isRunning(object, generation: 2)
    }
    if Self.isReplacementAhead(before) {
      let pid = try? RedisClient.info(address, port, "process_id")
      // Where it began in between, nobody may have answered, or another.
      let after = try await host.until(Self.kind, "cache", "a second look") { _ in true }
      if Self.isReplacementAhead(after) { #expect(pid == firstPID) }
    }
    let updated = try await host.until(Self.kind, "cache", "the update") {
      Self.isRunning($0, generation: 2)
    }
    #expect(try RedisClient.ask(address, port, "GET greeting").contains("hello"))
    #expect(try RedisClient.ask(address, port, "CONFIG GET maxmemory").contains("100663296"))
    #expect(try RedisClient.ask(address, port, "CONFIG GET hz").contains("50"))
    #expect(try RedisClient.info(address, port, "process_id") != firstPID)
    #expect(updated?["status"]?["revision"] != node?["status"]?["revision"])
    let history = updated?["status"]?["history"]?.array?.compactMap { $0["name"]?.string }
    #expect(history == ["update", "init"], "no plan runs that nobody asked for")

    try await host.delete("cache", kind: Self.kind)
    try await host.until(Self.kind, "cache", "the deletion") { $0 == nil }
    #expect(throws: Loopback.Refused.self) { try RedisClient.ask(address, port, "PING") }
    let intents = try await host.call(HostV1.Host.list, intentsRequest)
    #expect(intents.objects.isEmpty)
    try await host.stop()
    #expect(try installation.processes() == [])
  }

  @Test("a node whose sidecar was marked not ready is armed again, and only then")
  func reArm() async throws {
    let installation = try Installation()
    let host = try RunningHost(installation)
    _ = try await host.apply(Self.example("node.yaml"))
    let node = try await host.until(Self.kind, "cache", "Running") {
      Self.isRunning($0, generation: 1)
    }
    let (address, port) = try Self.address(node)
    let url = try #require(node?["status"]?["sidecarURL"]?.string)
    let agent = try #require(url.split(separator: "/").last?.split(separator: ":").first)
    try HTTPClient.post(
      String(agent), 7070, "/v0/tasks",
      #"{"id":"by-hand","type":"mark-not-ready","params":{}}"#)
    let armed = try await host.until(Self.kind, "cache", "re-arm") { object in
      object?["status"]?["history"]?.array?.first?["name"]?.string == "re-arm"
        && Self.isRunning(object, generation: 1)
    }
    #expect(armed?["status"]?["history"]?.array?.count == 2)
    #expect(try RedisClient.ask(address, port, "PING").hasPrefix("+PONG"))
  }

  private var intentsRequest: HostV1.ListRequest {
    var request = HostV1.ListRequest()
    request.kind = "Intent"
    return request
  }
}
