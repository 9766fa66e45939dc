import JSON
import Model
import Planning
import Testing

@testable import Daemon
@testable import PluginSupervision

private let now = Situation.moment
private let planner = TaskRunPlanner(now: now)
private let holder = IntentOwner(
  resource: ObjectKey(kind: TaskRun.kind, namespace: "default", name: "other"), uid: "uid-2")

@Suite("Why a task's run is where it is")
struct ExplainerTaskRunTests {
  @Test(
    "no plan",
    arguments: [
      Row(
        "no pass yet", { _ in }, Answer(state: .running, waits: [], says: ["to be taken up"])
      ),
      Row(
        "its plugin is to be asked", { $0.resource.status.setTaskRun(TaskRunStatus(run: 1)) },
        Answer(state: .running, waits: [], says: ["about to be asked for its phases"])
      ),
      Row(
        "no plugin serves its type",
        { situation in
          situation.resource.status.setTaskRun(TaskRunStatus(run: 1))
          planner.wait(.pluginUnavailable, "nobody serves it", &situation.resource)
          situation.plugins = []
        },
        Answer(
          state: .waiting, waits: ["Plugin grow-box"],
          says: [
            "phases are not known", "no installed plugin serves grow-box",
            "a plugin becoming ready that serves grow-box",
          ], next: ["mortise plugins"])
      ),
      Row(
        "the answer of its plugin was lost",
        { situation in
          situation.resource.status.setTaskRun(TaskRunStatus(run: 1))
          planner.wait(.pluginUnavailable, "Hung: no answer", &situation.resource)
        },
        Answer(
          state: .waiting, waits: ["Plugin grow-box"], says: ["Hung: no answer"],
          next: ["mortise plugins"])
      ),
      Row(
        "its phases have no room",
        tooLarge { $0.setTaskRun(TaskRunStatus(run: 1)) },
        Answer(
          state: .stuck, waits: ["Person run 1"],
          says: ["run 1 can't be planned: StatusTooLarge", "at most 4", "a change of the spec"],
          next: ["mortise get taskrun/one -o yaml", "mortise apply -f FILE"])
      ),
      Row(
        "its revert has no room",
        tooLarge { status in
          status.setTaskRun(ended(.failed))
          status.revert = PlanRevert(.pending, of: nil, at: now)
        },
        Answer(
          state: .stuck, waits: ["Person run 1"], says: ["StatusTooLarge"],
          next: ["mortise get taskrun/one -o yaml", "mortise apply -f FILE"])
      ),
      Row(
        "paused before it began", { $0.resource.spec = ["type": "grow-box", "paused": true] },
        Answer(
          state: .paused, waits: ["Hold spec.paused"], says: ["an operator paused it"],
          next: ["mortise resume taskrun/one"])
      ),
      Row(
        "to be undone",
        { situation in
          situation.resource.status.setTaskRun(ended(.failed))
          situation.resource.status.revert = PlanRevert(.pending, of: nil, at: now)
        }, Answer(state: .running, waits: [], says: ["what it did is about to be undone"])
      ),
    ])
  func withoutPlan(_ row: Row) {
    row.check(.run)
  }

  @Test(
    "a plan that is not admitted, or goes on",
    arguments: [
      Row(
        "another one holds its key",
        { situation in
          situation.resource.status.plan = .growing { $0.park(.keyHeld) }
          situation.claims = [Claim(key: "group/kitchen", holder: holder, since: now)]
        },
        Answer(
          state: .waiting, waits: ["Claim key group/kitchen since 90000"],
          says: [
            "key group/kitchen is held by taskrun/other", "the key's holder letting go of it",
          ], next: ["mortise why taskrun/other", "mortise get claims"])
      ),
      Row(
        "its key was let go of a moment ago",
        { $0.resource.status.plan = .growing { $0.park(.keyHeld) } },
        Answer(
          state: .waiting, waits: ["Claim task grow since 90000"],
          says: ["because", "the key's holder letting go"], next: ["mortise get claims"])
      ),
      Row(
        "its type has as many under way as it takes",
        { $0.resource.status.plan = .growing { $0.park(.pluginBusy, "grow-box takes 1 at once") } },
        Answer(
          state: .waiting, waits: ["Plugin grow-box since 90000"],
          says: ["grow-box takes 1 at once", "the end of one of those that are under way"],
          next: ["mortise plugins"])
      ),
      Row(
        "an operator holds it",
        { $0.resource.status.plan = .growing { $0.park(.operatorHold, "held by an operator") } },
        Answer(
          state: .waiting, waits: ["Person task grow since 90000"], says: ["held by an operator"],
          next: ["mortise holds"])
      ),
      Row(
        "its revert is in a plugin", { $0.resource.status.plan = undoing },
        Answer(
          state: .running, waits: ["Task task grow"],
          says: ["(1 of 2 of plan revert)", "carried out by boxes@1.0.0"],
          next: ["mortise logs taskrun/one --task grow"])
      ),
    ])
  func planned(_ row: Row) {
    row.check(.run)
  }

  @Test(
    "over",
    arguments: [
      Row(
        "complete", { $0.resource.status.setTaskRun(ended(.complete)) },
        Answer(state: .steady, waits: [], says: ["run 1 is Complete"])
      ),
      Row(
        "a task failed, and all was undone",
        { situation in
          situation.resource.status.setTaskRun(ended(.failed, "grow: Broken: no use"))
          situation.resource.status.forward = failedPlan
          situation.resource.status.revert = PlanRevert(.complete, of: nil, at: now)
        },
        Answer(
          state: .failed, waits: [],
          says: ["run 1 is Failed, its revert is Complete", " grow/grow Broken: no use"],
          next: ["mortise describe taskrun/one", "mortise events taskrun/one"])
      ),
      Row(
        "there was no room on its target",
        { situation in
          situation.resource.status.setTaskRun(
            ended(.failed, "admission: NoRoom: lamp holds 4 of Membership"))
          situation.resource.status.forward = .growing()
        },
        Answer(
          state: .failed, waits: [], says: [" grow/admission NoRoom: lamp holds 4"],
          next: ["mortise describe taskrun/one", "mortise events taskrun/one"])
      ),
      Row(
        "its plugin refused it",
        { $0.resource.status.setTaskRun(ended(.failed, "NoSuchGroup: kitchen")) },
        Answer(
          state: .failed, waits: [], says: ["run-1/ NoSuchGroup: kitchen"],
          next: ["mortise describe taskrun/one", "mortise events taskrun/one"])
      ),
      Row(
        "its revert failed, too",
        { situation in
          situation.resource.status.setTaskRun(ended(.failed, "grow: Broken: no use"))
          situation.resource.status.forward = failedPlan
          var revert = PlanRevert(.pending, of: nil, at: now)
          revert.end(.failed, message: "revert-grow: Stuck: it won't shrink", at: now)
          situation.resource.status.revert = revert
        },
        Answer(
          state: .failed, waits: [], says: ["revert/revert-grow Stuck: it won't shrink"],
          next: ["mortise describe taskrun/one", "mortise events taskrun/one"])
      ),
      Row(
        "past the point of no return",
        { situation in
          situation.resource.status.setTaskRun(ended(.failed, "grow: Broken: no use"))
          situation.resource.status.revert = PlanRevert(
            .refused, of: nil, message: "phase activate is its point of no return", at: now)
        },
        Answer(
          state: .failed, waits: [], says: ["phase activate is its point of no return"],
          next: ["mortise describe taskrun/one", "mortise events taskrun/one"])
      ),
    ])
  func over(_ row: Row) {
    row.check(.run)
  }

  @Test(
    "on its way out",
    arguments: [
      Row(
        "over", { $0.resource.status.setTaskRun(ended(.complete)) },
        Answer(state: .deleting, waits: [], says: ["the object goes next"])
      ),
      Row(
        "its plan is to be stopped", { $0.resource.status.plan = .growing() },
        Answer(state: .deleting, waits: [], says: ["plan grow is being cancelled"])
      ),
      Row(
        "its revert goes on to its end", { $0.resource.status.plan = undoing },
        Answer(
          state: .deleting, waits: ["Task task grow"],
          says: ["it goes when it is over", "carried out by boxes@1.0.0"],
          next: ["mortise logs taskrun/one --task grow"])
      ),
      Row(
        "paused before it was undone",
        { situation in
          situation.resource.spec = ["type": "grow-box", "paused": true]
          situation.resource.status.setTaskRun(ended(.cancelled))
          situation.resource.status.revert = PlanRevert(.pending, of: nil, at: now)
        },
        Answer(
          state: .deleting, waits: ["Hold spec.paused"],
          says: ["it goes when it is over", "an operator paused it"],
          next: ["mortise resume taskrun/one"])
      ),
    ])
  func deleting(_ row: Row) {
    var run = Situation.run
    run.resource.metadata.deletionTimestamp = Timestamp(milliseconds: 50_000)
    row.check(run)
  }
}

/// A status that the store had no room for.
private func tooLarge(_ change: @escaping @Sendable (inout ResourceStatus) -> Void) -> Change {
  { situation in
    change(&situation.resource.status)
    situation.resource.status.setCondition(
      ConditionType.plannable, .isFalse, reason: "StatusTooLarge",
      message: "it has 5 bytes; the store keeps at most 4", generation: 1, at: now)
  }
}

private func ended(_ state: TaskRunState, _ message: String = "") -> TaskRunStatus {
  var run = TaskRunStatus(run: 1)
  run.state = state
  run.message = message
  run.finishedAt = now
  return run
}

private var failedPlan: Plan {
  var plan = Plan.growing { task in
    task.state = .failed
    task.error = TaskError(reason: "Broken", message: "no use")
  }
  plan.phase = .failed
  plan.failedTaskIndex = 0
  plan.endedAt = now
  return plan
}

/// A revert whose first task a plugin has.
private var undoing: Plan {
  var plan = Plan.growing { task in
    task.state = .running
    task.plugin = "boxes@1.0.0"
  }
  plan.name = "revert"
  plan.reverts = "plan-0"
  return plan
}

extension Situation {
  /// A run that nobody has looked at yet, its plugin ready.
  fileprivate static var run: Situation {
    var situation = box
    situation.blueprint = .taskRun
    situation.resource = Resource(
      apiVersion: APIVersion.current, kind: TaskRun.kind,
      metadata: ObjectMeta(name: "one", uid: "uid-1"), spec: ["type": "grow-box"])
    return situation
  }
}
