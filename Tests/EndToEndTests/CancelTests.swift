import JSON
import PluginProto
import TTRPC
import Testing

/// A plan that a person cancels while a plugin has one of its tasks.
@Suite("Cancel", .serialized)
struct CancelTests {
  private func start(_ type: String) async throws -> (Installation, RunningHost) {
    let installation = try Installation(plugins: [])
    try installation.install(
      "recorder", program: "recording-plugin", yaml: DeliveryTests.plugin,
      blueprint: DeliveryTests.blueprint.replacing(
        "{name: second, type: record}", with: "{name: second, type: \(type)}"))
    let host = try RunningHost(installation)
    try await host.apply(text: DeliveryTests.manifest)
    return (installation, host)
  }

  private func calls(_ installation: Installation) throws -> [String] {
    try Installation.lines("\(installation.state)/plugins/recorder/calls")
  }

  private func ask(
    _ method: Method<HostV1.ResourceRequest, HostV1.ResourceReply>, _ host: RunningHost
  ) async throws {
    _ = try await host.call(
      method, HostV1.ResourceRequest(name: host.name("one", kind: "Recording")))
  }

  /// Waits for the plugin to have been called so many times for the second task.
  private func untilHeld(_ installation: Installation, _ host: RunningHost) async throws {
    try await host.within("the second task's call") {
      while try calls(installation).count(where: { $0.hasPrefix("Execute ") }) < 2 {
        try await host.loop.sleep(for: .milliseconds(5))
      }
    }
  }

  @Test("a call under way is told; nothing further begins, until a replan asks for another plan")
  func callUnderWay() async throws {
    let (installation, host) = try await start("hold")
    try await untilHeld(installation, host)
    try await ask(HostV1.Host.cancel, host)
    let object = try await host.until("Recording", "one", "the plan's end") { object in
      object?["status"]?["plan"] == nil && object?["status"]?["history"]?.array?.first != nil
    }
    let record = object?["status"]?["history"]?.array?.first
    #expect(record?["phase"]?.string == "Cancelled")
    #expect(record?["detail"] == nil)
    let before = try calls(installation)
    #expect(before.count { $0.hasPrefix("Execute ") } == 2)
    #expect(before.contains { $0.hasPrefix("Cancel ") })
    try await host.until("Recording", "one", "the planner's word") { object in
      object?["status"]?["conditions"]?.array?.contains { $0["reason"]?.string == "Cancelled" }
        ?? false
    }
    await #expect(throws: RPCError.self) { try await ask(HostV1.Host.cancel, host) }
    #expect(try calls(installation) == before)

    try await ask(HostV1.Host.replan, host)
    try await host.within("another plan") {
      while try calls(installation).count(where: { $0.hasPrefix("Execute ") }) < 4 {
        try await host.loop.sleep(for: .milliseconds(5))
      }
    }
    try await host.delete("one", kind: "Recording")
    try await host.until("Recording", "one", "its end") { $0 == nil }
    try await host.stop()
    #expect(try installation.processes() == [])
  }

  @Test("a task that takes no notice is told again, abandoned after its grace, and reported so")
  func ignored() async throws {
    let (installation, host) = try await start("stubborn")
    try await host.until("Recording", "one", "the running task") { object in
      object?["status"]?["plan"]?["tasks"]?.array?[1]["state"]?.string == "Running"
    }
    try await ask(HostV1.Host.cancel, host)
    let object = try await host.until("Recording", "one", "the plan's end") { object in
      object?["status"]?["plan"] == nil && object?["status"]?["history"]?.array?.first != nil
    }
    let record = object?["status"]?["history"]?.array?.first
    #expect(record?["phase"]?.string == "Cancelled")
    #expect(record?["detail"]?.string?.hasPrefix("second: CancelIgnored: abandoned") == true)
    let calls = try calls(installation)
    #expect(calls.count { $0.hasPrefix("Cancel ") } >= 2)
    #expect(calls.count { $0.hasPrefix("Execute ") } == 2)
    try await host.stop()
    #expect(try installation.processes() == [])
  }
}
