import JSON
import PluginProto
import Testing

/// A task that makes a resource, whose own plan is carried out, and whose cancel removes it.
@Suite("Resources that tasks make", .serialized)
struct HostTargetTests {
  private static let run = """
    apiVersion: mortise.dev/v1
    kind: TaskRun
    metadata: {name: making}
    spec:
      type: make
      params: {kind: Recording, name: made}
    """

  private func start(granting grants: String) async throws -> (Installation, RunningHost) {
    let installation = try Installation(plugins: [])
    try installation.install(
      "recorder", program: "recording-plugin",
      yaml: DeliveryTests.plugin + "\ngrants: \(grants)", blueprint: DeliveryTests.blueprint)
    let host = try RunningHost(installation)
    try await host.apply(text: Self.run)
    return (installation, host)
  }

  @Test(
    "it is there and carried out before the task is complete; cancel removes it, over a restart")
  func makeAndCancel() async throws {
    let (installation, host) = try await start(granting: "{intents: [Recording], targets: [host]}")
    try await host.until("TaskRun", "making", "its end") { object in
      object?["status"]?["state"]?.string == "Complete"
    }
    let made = try await host.until("Recording", "made", "it") { $0 != nil }
    #expect(made?["status"]?["phase"]?.string == "Recorded")
    host.kill()
    _ = try await host.call(
      HostV1.Host.cancel, HostV1.ResourceRequest(name: host.name("making", kind: "TaskRun")))
    let run = try await host.until("TaskRun", "making", "its revert") { object in
      object?["status"]?["revert"]?["state"]?.string == "Complete"
    }
    #expect(run?["status"]?["state"]?.string == "Complete")
    try await host.until("Recording", "made", "its end") { $0 == nil }
    let intents = try await host.call(HostV1.Host.list, HostV1.ListRequest(kind: "Intent"))
    #expect(intents.objects.isEmpty)
    try await host.stop()
    #expect(try installation.processes() == [])
  }

  @Test("a plugin makes no resources but of kinds and on the target that its plugin.yaml grants")
  func grants() async throws {
    let (installation, host) = try await start(granting: "{intents: [Recording], targets: [local]}")
    let run = try await host.until("TaskRun", "making", "its end") { object in
      object?["status"]?["state"]?.string == "Failed"
    }
    #expect(run?["status"]?["message"]?.string?.contains("GrantMissing") == true, "\(run as Any)")
    let made = try await host.call(HostV1.Host.list, HostV1.ListRequest(kind: "Recording"))
    #expect(made.objects.isEmpty)
    try await host.stop()
    #expect(try installation.processes() == [])
  }
}
