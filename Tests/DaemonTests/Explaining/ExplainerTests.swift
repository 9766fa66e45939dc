import Convergence
import JSON
import Model
import Testing

@testable import Daemon
@testable import PluginSupervision

private let now = Situation.moment
private let volume = IntentKey(target: "local", kind: "Volume", key: "default/one")
private let broken = TaskError(reason: "Broken", message: "it is broken")

@Suite("Why a resource is where it is, in one answer")
struct ExplainerTests {
  @Test(
    "no plan",
    arguments: [
      Row("nothing to do", { _ in }, Answer(state: .steady, waits: [], says: ["no plan applies"])),
      Row(
        "nothing to do after a plan",
        { $0.resource.status.history = [record(.complete)] },
        Answer(state: .steady, waits: [], says: ["the last one, grow, is Complete"])
      ),
      Row(
        "steady, but it can't be looked at",
        { $0.subjects[volume] = away(.committed) },
        Answer(state: .steady, waits: ["Target local"], says: ["the cable is out"])
      ),
      Row(
        "a pass is due",
        { $0.resource.status.phase = "Pending" },
        Answer(
          state: .running, waits: [], says: ["plan grow is about to be made", "phase is Pending"])
      ),
      Row(
        "a reference has no value",
        unplannable("UnresolvedReference", "${spec.colour} has no value"),
        Answer(
          state: .stuck, waits: ["Person plan grow"], says: ["${spec.colour} has no value"],
          next: ["mortise get box/one -o yaml", "mortise apply -f FILE"])
      ),
      Row(
        "its status has no room",
        unplannable("StatusTooLarge", "it has 5 bytes; the store keeps at most 4"),
        Answer(
          state: .stuck, waits: ["Person plan grow"], says: ["StatusTooLarge", "at most 4"],
          next: ["mortise get box/one -o yaml", "mortise apply -f FILE"])
      ),
      Row(
        "its plan was cancelled and undone",
        { situation in
          situation.resource.status.phase = "Pending"
          var revert = PlanRevert(.complete, of: Plan.growing { _ in }, at: now)
          revert.generation = situation.resource.metadata.generation
          revert.barred = ["grow"]
          situation.resource.status.revert = revert
          situation.resource.metadata.annotations = [(ObjectMeta.cancelAnnotation, revert.undoneID)]
        },
        Answer(
          state: .stuck, waits: ["Person plan grow"],
          says: ["plan grow is not made again", "was cancelled"],
          next: ["mortise apply -f FILE", "mortise replan box/one"])
      ),
      Row(
        "nothing teaches its kind", { $0.blueprint = nil },
        Answer(
          state: .stuck, waits: ["Person Blueprint of Box"], says: ["teaches the kind Box"],
          next: ["mortise apply -f BLUEPRINT.yaml"])
      ),
      Row(
        "paused",
        { situation in
          situation.resource.spec = ["paused": true]
          situation.resource.status.plan = Plan.growing { $0.park(.outcomeUnknown) }
        },
        Answer(
          state: .paused, waits: ["Hold spec.paused"], says: ["an operator paused it"],
          next: ["mortise resume box/one"])
      ),
    ])
  func withoutPlan(_ row: Row) {
    row.check(.box)
  }

  @Test(
    "a failed plan",
    arguments: [
      Row(
        "not cleared yet",
        { situation in
          var failed = Plan.growing { $0.state = .failed }
          failed.phase = .failed
          failed.failedTaskIndex = 0
          failed.endedAt = now
          failed.tasks[0].error = broken
          situation.resource.status.plan = failed
        },
        Answer(
          state: .failed, waits: [], says: ["plan grow failed", "Broken: it is broken"],
          next: ["mortise describe box/one"])
      ),
      Row(
        "backing off",
        { situation in
          situation.resource.status.phase = "Pending"
          situation.resource.status.history = [record(.failed)]
          situation.resource.status.retry = PlanRetry(
            generation: 1, count: 3, notBefore: now + .seconds(8))
        },
        Answer(
          state: .failed, waits: ["BackOff plan grow until 108000"],
          says: ["failed 3 times and is tried again", "Broken: no room: at all"],
          next: ["mortise describe box/one", "mortise replan box/one"])
      ),
      Row(
        "for good",
        { situation in
          situation.resource.status.phase = "Failed"
          situation.resource.status.history = [record(.failed)]
          situation.resource.status.retry = PlanRetry(generation: 1, count: 1, notBefore: now)
        },
        Answer(
          state: .failed, waits: ["Person phase Failed"],
          says: ["no plan applies now", "phase is Failed, wants Pending"],
          next: ["mortise describe box/one", "mortise apply -f FILE"])
      ),
      Row(
        "of a spec that has changed since",
        { situation in
          situation.resource.status.history = [record(.failed)]
          situation.resource.status.retry = PlanRetry(
            generation: 0, count: 1, notBefore: now + .seconds(8))
        }, Answer(state: .steady, waits: [], says: ["the last one, grow, is Failed"])
      ),
    ])
  func failed(_ row: Row) {
    row.check(.box)
  }

  @Test(
    "an Active plan",
    arguments: [
      Row(
        "about to be carried out", { $0.resource.status.plan = Plan.growing { _ in } },
        Answer(
          state: .running, waits: [], says: ["task grow (1 of 2 of plan grow)", "about to be"])
      ),
      Row(
        "about to be cancelled",
        { situation in
          situation.resource.status.plan = Plan.growing { _ in }
          situation.resource.metadata.annotations = [(ObjectMeta.replanAnnotation, "plan-1")]
        }, Answer(state: .running, waits: [], says: ["about to be cancelled, as replan asked"])
      ),
      Row(
        "about to be cancelled for good",
        { situation in
          situation.resource.status.plan = Plan.growing { _ in }
          situation.resource.metadata.annotations = [(ObjectMeta.cancelAnnotation, "plan-1")]
        }, Answer(state: .running, waits: [], says: ["about to be cancelled, as cancel asked"])
      ),
      Row(
        "told to stop, and told again",
        { situation in
          var stopping = Plan.growing { task in
            task.state = .running
            task.plugin = "boxes@1.0.0"
            task.nextAttemptAt = now + .seconds(1)
          }
          stopping.cancelRequestedAt = now
          situation.resource.status.plan = stopping
        },
        Answer(
          state: .running, waits: ["Task task grow until 110000"],
          says: ["is being cancelled", "is told again at", "abandoned if it goes on"])
      ),
      Row(
        "told to stop, and asked what became of it",
        { situation in
          var stopping = Plan.growing { task in
            task.outcomeUnknown = true
            task.nextAttemptAt = now + .seconds(1)
          }
          stopping.cancelRequestedAt = now
          situation.resource.status.plan = stopping
        },
        Answer(
          state: .running, waits: ["Task task grow until 110000"],
          says: ["is asked at"])
      ),
      Row(
        "in its plugin",
        { situation in
          situation.resource.status.plan = Plan.growing { task in
            task.state = .running
            task.plugin = "boxes@1.0.0"
            task.progress = TaskProgress(message: "copying", percent: 40)
            task.deadline = now + .seconds(60)
          }
        },
        Answer(
          state: .running, waits: ["Task task grow until 160000"],
          says: ["carried out by boxes@1.0.0", "40 % copying"],
          next: ["mortise logs box/one --task grow"])
      ),
      Row(
        "a gate's clauses, each with what is seen",
        { situation in
          situation.resource.status.plan = Plan.growing { waiting(&$0) }
          situation.subjects[volume] = seen(.committed, observed: ["free": 1])
        },
        Answer(
          state: .waiting,
          waits: ["Gate Volume default/one on local", "Gate Volume default/two on local"],
          says: [
            "free of Volume default/one on local is 1, wants at least 2", "is not there",
            "a change of Volume default/two on local",
          ])
      ),
      Row(
        "an intent that backs off",
        { situation in
          situation.resource.status.plan = Plan.growing { waiting(&$0) }
          situation.subjects[volume] = seen(
            .commitFailed, error: broken, notBefore: now + .seconds(4))
          situation.subjects[other] = seen(.committed, key: other)
        },
        Answer(
          state: .waiting, waits: ["Gate Volume default/one on local until 104000"],
          says: ["is commitFailed (Broken: it is broken)"])
      ),
      Row(
        "a target that is away",
        { situation in
          situation.resource.status.plan = Plan.growing { task in
            waiting(&task)
            task.park(.targetUnreachable)
          }
          situation.subjects[volume] = away(.committed)
          situation.subjects[other] = away(.committed, key: other)
        },
        Answer(
          state: .waiting, waits: ["Target local since 90000"],
          says: ["target local can't be reached: the cable is out"], next: ["mortise plugins"])
      ),
      Row(
        "no plugin at all",
        { situation in
          situation.resource.status.plan = Plan.growing { $0.park(.pluginUnavailable) }
          situation.plugins = []
        },
        Answer(
          state: .waiting, waits: ["Plugin grow-box since 90000"],
          says: ["no installed plugin serves grow-box"], next: ["mortise plugins"])
      ),
      Row(
        "a plugin that is not ready",
        { situation in
          situation.resource.status.plan = Plan.growing { $0.park(.pluginUnavailable) }
          situation.plugins = [.boxes(.backoff, "exit code 1")]
        },
        Answer(
          state: .waiting, waits: ["Plugin grow-box since 90000"],
          says: ["plugin boxes, which is Backoff (exit code 1)"], next: ["mortise plugins"])
      ),
      Row(
        "a plugin that asked for a change",
        { $0.resource.status.plan = Plan.growing { $0.park(.preconditionFailed) } },
        Answer(
          state: .waiting, waits: ["Precondition task grow since 90000"], says: ["because"],
          next: ["mortise logs box/one --task grow"])
      ),
      Row(
        "a plugin that has as many as it takes",
        { $0.resource.status.plan = Plan.growing { $0.park(.pluginBusy) } },
        Answer(
          state: .waiting, waits: ["Plugin grow-box since 90000"],
          says: ["because", "the end of one of those that are under way"],
          next: ["mortise plugins"])
      ),
      Row(
        "an operator holds it",
        { $0.resource.status.plan = Plan.growing { $0.park(.operatorHold) } },
        Answer(
          state: .waiting, waits: ["Person task grow since 90000"],
          says: ["because", "who lets it go on"], next: ["mortise holds"])
      ),
      Row(
        "nobody knows whether it was done",
        { $0.resource.status.plan = Plan.growing { $0.park(.outcomeUnknown) } },
        Answer(
          state: .waiting, waits: ["Person task grow since 90000"], says: ["because"],
          next: ["mortise logs box/one --task grow", "mortise replan box/one"])
      ),
      Row(
        "a delivery that was not accepted",
        { situation in
          situation.resource.status.plan = Plan.growing { task in
            task.refusals = 2
            task.error = broken
            task.nextAttemptAt = now + .seconds(2)
          }
        },
        Answer(
          state: .waiting, waits: ["BackOff task grow until 102000"],
          says: ["delivery 2 was not accepted (Broken: it is broken)"],
          next: ["mortise describe box/one"])
      ),
      Row(
        "an attempt that failed",
        { situation in
          situation.resource.status.plan = Plan.growing { task in
            task.attempt = 2
            task.retriesLeft = 1
            task.nextAttemptAt = now + .seconds(2)
          }
        },
        Answer(
          state: .waiting, waits: ["BackOff task grow until 102000"], says: ["attempt 1 failed"],
          next: ["mortise describe box/one"])
      ),
    ])
  func active(_ row: Row) {
    row.check(.box)
  }

  @Test(
    "on its way out",
    arguments: [
      Row(
        "its plan first", { $0.resource.status.plan = Plan.growing { _ in } },
        Answer(state: .deleting, waits: [], says: ["being cancelled"])
      ),
      Row(
        "nothing left", { _ in },
        Answer(state: .deleting, waits: [], says: ["the object goes next"])
      ),
      Row(
        "a removal under way", { $0.subjects[volume] = seen(.deletePending) },
        Answer(
          state: .deleting, waits: ["Removal Volume default/one on local since 50000"], says: [])
      ),
      Row(
        "a removal that was given up",
        { $0.subjects[volume] = seen(.removeFailed, error: broken) },
        Answer(
          state: .deleting, waits: ["Person Volume default/one on local since 50000"],
          says: ["it is broken"], next: ["mortise delete box/one"])
      ),
      Row(
        "a target that is away", { $0.subjects[volume] = away(.deletePending) },
        Answer(state: .deleting, waits: ["Target local since 50000"], says: ["the cable is out"])
      ),
    ])
  func deleting(_ row: Row) {
    var leaving = Situation.box
    leaving.resource.metadata.deletionTimestamp = Timestamp(milliseconds: 50_000)
    row.check(leaving)
  }
}

private let other = IntentKey(target: "local", kind: "Volume", key: "default/two")
private let box = ObjectKey(kind: "Box", namespace: "default", name: "one")

private func unplannable(_ reason: String, _ message: String) -> Change {
  { situation in
    situation.resource.status.phase = "Pending"
    situation.resource.status.setCondition(
      ConditionType.plannable, .isFalse, reason: reason, message: message, generation: 1, at: now)
  }
}

private func waiting(_ task: inout PlannedTask) {
  task.state = .waiting
  task.wait = PendingWait(
    Wish(
      gate: Gate(clauses: [
        GateClause(intent: volume, test: .atLeast, path: "free", value: 2),
        GateClause(intent: other, test: .committed),
      ])), since: now)
}

private func record(_ phase: PlanPhase) -> PlanRecord {
  PlanRecord(
    id: "plan-0", name: "grow", phase: phase, generation: 1, startedAt: now, endedAt: now,
    detail: phase == .failed ? "grow: Broken: no room: at all" : "")
}

private func seen(
  _ state: IntentState, key: IntentKey = volume, observed: JSONValue = .null,
  error: TaskError? = nil, notBefore: Timestamp? = nil
) -> GateEvaluation.Subject {
  var intent = Intent(
    write: IntentWrite(key: key, spec: [:], specVersion: 1), uid: "i-1",
    owner: IntentOwner(resource: box, uid: "uid-1"),
    writer: IntentWriter(taskID: "t1", attempt: 1, step: 1))
  intent.state = state
  intent.observed = observed
  intent.error = error
  intent.notBefore = notBefore
  return GateEvaluation.Subject(intent: intent, isFresh: true, unreachable: nil)
}

private func away(_ state: IntentState, key: IntentKey = volume) -> GateEvaluation.Subject {
  var subject = seen(state, key: key)
  subject.unreachable = "the cable is out"
  return subject
}
