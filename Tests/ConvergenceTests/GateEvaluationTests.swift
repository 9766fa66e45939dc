import JSON
import Testing

@testable import Convergence
@testable import Model

private typealias Subject = GateEvaluation.Subject

private func fresh(_ intent: Intent?) -> Subject {
  Subject(intent: intent, isFresh: true, unreachable: nil)
}

private func stale(_ intent: Intent?) -> Subject {
  Subject(intent: intent, isFresh: false, unreachable: nil)
}

private func cut(_ intent: Intent?, isFresh: Bool = false) -> Subject {
  Subject(intent: intent, isFresh: isFresh, unreachable: "no driver")
}

private let ready = intent(.committed, observed: ["ready": 2, "phase": "Bound"])
private let expiring = intent(.commitFailed, error: broken, notBefore: at(9))
private let lost = intent(.commitFailed, error: broken)
private let stuck = intent(.removeFailed, error: broken)

private func clause(
  _ test: GateClause.Test, _ path: JSONPath = JSONPath(), _ value: JSONValue = .null,
  on key: IntentKey = volume
) -> GateClause {
  GateClause(intent: key, test: test, path: path, value: value)
}

private func evaluate(_ clauses: [GateClause], _ subjects: [IntentKey: Subject]) -> GateEvaluation {
  GateEvaluation(of: Gate(clauses: clauses)) { subjects[$0] ?? fresh(nil) }
}

private func gone(_ intent: Intent?) -> Subject {
  Subject(intent: intent, isFresh: true, unreachable: "gone", isTargetGone: true)
}

private let targetGone = GateVerdict.failed(
  TaskError(
    reason: "TargetGone", message: "Volume default/one on local: its target is gone for good"))
private let failed = GateVerdict.failed(
  TaskError(reason: "Broken", message: "Volume default/one on local: it is broken"))
private let away = GateVerdict.unreachable("local: no driver")

@Suite("A gate is met by verified state alone")
struct GateEvaluationTests {
  @Test(
    "one clause over one intent gives one verdict",
    arguments: [
      ("committed and fresh", clause(.committed), fresh(ready), .met),
      ("equal", clause(.equals, "phase", "Bound"), fresh(ready), .met),
      ("at least, equal", clause(.atLeast, "ready", 2), fresh(ready), .met),
      ("at least, more", clause(.atLeast, "ready", 1.5), fresh(ready), .met),
      ("absent and not there", clause(.absent), fresh(nil), .met),
      ("absent, target gone", clause(.absent), gone(ready), .met),
      ("settled, target gone", clause(.settled), gone(intent(.pending)), .met),
      ("settled, given up, target gone", clause(.settled), gone(lost), .met),
      ("committed, target gone", clause(.committed), gone(ready), targetGone),
      ("equal, target gone", clause(.equals, "phase", "Bound"), gone(ready), targetGone),
      ("settled and there", clause(.settled), fresh(ready), .met),
      ("settled and not there", clause(.settled), fresh(nil), .met),
      ("settled, being removed", clause(.settled), fresh(intent(.deletePending)), .unsettled),
      ("settled, being applied", clause(.settled), fresh(intent(.pending)), .unsettled),
      ("settled, given up", clause(.settled), fresh(lost), failed),
      ("settled, a removal given up", clause(.settled), fresh(stuck), failed),
      (
        "not there", clause(.committed), fresh(nil),
        .unmet("Volume default/one on local is not there")
      ),
      (
        "not equal", clause(.equals, "phase", "Lost"), fresh(ready),
        .unmet("phase of Volume default/one on local is \"Bound\", wants \"Lost\"")
      ),
      (
        "too few", clause(.atLeast, "ready", 3), fresh(ready),
        .unmet("ready of Volume default/one on local is 2, wants at least 3")
      ),
      (
        "not observed", clause(.equals, "pods[0].uid", "x"), fresh(ready),
        .unmet("pods[0].uid of Volume default/one on local is null, wants \"x\"")
      ),
      (
        "no number", clause(.atLeast, "phase", 1), fresh(ready),
        .unmet("phase of Volume default/one on local is \"Bound\", wants at least 1")
      ),
      (
        "written and not yet applied", clause(.committed), fresh(intent(.pending)), .unsettled
      ),
      (
        "failed, to be tried again", clause(.committed), fresh(expiring),
        .unmet("Volume default/one on local is commitFailed (Broken: it is broken)")
      ),
      ("given up", clause(.committed), fresh(lost), failed),
      ("given up unseen", clause(.equals, "phase", "Bound"), stale(lost), failed),
      ("given up, target away", clause(.committed), cut(lost), failed),
      ("a removal given up", clause(.absent), fresh(stuck), failed),
      ("a removal given up, wanted", clause(.committed), fresh(stuck), failed),
      (
        "an apply given up, to be absent", clause(.absent), fresh(lost),
        .unmet("Volume default/one on local is still there (Broken: it is broken)")
      ),
      (
        "being removed", clause(.absent), fresh(intent(.deletePending)), .unsettled
      ),
      (
        "a removal that failed, to be tried again", clause(.absent),
        fresh(intent(.deletePending, error: broken, notBefore: at(9))),
        .unmet("Volume default/one on local is still there (Broken: it is broken)")
      ),
      ("target away", clause(.committed), cut(ready, isFresh: true), away),
    ] as [(String, GateClause, GateEvaluation.Subject, GateVerdict)])
  func verdicts(
    _ what: String, _ clause: GateClause, _ subject: GateEvaluation.Subject, _ verdict: GateVerdict
  ) {
    let evaluation = evaluate([clause], [volume: subject])
    #expect(evaluation.verdict == verdict, "\(what)")
    #expect(evaluation.stale.isEmpty, "\(what)")
  }

  @Test(
    "what was not verified since the gate was registered is verified first, whatever it shows",
    arguments: [
      clause(.committed), clause(.equals, "phase", "Bound"), clause(.atLeast, "ready", 1),
      clause(.equals, "phase", "Lost"),
    ])
  func staleness(_ clause: GateClause) {
    let evaluation = evaluate([clause], [volume: stale(ready)])
    #expect(evaluation.verdict == .unsettled)
    #expect(evaluation.unmet.map(\.message) == ["Volume default/one on local is being verified"])
    #expect(evaluation.stale == [volume])
  }

  @Test("only committed intents are verified: the others are looked after anyway")
  func staleStates() {
    for (name, intent) in allIntents where name != "committed" {
      #expect(evaluate([clause(.committed)], [volume: stale(intent)]).stale.isEmpty, "\(name)")
    }
  }

  @Test("of two clauses the graver verdict counts, in either order")
  func conjunction() {
    let met = clause(.committed)
    let other = clause(.committed, on: service)
    let rows: [(Subject, GateVerdict)] = [
      (fresh(intent(.committed, key: service)), .met),
      (fresh(intent(.pending, key: service)), .unsettled),
      (
        fresh(intent(.commitFailed, key: service, error: broken, notBefore: at(9))),
        .unmet("Service default/one on edge is commitFailed (Broken: it is broken)")
      ),
      (cut(intent(.committed, key: service)), .unreachable("edge: no driver")),
      (
        fresh(intent(.commitFailed, key: service, error: broken)),
        .failed(TaskError(reason: "Broken", message: "Service default/one on edge: it is broken"))
      ),
    ]
    for (subject, verdict) in rows {
      let subjects = [volume: fresh(ready), service: subject]
      #expect(evaluate([met, other], subjects).verdict == verdict)
      #expect(evaluate([other, met], subjects).verdict == verdict)
    }
    // What is known counts before what is still being done.
    let mixed = [volume: fresh(intent(.pending)), service: fresh(nil)]
    let missing = GateVerdict.unmet("Service default/one on edge is not there")
    #expect(evaluate([met, other], mixed).verdict == missing)
    #expect(evaluate([met, other], mixed).unmet.map(\.isSettled) == [false, true])
    let unmet = [volume: fresh(intent(.pending)), service: cut(nil)]
    #expect(evaluate([met, other], unmet).verdict == .unreachable("edge: no driver"))
    #expect(evaluate([other, met], unmet).verdict == .unreachable("edge: no driver"))
    let hopeless = [volume: fresh(lost), service: cut(nil)]
    #expect(evaluate([met, other], hopeless).verdict == failed)
    #expect(evaluate([other, met], hopeless).verdict == failed)
  }

  @Test("all that is out of date is verified at once, and nothing after a failure")
  func allStale() {
    let clauses = [clause(.committed), clause(.committed, on: service)]
    let subjects = [volume: stale(ready), service: stale(intent(.committed, key: service))]
    #expect(evaluate(clauses, subjects).stale == [volume, service])
    let hopeless = [
      volume: stale(ready), service: fresh(intent(.commitFailed, key: service, error: broken)),
    ]
    #expect(evaluate(clauses, hopeless).stale.isEmpty)
  }

  @Test("a gate without clauses is met")
  func empty() {
    #expect(evaluate([], [:]).verdict == .met)
  }
}
