import JSON
import Model
import Rollout
import TTRPC
import Testing

@testable import MortiseCLI

@Suite("rollout status tells what a rollout has come to")
struct RolloutStatusTests {
  private static let trouble = "shop-0, task write: no room"

  @Test(
    "--wait ends by the rollout's own state, with and without --settled",
    arguments: [
      ("complete", SampleRollout(state: .complete), .ok, .ok),
      ("failed", SampleRollout(state: .failed, trouble: trouble), .failed, .failed),
      ("cancelled", SampleRollout(state: .cancelled), .failed, .failed),
      ("stopped", SampleRollout(state: .stopped), .failed, .failed),
      ("degraded", SampleRollout(children: [.running: 1], trouble: trouble), .degraded, nil),
      ("unknown", SampleRollout(children: [.unknown: 1], trouble: trouble), .degraded, nil),
      ("paused", SampleRollout(isPaused: true), .paused, .paused),
      ("before its first attempt", SampleRollout(state: nil, isPaused: true), .paused, .paused),
      ("behind the canaries", SampleRollout(isBehindCanaries: true), .paused, .paused),
      (
        "behind canaries of which one failed",
        SampleRollout(trouble: trouble, isBehindCanaries: true), .degraded, .paused
      ),
      ("paused, but one goes on", SampleRollout(children: [.running: 1], isPaused: true), nil, nil),
      (
        "paused, but of one nobody can tell",
        SampleRollout(children: [.unknown: 1], isPaused: true), nil, nil
      ),
      ("a pause that no pass has seen", SampleRollout(isPauseAsked: true), nil, nil),
      ("under way", SampleRollout(children: [.running: 1]), nil, nil),
      ("about to begin", SampleRollout(state: nil), nil, nil),
    ] as [(String, SampleRollout, ExitCode?, ExitCode?)])
  func verdicts(what: String, rollout: SampleRollout, usual: ExitCode?, settled: ExitCode?) throws {
    let reading = try RolloutReading(try rollout.resource)
    #expect(reading.verdict(isPatient: false) == usual, "\(what)")
    #expect(reading.verdict(isPatient: true) == settled, "\(what)")
  }

  @Test("the state of an attempt that the spec has left behind is no verdict")
  func staleAttempt() throws {
    var resource = try SampleRollout(state: .complete).resource
    resource.spec = ["replicas": 9, "template": ["kind": "Box", "spec": [:]]]
    #expect(try RolloutReading(resource).verdict(isPatient: false) == nil)
    var retried = try SampleRollout(state: .failed).resource
    retried.metadata.annotations = [("mortise.dev/rollout-retry", "1")]
    #expect(try RolloutReading(retried).verdict(isPatient: false) == nil)
    retried.metadata.deletionTimestamp = Sample.moment(9)
    #expect(try RolloutReading(retried).verdict(isPatient: false) == .failed)
  }

  private func status(
    _ objects: [Resource], _ options: String..., terminal: TerminalSize? = nil
  ) async throws -> CommandResult {
    let host = try FakeHost(HostRecord(objects))
    defer { try? host.stop() }
    return try await mortise(
      ["rollout", "status", "shop"] + options, host: host, terminal: terminal)
  }

  @Test("in a pipe each child and the rollout are a line each; the end says what is wrong")
  func news() async throws {
    let objects = [
      try SampleRollout(
        onFailure: .continue, children: [.complete: 1, .failed: 1, .running: 1],
        trouble: Self.trouble
      ).resource,
      SampleRollout.child(0, .failed, error: "no room"), SampleRollout.child(1, .complete),
      SampleRollout.child(2, nil),
    ]
    let result = try await status(objects, "--wait")
    #expect(result.code == .degraded)
    #expect(
      result.lines == [
        "shop-0: Failed (write: no room)", "shop-1: Complete", "shop-2: Running",
        "shop: running, degraded 1/3",
      ])
    #expect(
      result.errors.hasPrefix("mortise: nodedeployment/shop is running, degraded: \(Self.trouble)"))
  }

  @Test("a child of which nobody can tell shows why")
  func unknown() async throws {
    var child = SampleRollout.child(0, nil)
    child.status.plan = Sample.plan(complete: 1) { tasks in
      tasks[1].park = Park(
        reason: .outcomeUnknown, message: "the plugin is gone", since: Sample.moment(2))
    }
    let result = try await status([
      try SampleRollout(children: [.unknown: 1], trouble: "x").resource, child,
    ])
    #expect(result.code == .ok)
    let line = try #require(result.lines.first { $0.contains("shop-0") })
    #expect(line.contains("Unknown"))
    #expect(line.contains("apply-statefulset: OutcomeUnknown: the plugin is gone"))
  }

  @Test("a terminal that is too small for all children shows those that matter")
  func excerpt() async throws {
    var objects = [
      try SampleRollout(
        state: .failed, replicas: 100, children: [.complete: 60, .failed: 1, .running: 1],
        trouble: Self.trouble
      ).resource
    ]
    for ordinal in 0..<60 { objects.append(SampleRollout.child(ordinal, .complete)) }
    objects.append(SampleRollout.child(60, .failed, error: "no room"))
    objects.append(SampleRollout.child(61, nil))
    let result = try await status(
      objects, "--wait", terminal: TerminalSize(columns: 80, rows: 10))
    // The last picture: one row is the cursor's.
    let lines = result.lines.suffix(9)
    #expect(lines.first?.contains("60/100") == true)
    #expect(lines.contains { $0.contains("shop-60  Failed") })
    #expect(lines.contains { $0.contains("shop-61  Running") })
    #expect(result.output.contains("and 95 more: 60 complete, 35 pending"))
  }

  @Test("without --wait all children are shown, whatever the terminal's size, and the end is 0")
  func whole() async throws {
    var objects = [try SampleRollout(state: .failed, trouble: Self.trouble).resource]
    for ordinal in 0..<3 { objects.append(SampleRollout.child(ordinal, .complete)) }
    let result = try await status(objects, terminal: TerminalSize(columns: 80, rows: 3))
    #expect(result.code == .ok)
    for ordinal in 0..<3 { #expect(result.output.contains("shop-\(ordinal)  Complete")) }
  }

  @Test("get and watch say running, degraded")
  func elsewhere() async throws {
    let calm = try SampleRollout(children: [.running: 1]).resource
    let degraded = try SampleRollout(children: [.running: 1], trouble: Self.trouble).resource
    let refused = RPCError(.permissionDenied, reason: "Enough", message: "the test is over")
    let host = try FakeHost(
      HostRecord([calm]) { $0.scripts = [[.changed(degraded), .fail(refused)]] })
    defer { try? host.stop() }
    let watched = try await mortise("watch", "nodedeployment/shop", host: host)
    #expect(watched.lines.contains { $0.contains("running, degraded") }, "\(watched.lines)")
    let listing = try FakeHost(HostRecord([degraded]))
    defer { try? listing.stop() }
    let listed = try await mortise("get", "nodedeployments", host: listing)
    #expect(listed.lines.last?.contains("running, degraded") == true, "\(listed.lines)")
  }

  @Test("its help names each exit status that it has")
  func help() throws {
    let page = CommandTable.helpText(CommandTable.rolloutStatus)
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for words in ["0 complete", "1 failed", "6 timed out", "7 running and degraded", "8 paused"] {
      #expect(page.contains(words), "\(words)")
    }
  }
}
