import JSON
import Model
import Testing

@testable import MortiseCLI

@Suite("a goal is judged by an object's state")
struct GoalTests {
  @Test(
    "steady is met once the plan of the generation completed or nothing is to plan",
    arguments: [
      ("nothing planned yet", Sample.resource(observed: 0), .pending),
      ("a plan runs", Sample.resource(phase: "Initializing", plan: Sample.plan()), .pending),
      (
        "its plan completed",
        Sample.resource(
          phase: "Running", observed: 1, plan: Sample.plan(complete: 3, phase: .complete)),
        .met
      ),
      (
        "it completed but another phase is due",
        Sample.resource(
          phase: "Initializing", observed: 1, plan: Sample.plan(complete: 3, phase: .complete)),
        .pending
      ),
      ("it was cleared", Sample.resource(phase: "Running", observed: 1), .met),
      (
        "the plan of an earlier generation runs",
        Sample.resource(phase: "Running", generation: 2, plan: Sample.plan(generation: 1)), .pending
      ),
      (
        "the earlier generation was carried out",
        Sample.resource(phase: "Running", generation: 2, observed: 1), .pending
      ),
      (
        "the plan of an earlier generation failed",
        Sample.resource(phase: "Running", generation: 2, plan: Sample.failedPlan()), .pending
      ),
      (
        "the plan was cancelled",
        Sample.resource(phase: "Running", plan: Sample.plan(phase: .cancelled)), .pending
      ),
    ] as [(String, Resource, Verdict)])
  func steady(what: String, resource: Resource, verdict: Verdict) {
    let goal = Goal.steady(generation: resource.metadata.generation)
    #expect(goal.verdict(on: resource) == verdict, "\(what)")
  }

  @Test("a revert is no success, nor is its end")
  func reverted() {
    var resource = Sample.resource(phase: "Running", generation: 2, observed: 1)
    resource.status.revert = PlanRevert(.running, of: nil, at: Sample.moment(9))
    var plan = Sample.plan(complete: 3, phase: .complete, generation: 2)
    plan.reverts = "update"
    for plan in [plan, nil] {
      resource.status.plan = plan
      #expect(Goal.steady(generation: 2).verdict(on: resource) == .pending)
    }
    resource.status.revert?.end(.complete, at: Sample.moment(9))
    #expect(Goal.steady(generation: 2).verdict(on: resource) == .pending)
  }

  @Test("a failed plan fails steady, before and after it was cleared")
  func failed() {
    let reason = "plan init failed: apply-statefulset: ImageUnknown: no image redis:9"
    var resource = Sample.resource(phase: "Initializing", plan: Sample.failedPlan())
    #expect(Goal.steady(generation: 1).verdict(on: resource) == .failed(reason))
    resource.status.history = [
      Sample.record(.failed, detail: Sample.failedPlan().failedTaskDetail)
    ]
    resource.status.plan = nil
    resource.status.retry = PlanRetry(generation: 1, count: 1, notBefore: Sample.moment(9))
    #expect(Goal.steady(generation: 1).verdict(on: resource) == .failed(reason))
    // The retry that runs is not failed yet; nor is a newer spec.
    resource.status.plan = Sample.plan()
    #expect(Goal.steady(generation: 1).verdict(on: resource) == .pending)
    resource.status.plan = nil
    resource.metadata.generation = 2
    #expect(Goal.steady(generation: 2).verdict(on: resource) == .pending)
  }

  @Test("what can't become steady by itself fails it")
  func stuck() {
    var paused = Sample.resource()
    paused.spec = ["paused": true]
    #expect(
      Goal.steady(generation: 1).verdict(on: paused)
        == .failed("it is paused; see: mortise resume statefulnode/redis"))
    var deleted = Sample.resource(phase: "Running", observed: 1)
    deleted.metadata.deletionTimestamp = Sample.moment(0)
    #expect(Goal.steady(generation: 1).verdict(on: deleted) == .failed("it is being deleted"))
    var unplannable = Sample.resource()
    unplannable.status.setCondition(
      "Plannable", .isFalse, reason: "UnresolvedReference", message: "no spec.x", generation: 1,
      at: Sample.moment(0))
    #expect(
      Goal.steady(generation: 1).verdict(on: unplannable)
        == .failed("it can't be planned: no spec.x"))
    unplannable.metadata.generation = 2
    #expect(Goal.steady(generation: 2).verdict(on: unplannable) == .pending)
  }

  @Test("phase, condition and deletion are met when they are there, and never failed by a plan")
  func others() {
    var resource = Sample.resource(phase: "Running", plan: Sample.failedPlan())
    resource.status.setCondition(
      "Ready", .isFalse, reason: "NotReady", generation: 1, at: Sample.moment(0))
    #expect(Goal.phase("Running").verdict(on: resource) == .met)
    #expect(Goal.phase("Stopped").verdict(on: resource) == .pending)
    #expect(Goal.condition(type: "Ready", status: .isFalse).verdict(on: resource) == .met)
    #expect(Goal.condition(type: "Ready", status: .isTrue).verdict(on: resource) == .pending)
    #expect(Goal.condition(type: "Other", status: .isTrue).verdict(on: resource) == .pending)
    #expect(Goal.deleted.verdict(on: resource) == .pending)
    #expect(Goal.deleted.verdict(on: nil) == .met)
    #expect(Goal.phase("Running").verdict(on: nil) == .absent)
    #expect(Goal.steady(generation: 1).verdict(on: nil) == .absent)
  }
}
