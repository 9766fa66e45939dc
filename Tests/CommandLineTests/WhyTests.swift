import JSON
import Model
import Testing

@testable import MortiseCLI

@Suite("why tells what is waited for")
struct WhyTests {
  private static let key = ObjectKey(kind: "StatefulNode", namespace: "default", name: "redis")

  private static let waiting = Explanation(
    resource: key, state: .waiting, phase: "Initializing",
    summary: "task apply-statefulset waits for StatefulSet default/redis",
    since: Sample.moment(-75), plan: "init",
    waits: [
      Explanation.Waiting(
        .gate, subject: "StatefulSet default/redis",
        message: "status.readyReplicas is 0, wants at least 1", observed: 0,
        since: Sample.moment(-60), until: Sample.moment(30),
        wakes: "a change of StatefulSet default/redis on local")
    ], nextSteps: ["mortise describe statefulnode/redis"])

  @Test("cause, observed value, since when, until when, what wakes it and what to do")
  func text() async throws {
    let host = try FakeHost(
      HostRecord([Sample.resource()]) { $0.explanation = Self.waiting.json })
    defer { try? host.stop() }
    let result = try await mortise("why", "statefulnode", "redis", host: host)
    #expect(result.code == .ok)
    #expect(
      result.output == """
        statefulnode/redis Waiting: task apply-statefulset waits for StatefulSet default/redis
          phase Initializing, plan init, for 1m15s

        waits for StatefulSet default/redis, for 1m00s
          status.readyReplicas is 0, wants at least 1
          until: 2026-01-31T12:00:30.000Z, in 30s
          woken by: a change of StatefulSet default/redis on local

        next:
          mortise describe statefulnode/redis

        """)
    let narrow = try await mortise(
      ["why", "statefulnode/redis"], host: host, terminal: TerminalSize(columns: 40, rows: 24),
      environment: ["NO_COLOR": "1"])
    for line in narrow.lines { #expect(DisplayText.width(line) <= 46, "\(line)") }
    let json = try await mortise("why", "statefulnode/redis", "-o", "json", host: host)
    #expect(try JSONValue(parsing: json.output) == Self.waiting.json)
  }

  @Test("a failure names task, error and moment")
  func failure() {
    let explanation = Explanation(
      resource: Self.key, state: .failed, phase: "Initializing", summary: "plan init failed once",
      failure: Explanation.Failure(
        plan: "init", task: "mark-ready",
        error: TaskError(reason: "ConfigRejected", message: "maxmemory is no number"),
        at: Sample.moment(-5)))
    let text = ExplanationText(
      explanation: explanation, appearance: .plain, now: Sample.moment(0))
    #expect(
      text.lines == [
        "statefulnode/redis Failed: plan init failed once", "  phase Initializing", "",
        "failed: init/mark-ready, 5s ago", "  ConfigRejected: maxmemory is no number",
      ])
  }

  @Test("a name alone is enough where it is one object's")
  func nameAlone() async throws {
    let blueprint = Resource(
      apiVersion: "mortise.dev/v1", kind: "Blueprint", metadata: ObjectMeta(name: "redis"),
      spec: [:])
    let host = try FakeHost(
      HostRecord([Sample.resource(), blueprint]) { $0.explanation = Self.waiting.json })
    defer { try? host.stop() }
    #expect(try await mortise("why", "redis", host: host).code == .ok)
    #expect(host.record.calls.last == "why statefulnode default/redis")
    let none = try await mortise("why", "nothing", host: host)
    #expect(none.code == .notFound)
    #expect(none.errors.contains("nothing in namespace \"default\" is called \"nothing\""))
    let twin = Resource(
      apiVersion: "mortise.dev/v1", kind: "Thing", metadata: ObjectMeta(name: "redis"), spec: [:])
    let other = try FakeHost(HostRecord([Sample.resource(), twin]))
    defer { try? other.stop() }
    let several = try await mortise("why", "redis", host: other)
    #expect(several.code == .usage)
    #expect(several.errors.contains("statefulnode/redis, thing/redis"))
  }
}
