import JSON
import LinuxSystem
import PluginProto
import TTRPC
import Testing

@Suite("A status that the store can't keep", .serialized)
struct StatusSizeTests {
  /// The output fits into a frame; beside the task and in the status it does not fit into an object.
  private static let blueprint = """
    apiVersion: mortise.dev/v1
    kind: Blueprint
    metadata: {name: wordy}
    spec:
      kind: Wordy
      target: local
      schema: {type: object}
      plans:
        - name: talk
          when: {phaseIn: [Pending]}
          targetPhase: Told
          failedPhase: Broken
          tasks:
            - {type: record, params: {bytes: 2200000}, outputs: {text: status.text}}
    """

  @Test("fails the plan once, with what was too large, and its tasks are not done again")
  func tooLarge() async throws {
    let installation = try Installation(plugins: [])
    try installation.install(
      "recorder", program: "recording-plugin",
      yaml: "name: recorder\nversion: 1.0.0\nexecutable: recording-plugin\n",
      blueprint: Self.blueprint)
    let host = try RunningHost(installation)
    try await host.apply(
      text: "apiVersion: mortise.dev/v1\nkind: Wordy\nmetadata: {name: one}\nspec: {}\n")
    let ended = try await host.until("Wordy", "one", "the plan's end") {
      $0?["status"]?["phase"]?.string == "Broken" && $0?["status"]?["plan"] == nil
    }
    let record = ended?["status"]?["history"]?.array?.first
    #expect(record?["phase"]?.string == "Failed")
    let detail = record?["detail"]?.string ?? ""
    #expect(detail.contains("StatusTooLarge"), "\(detail)")
    #expect(detail.contains("the store keeps at most"), "\(detail)")
    let calls = try Installation.lines("\(installation.state)/plugins/recorder/calls")
    let executed = calls.filter { $0.hasPrefix("Execute") }
    #expect(Set(executed).count == executed.count, "\(executed)")
    // Events are written behind the pass that they tell of.
    try await host.within("the event") {
      while try await !Self.isTold(host) { try await host.loop.sleep(for: .milliseconds(20)) }
    }
    try await host.delete("one", kind: "Wordy")
    try await host.until("Wordy", "one", "the deletion") { $0 == nil }
    try await host.stop()
  }
  private static func isTold(_ host: RunningHost) async throws -> Bool {
    var request = HostV1.ListRequest()
    request.kind = "Event"
    return try await host.call(HostV1.Host.list, request).objects.contains { event in
      let event = try JSONValue(parsing: event)
      return event["reason"]?.string == "PlanFailed"
        && event["message"]?.string?.contains("StatusTooLarge") == true
    }
  }
}
