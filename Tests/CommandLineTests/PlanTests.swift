import JSON
import Model
import PluginProto
import Testing

@testable import MortiseCLI

@Suite("plan shows what would be done")
struct PlanTests {
  private static let preview = PlanPreview(resources: [
    ResourcePreview(
      resource: ObjectKey(kind: "StatefulNode", namespace: "default", name: "redis"),
      action: .configure, plan: "update", because: "spec.image is redis:8, observed redis:7",
      target: "local",
      tasks: [
        TaskPreview(
          name: "apply-statefulset", type: "apply-statefulset", plugin: "workload@1.0.0",
          intents: [
            IntentPreview(
              key: IntentKey(target: "local", kind: "StatefulSet", key: "default/redis"),
              action: .change,
              differences: [
                IntentPreview.Difference(path: "image", present: "redis:7", planned: "redis:8"),
                IntentPreview.Difference(path: "args", present: .null, planned: ["-x"]),
              ])
          ]),
        TaskPreview(
          name: "mark-ready", type: "mark-ready", isRevertible: false,
          note: "its url is an output of apply-statefulset"),
      ]),
    ResourcePreview(
      resource: ObjectKey(kind: "StatefulNode", namespace: "default", name: "cache"),
      action: .unchanged, because: "phase is Running and nothing differs"),
  ])

  @Test("plans, tasks, plugins, intents and what can't be reverted")
  func text() async throws {
    let host = try FakeHost(
      HostRecord { $0.plan = HostV1.PlanReply(preview: Self.preview.json.serialized()) })
    defer { try? host.stop() }
    let result = try await mortise("plan", "-f", "-", host: host, input: "a: b")
    #expect(
      result.output == """
        statefulnode/redis would be configured
          plan update on local: spec.image is redis:8, observed redis:7
          - apply-statefulset  workload@1.0.0
              ~ StatefulSet default/redis
                  image: redis:7 -> redis:8
                  args: nothing -> ["-x"]
          - mark-ready         no plugin is ready: it would park  not revertible
              its url is an output of apply-statefulset

        statefulnode/cache is as declared
          no plan: phase is Running and nothing differs

        """)
    #expect(host.record.calls == ["plan stdin"])
    let json = try await mortise("plan", "-f", "-", "-o", "json", host: host, input: "a: b")
    #expect(try JSONValue(parsing: json.output) == Self.preview.json)
  }

  @Test("a manifest with problems is told as by apply")
  func problems() async throws {
    let host = try FakeHost(
      HostRecord { state in
        state.plan = HostV1.PlanReply(problems: [
          HostV1.Problem(source: "stdin", line: 1, column: 4, path: "a", message: "unknown field")
        ])
      })
    defer { try? host.stop() }
    let result = try await mortise("plan", "-f", "-", host: host, input: "a: b")
    #expect(result.code == .refused)
    #expect(result.errors == "stdin:1:4: a: unknown field\n")
  }
}
