import JSON
import PluginProto
import Testing

/// Every process killed at every point that matters; the end is always the uninterrupted run's.
@Suite("Crashes", .serialized)
struct CrashTests {
  static let initTasks = [
    "ensure-data-pvc", "apply-statefulset", "apply-service", "replace-pod", "config-apply",
    "config-validate", "mark-ready", "observe-image",
  ]
  static let hostPoints = ["host.before-dispatch", "host.after-effect", "host.after-flush"]
  static let driverEffects = [
    "volume-created", "container-spawned", "proxy-spawned",
  ]
  static let agentTasks = ["config-apply", "config-validate", "mark-ready"]

  static let hostFailpoints = hostPoints.flatMap { point in
    initTasks.map { "\(point).\($0)" }
  }
  static let effectFailpoints =
    driverEffects.map { "local.\($0).after" } + agentTasks.map { "agent.\($0).after" }

  @Test(
    "the host dies at a task's point: the node still runs and each effect was made once",
    arguments: hostFailpoints)
  func hostDies(_ failpoint: String) async throws {
    let installation = try Installation()
    let host = try RunningHost(installation, failpoint: failpoint)
    try await reachRunning(host)
    #expect(host.deaths == 1, "the host reached \(failpoint) and died there")
    try await tearDown(host)
  }

  @Test(
    "driver or agent dies at an effect: the node still runs and each effect was made once",
    arguments: effectFailpoints)
  func effectorDies(_ failpoint: String) async throws {
    let installation = try Installation()
    let host = try RunningHost(installation, failpoint: failpoint)
    try await reachRunning(host)
    let marker = try #require(
      try installation.marker(of: failpoint), "\(failpoint) was reached")
    #expect(marker.hasSuffix(failpoint))
    try await tearDown(host)
  }

  @Test(
    "host, task plugins and driver die again and again while a node is made",
    arguments: ["workload", "sidecar", "local"])
  func pluginDies(_ plugin: String) async throws {
    let installation = try Installation()
    let host = try RunningHost(installation)
    _ = try await host.apply(MainJobTests.example("node.yaml"))
    // One kill for each task that ends, so that each one is met at some moment of its life.
    for done in 1...3 {
      try await host.until(MainJobTests.kind, "cache", "\(done) tasks done") { object in
        let tasks = object?["status"]?["plan"]?["tasks"]?.array ?? []
        let complete = tasks.count { $0["state"]?.string == "Complete" }
        return complete >= done || MainJobTests.isRunning(object, generation: 1)
      }
      try await host.kill(plugin: plugin)
    }
    try await reachRunning(host)
    try await tearDown(host)
  }

  private func reachRunning(_ host: RunningHost) async throws {
    #expect(try await host.apply(MainJobTests.example("node.yaml")).problems == [])
    let node = try await host.until(MainJobTests.kind, "cache", "Running") {
      MainJobTests.isRunning($0, generation: 1)
    }
    let (address, port) = try MainJobTests.address(node)
    #expect(try RedisClient.ask(address, port, "PING").hasPrefix("+PONG"))
    let effects = try host.installation.effects()
    let repeated = Dictionary(grouping: effects) { $0 }.filter { $0.value.count > 1 }
    #expect(repeated.isEmpty, "effects made twice")
    let names = effects.compactMap { try? JSONValue(parsing: Array($0.utf8))["effect"]?.string }
    for effect in Self.driverEffects {
      #expect(names.contains(effect), "\(effect) is in the effects log: \(names)")
    }
  }

  private func tearDown(_ host: RunningHost) async throws {
    try await host.delete("cache", kind: MainJobTests.kind)
    try await host.until(MainJobTests.kind, "cache", "the deletion") { $0 == nil }
    try await host.stop()
    #expect(try host.installation.processes() == [])
  }
}
