import JSON
import LinuxSystem
import PluginProto
import TTRPC
import Testing

@Suite("A blueprint that changes under its resources", .serialized)
struct BlueprintChangeTests {
  private static func blueprint(_ tasks: String) -> String {
    """
    apiVersion: mortise.dev/v1
    kind: Blueprint
    metadata: {name: gated}
    spec:
      kind: Gated
      target: local
      schema:
        type: object
        properties: {gate: {type: string}, size: {type: integer}}
      plans:
        - name: record
          when: {phaseIn: [Pending]}
          targetPhase: Recorded
          tasks: \(tasks)
    """
  }

  private static func gated(_ name: String, _ gate: String) -> String {
    "apiVersion: mortise.dev/v1\nkind: Gated\nmetadata: {name: \(name)}\nspec: {gate: \(gate)}\n"
  }

  private static func names(_ object: JSONValue?) -> [String] {
    let tasks = object?["status"]?["history"]?.array?.first?["tasks"]?.array ?? []
    return tasks.compactMap { $0["name"]?.string }
  }

  private static func isDone(_ object: JSONValue?) -> Bool {
    object?["status"]?["phase"]?.string == "Recorded" && object?["status"]?["plan"] == nil
  }

  @Test(
    "the plan in flight ends as it was stamped, the next one is of the new one, and a change that orphans is refused"
  )
  func change() async throws {
    let installation = try Installation(plugins: [])
    let gate = "\(installation.root)/gate"
    let before = Self.blueprint(
      "[{name: first, type: record, params: {gate: \"${spec.gate}\"}}, {name: second, type: record}]"
    )
    try installation.install(
      "recorder", program: "recording-plugin",
      yaml: "name: recorder\nversion: 1.0.0\nexecutable: recording-plugin\n", blueprint: before)
    let host = try RunningHost(installation)
    try await host.apply(text: Self.gated("one", gate))
    let calls = "\(installation.state)/plugins/recorder/calls"
    try await host.within("the first delivery") {
      while try Installation.lines(calls).isEmpty {
        try await host.loop.sleep(for: .milliseconds(10))
      }
    }

    let problems = try await host.problems(text: Self.blueprint("[{name: first, type: picky}]"))
    #expect(problems.map(\.path) == ["spec.plans"])
    let told = problems.first?.message ?? ""
    #expect(told.contains("the type record") && told.contains("gated/one (plan record)"), "\(told)")

    let after = "[{name: look, type: picky}, {name: third, type: record}]"
    try await host.apply(text: Self.blueprint(after))
    try await host.apply(text: Self.gated("two", gate))
    let two = try await host.until("Gated", "two", "the plan of the new blueprint", Self.isDone)
    #expect(Self.names(two) == ["look", "third"])

    try AtomicFile.write([], to: gate)
    let one = try await host.until("Gated", "one", "the end of the plan as stamped", Self.isDone)
    #expect(Self.names(one) == ["first", "second"])
    // Nothing is in flight any more that would need the type.
    try await host.apply(text: Self.blueprint("[{name: first, type: picky}]"))
    try await host.stop()
  }
}
