import JSON
import Model
import PluginProto
import Testing

@testable import MortiseCLI

@Suite("What commands print fits the terminal")
struct TerminalWidthTests {
  private static let long = String(repeating: "word and ", count: 30) + "end"
  private static let name = "a-name-as-long-as-names-of-real-clusters-are-0123456789"

  /// An object of which everything is long that may be.
  private static var node: Resource {
    var node = Sample.resource(
      name, phase: "Initializing",
      plan: Sample.plan(complete: 1) { tasks in
        tasks[1].state = .running
        tasks[1].plugin = "workload@1.0.0"
        tasks[1].submittedAt = Sample.moment(-5)
        tasks[1].progress = TaskProgress(message: long, percent: 40)
        tasks[2].error = TaskError(reason: "Broken", message: long)
      })
    node.status.setCondition(
      "Ready", .isFalse, reason: "NotReady", message: long, generation: 1, at: Sample.moment(-5))
    return node
  }

  private static func host() throws -> FakeHost {
    let event = Event(
      subject: node.key, subjectUID: node.metadata.uid, severity: .warning, reason: .planFailed,
      message: long, at: Sample.moment(-3))
    return try FakeHost(
      HostRecord([node]) { state in
        state.objects.append(event.json)
        state.explanation =
          Explanation(
            resource: node.key, state: .failed, phase: "Initializing", summary: long,
            waits: [
              Explanation.Waiting(.gate, subject: "StatefulSet", message: long, wakes: long)
            ],
            failure: Explanation.Failure(
              plan: "init", task: "apply", error: TaskError(reason: "Broken", message: long),
              at: nil), nextSteps: ["mortise describe statefulnode/\(name)"]
          ).json
        state.plugins = [
          HostV1.PluginStatus(name: name, version: "1.0.0", state: "Backoff", message: long)
        ]
      })
  }

  private static let commands: [[String]] = [
    ["get", "statefulnodes"], ["get", "statefulnodes", "-o", "wide"], ["get", "events"],
    ["describe", "statefulnode", name], ["why", "statefulnode/\(name)"], ["events"], ["plugins"],
    ["plugins", "-o", "wide"], ["help", "get"], ["help"],
  ]

  @Test(
    "no line is wider than 80 columns, nor than 100, and without colours no escapes come",
    arguments: commands, [80, 100])
  func fits(command: [String], columns: Int) async throws {
    let host = try Self.host()
    defer { try? host.stop() }
    let terminal = TerminalSize(columns: columns, rows: 24)
    let plain = try await mortise(
      command, host: host, terminal: terminal, environment: ["NO_COLOR": "1"])
    #expect(plain.code == .ok, "\(plain.errors)")
    #expect(!plain.lines.isEmpty)
    for line in plain.lines where !Self.isCopied(line) {
      #expect(DisplayText.width(line) <= columns, "\(line)")
    }
    #expect(!plain.output.contains("\u{1B}"), "\(plain.output)")
    let coloured = try await mortise(command, host: host, terminal: terminal)
    #expect(Self.withoutColours(coloured.output) == plain.output)
    let piped = try await mortise(command, host: host)
    #expect(!piped.output.contains("\u{1B}"))
  }

  @Test("why colours what it says of a state, on a terminal")
  func colours() async throws {
    let host = try Self.host()
    defer { try? host.stop() }
    let result = try await mortise(
      "why", "statefulnode/\(Self.name)", host: host, terminal: .usual)
    #expect(result.output.contains("\u{1B}[31mFailed"), "\(result.output)")
  }

  /// A command line to be copied is not broken in two.
  private static func isCopied(_ line: String) -> Bool { line.hasPrefix("  mortise ") }

  private static func withoutColours(_ text: String) -> String {
    text.replacing(/\u{1B}\[[0-9]+m/, with: "")
  }
}
