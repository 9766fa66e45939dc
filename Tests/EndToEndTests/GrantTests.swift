import JSON
import PluginProto
import Testing

@Suite("Grants", .serialized)
struct GrantTests {
  @Test(
    "an intent that plugin.yaml does not grant is refused, naming the grant, however it is asked for",
    arguments: ["grab", "grab-late"])
  func refused(_ type: String) async throws {
    let installation = try Installation(plugins: [])
    try installation.install(
      "recorder", program: "recording-plugin",
      yaml: DeliveryTests.plugin + "\ngrants: {intents: [Service], targets: [local]}",
      blueprint: DeliveryTests.blueprint.replacing(
        "{name: second, type: record}", with: "{name: second, type: \(type)}"))
    let host = try RunningHost(installation)
    try await host.apply(text: DeliveryTests.manifest)
    let object = try await host.until("Recording", "one", "the plan's end") { object in
      object?["status"]?["plan"] == nil && object?["status"]?["history"]?.array?.first != nil
    }
    let record = object?["status"]?["history"]?.array?.first
    #expect(record?["phase"]?.string == "Failed")
    let detail = record?["detail"]?.string ?? ""
    #expect(detail.hasPrefix("second: GrantMissing: plugin recorder may not change "), "\(detail)")
    #expect(detail.hasSuffix("grants intents [Service] on targets [local]"), "\(detail)")
    let intents = try await host.call(HostV1.Host.list, HostV1.ListRequest(kind: "Intent"))
    #expect(intents.objects.isEmpty)
    try await host.stop()
    #expect(try installation.processes() == [])
  }
}
