import JSON
import Model
import Testing

@testable import Rollout

@Suite("What became of a child's turn")
struct ChildOutcomeTests {
  private static let rules = TurnRules(
    readyCondition: nil, minReady: .seconds(0), progressDeadline: .seconds(60))

  private static func moment(_ seconds: Int64) -> Timestamp {
    Timestamp(milliseconds: seconds * 1000)
  }

  private static func child(_ change: (inout Resource) -> Void) -> Resource {
    var child = Resource(
      apiVersion: APIVersion.current, kind: "Box",
      metadata: ObjectMeta(name: "shop-2", generation: 2), spec: [:])
    change(&child)
    return child
  }

  private static var record: ChildRecord {
    ChildRecord(
      attempt: 1, revision: 1, onFailure: .halt, generation: 2, after: "old",
      startedAt: moment(10))
  }

  private static func ended(
    _ id: String, _ phase: PlanPhase, generation: Int64 = 2, at seconds: Int64 = 20,
    detail: String = ""
  ) -> PlanRecord {
    PlanRecord(
      id: id, name: "init", phase: phase, generation: generation, startedAt: moment(11),
      endedAt: moment(seconds), detail: detail)
  }

  private static func outcome(
    _ child: Resource, _ rules: TurnRules = rules, at seconds: Int64 = 30,
    record: ChildRecord = record
  ) -> ChildOutcome {
    ChildOutcome(of: child, record, rules, at: moment(seconds))
  }

  @Test("it is complete once its spec is carried out, and for as long as asked")
  func complete() {
    let steady = Self.child { child in
      child.status.observedGeneration = 2
      child.status.history = [Self.ended("p", .complete)]
    }
    #expect(
      Self.outcome(steady) == .ended(ChildRecord.Result(.complete, at: Self.moment(20))))
    var rules = Self.rules
    rules.minReady = .seconds(15)
    #expect(
      Self.outcome(steady, rules, at: 30) == .live(.running, recheckAt: Self.moment(35)))
    #expect(
      Self.outcome(steady, rules, at: 35)
        == .ended(ChildRecord.Result(.complete, at: Self.moment(35))))
    let planned = Self.child { $0.status.observedGeneration = 1 }
    #expect(Self.outcome(planned) == .live(.running, recheckAt: Self.moment(70)))
  }

  @Test("a condition that is Unknown, False or not set is no readiness")
  func readiness() {
    var rules = Self.rules
    rules.readyCondition = "Ready"
    for status in [nil] + Condition.Status.allCases {
      let child = Self.child { child in
        child.status.observedGeneration = 2
        guard let status else { return }
        child.status.setCondition(
          "Ready", status, reason: "R", generation: 2, at: Self.moment(25))
      }
      let expected: ChildOutcome =
        status == .isTrue
        ? .ended(ChildRecord.Result(.complete, at: Self.moment(25)))
        : .live(.running, recheckAt: Self.moment(70))
      #expect(Self.outcome(child, rules) == expected, "\(status as Any)")
    }
  }

  @Test("the first failure counts, whatever the child did about it since")
  func sticky() {
    let failure = Self.ended("a", .failed, at: 20, detail: "do: Broken: no: use")
    let expected = ChildOutcome.ended(
      ChildRecord.Result(.failed, task: "do", error: "Broken: no: use", at: Self.moment(20)))
    let seenLate = Self.child { child in
      child.status.observedGeneration = 2
      child.status.history = [
        Self.ended("c", .complete, at: 29), Self.ended("b", .failed, at: 25), failure,
        Self.ended("old", .failed, at: 5), Self.ended("older", .failed, at: 4),
      ]
    }
    let seenAtOnce = Self.child { child in
      child.status.history = [failure, Self.ended("old", .failed, at: 5)]
    }
    #expect(Self.outcome(seenLate) == expected)
    #expect(Self.outcome(seenAtOnce) == expected)
  }

  @Test("plans before the turn and plans of an earlier spec don't count")
  func earlier() {
    let child = Self.child { child in
      child.status.history = [
        Self.ended("stale", .failed, generation: 1), Self.ended("old", .failed, generation: 2),
      ]
    }
    #expect(Self.outcome(child) == .live(.running, recheckAt: Self.moment(70)))
  }

  @Test("a cancel by a person, by the rollout, and by a replan are three things")
  func cancelled() {
    func outcome(_ annotation: String?, stopping: String = "") -> ChildOutcome {
      var record = Self.record
      record.stopping = stopping
      let child = Self.child { child in
        if let annotation { child.metadata.annotations = [(annotation, "p")] }
        child.status.history = [Self.ended("p", .cancelled)]
      }
      return Self.outcome(child, record: record)
    }
    #expect(
      outcome(ObjectMeta.cancelAnnotation)
        == .ended(
          ChildRecord.Result(.cancelled, error: "plan init was cancelled", at: Self.moment(20))))
    #expect(
      outcome(ObjectMeta.cancelAnnotation, stopping: "p")
        == .ended(
          ChildRecord.Result(
            .stopped, error: "plan init was ended by the rollout", at: Self.moment(20))))
    #expect(
      outcome(ObjectMeta.replanAnnotation) == .live(.running, recheckAt: Self.moment(70)))
  }

  @Test("what can't be planned has failed; what nobody can tell is unknown until time runs out")
  func others() {
    let unplannable = Self.child { child in
      child.status.setCondition(
        ConditionType.plannable, .isFalse, reason: "UnresolvedReference", message: "spec.x",
        generation: 2, at: Self.moment(12))
    }
    #expect(
      Self.outcome(unplannable)
        == .ended(
          ChildRecord.Result(
            .failed, error: "UnresolvedReference: spec.x", at: Self.moment(12))))
    let unknown = Self.child { child in
      var task = PlannedTask(
        id: "t", name: "do", type: "do", params: [:], timeout: .seconds(300))
      task.park = Park(reason: .outcomeUnknown, message: "lost", since: Self.moment(15))
      child.status.plan = Plan(
        id: "p", name: "init", generation: 2, target: "", targetPhase: "", failedPhase: "",
        condition: nil, tasks: [task], startedAt: Self.moment(11))
    }
    #expect(Self.outcome(unknown) == .live(.unknown, recheckAt: Self.moment(70)))
    guard case .ended(let result) = Self.outcome(unknown, at: 70) else {
      Issue.record("the deadline ends the turn")
      return
    }
    #expect((result.state, result.task) == (.failed, "do"))
    #expect(result.error.contains("OutcomeUnknown: lost"))
  }

  @Test("a record is read back as it was written; one that can't be read is none")
  func records() {
    var record = Self.record
    record.stopping = "p"
    record.result = ChildRecord.Result(
      .failed, task: "do", error: String(repeating: "x", count: 9999), at: Self.moment(3))
    var metadata = ObjectMeta(name: "shop-2")
    metadata.childRecord = record
    #expect(metadata.childRecord == record)
    #expect(record.result?.error.count == ChildRecord.errorLimit)
    metadata.annotations = [(ChildRecord.annotation, "{\"attempt\": \"two\"}")]
    #expect(metadata.childRecord == nil)
  }
}
