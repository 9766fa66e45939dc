import JSON
import Testing

@testable import Execution
@testable import Model

@Suite("An executor drives a plan, one effect at a time")
struct PlanExecutorTests {
  @Test("tasks run in order within one pass, and the phase changes with the plan's end")
  func synchronousTasks() {
    var executor = PlanExecutor(
      status: status([
        task("a", outputs: [("url", "status.service.url"), ("absent", "status.absent")]),
        task("b", params: ["url": "${tasks.a.outputs.url}", "text": "$${x}"]),
      ]), isCertain: true)
    #expect(executor.on(.advance, at: start) == .execute(0, params: [:]))
    let next = executor.on(
      .answered(.complete(outputs: ["url": "http://x"]), from: nil), at: start)
    #expect(next == .execute(1, params: ["url": "http://x", "text": "${x}"]))
    #expect(executor.status.fields["service"] == ["url": "http://x"])
    #expect(executor.status.fields["absent"] == nil)
    #expect(executor.status.phase == "Initializing")
    #expect(executor.plan.phase == .active)
    let end = executor.on(.answered(.complete(outputs: .null), from: nil), at: start + .seconds(1))
    #expect(end == .rest(until: nil))
    #expect(executor.plan.phase == .complete)
    #expect(executor.plan.endedAt == start + .seconds(1))
    #expect(executor.status.phase == "Running")
    #expect(executor.status.observedGeneration == 3)
  }

  @Test("an empty targetPhase leaves the phase")
  func noTargetPhase() {
    var executor = PlanExecutor(status: status([task("a")], targetPhase: ""), isCertain: true)
    _ = executor.on(.advance, at: start)
    _ = executor.on(.answered(.complete(outputs: .null), from: nil), at: start)
    #expect(executor.plan.phase == .complete)
    #expect(executor.status.phase == "Initializing")
  }

  @Test(
    "a failure fails the plan with its detail; failedPhase empty leaves the phase, set changes it")
  func failing() {
    for (failedPhase, phase) in [("", "Initializing"), ("Failed", "Failed")] {
      var executor = PlanExecutor(
        status: status([task("a"), task("b")], failedPhase: failedPhase), isCertain: true)
      _ = executor.on(.advance, at: start)
      let effect = executor.on(
        .answered(.failed(broken, isTransient: false, retryAfter: nil), from: nil), at: start)
      #expect(effect == .rest(until: nil))
      #expect(executor.plan.phase == .failed)
      #expect(executor.plan.failedTaskIndex == 0)
      #expect(executor.plan.failedTaskDetail == "a: Broken: it is broken")
      #expect(executor.plan.tasks[0].state == .failed)
      #expect(executor.plan.tasks[0].error == broken)
      #expect(executor.plan.tasks[1].state == .pending)
      #expect(executor.status.phase == phase)
      #expect(executor.status.observedGeneration == 0)
    }
  }

  @Test("what the store can't keep fails the plan; a plugin that has the task is told to stop")
  func unstorable() {
    for (change, effect) in [
      (submitted, ExecutionEffect.rest(until: nil)), (running, .cancel(0)),
    ] {
      var executor = machine(change)
      #expect(executor.on(.unstorable("5 bytes are too many"), at: start) == effect)
      #expect(executor.plan.phase == .failed)
      #expect(executor.plan.failedTaskDetail == "only: StatusTooLarge: 5 bytes are too many")
    }
  }

  @Test("what a plan's end leaves, no later event changes")
  func terminal() {
    let events: [ExecutionEvent] = [
      .advance, .recovered(.notStarted), .recovered(.running(nil, nil)), .gate(.met),
      .answered(.complete(outputs: .null), from: nil),
      .updated(taskID: "id-a", attempt: 1, .complete(outputs: .null)),
    ]
    var failed = PlanExecutor(status: status([task("a")]), isCertain: true)
    _ = failed.on(.advance, at: start)
    var complete = failed
    var cancelled = failed
    _ = failed.on(
      .answered(.failed(broken, isTransient: false, retryAfter: nil), from: nil), at: start)
    _ = complete.on(.answered(.complete(outputs: .null), from: nil), at: start)
    cancelled.requestCancel(at: start)
    _ = cancelled.on(
      .answered(.failed(broken, isTransient: true, retryAfter: nil), from: nil), at: start)
    for ended in [failed, complete, cancelled] {
      for event in events {
        var executor = ended
        #expect(executor.on(event, at: start + .seconds(1000)) == .rest(until: nil))
        #expect(executor.status.json == ended.status.json)
      }
      var executor = ended
      executor.requestCancel(at: start)
      #expect(executor.status.json == ended.status.json)
    }
  }

  @Test("a reference to an output that was not given fails the task, not the host")
  func missingOutput() {
    var executor = PlanExecutor(
      status: status([task("a"), task("b", params: ["u": "${tasks.a.outputs.u}"])]),
      isCertain: true)
    _ = executor.on(.advance, at: start)
    let effect = executor.on(.answered(.complete(outputs: [:]), from: nil), at: start)
    #expect(effect == .rest(until: nil))
    #expect(executor.plan.failedTaskIndex == 1)
    #expect(
      executor.plan.failedTaskDetail
        == "b: UnresolvedReference: params.u: ${tasks.a.outputs.u} has no value")
  }

  @Test("who answered first is remembered")
  func provider() {
    var executor = machine()
    _ = executor.on(.advance, at: start)
    let provider = TaskProvider(plugin: "p@1.0", digest: "sha256:00")
    _ = executor.on(.answered(.running(nil, nil), from: provider), at: start)
    #expect(executor.only.plugin == "p@1.0")
    #expect(executor.only.pluginDigest == "sha256:00")
  }

  // MARK: Running

  @Test("a running task rests until its deadline, and its progress is kept")
  func awaitingUpdate() {
    var executor = machine()
    _ = executor.on(.advance, at: start)
    let handle = TaskHandle(data: "00", version: 1)
    let effect = executor.on(
      .answered(.running(handle, TaskProgress(message: "m", percent: 5)), from: nil), at: start)
    #expect(effect == .rest(until: start + .seconds(60)))
    #expect(executor.only.state == .running)
    let update = executor.on(
      .updated(
        taskID: "id-only", attempt: 1, .running(nil, TaskProgress(message: "n", percent: 50))),
      at: start + .seconds(1))
    #expect(update == .rest(until: start + .seconds(60)))
    #expect(executor.only.handle == handle)
    #expect(executor.only.progress == TaskProgress(message: "n", percent: 50))
    #expect(executor.on(.advance, at: start + .seconds(2)) == .rest(until: start + .seconds(60)))
  }

  @Test("a push ends a running task, and the next one is delivered in the same pass")
  func pushed() {
    var first = task("a")
    running(&first)
    var executor = PlanExecutor(status: status([first, task("b")]), isCertain: true)
    #expect(executor.on(.advance, at: start) == .rest(until: start + .seconds(60)))
    let effect = executor.on(
      .updated(taskID: "id-a", attempt: 1, .complete(outputs: .null)), at: start)
    #expect(effect == .execute(1, params: [:]))
  }

  @Test("a push for another task, another attempt or a task that does not run says nothing")
  func strayPushes() {
    for (taskID, attempt) in [("id-other", 1), ("id-only", 2), ("id-only", 0)] as [(String, Int64)]
    {
      var executor = machine { running(&$0) }
      let before = executor.status.json
      _ = executor.on(
        .updated(taskID: taskID, attempt: attempt, .complete(outputs: .null)), at: start)
      #expect(executor.status.json == before)
    }
    for isWaiting in [false, true] {
      var executor = machine { isWaiting ? waiting(&$0) : submitted(&$0) }
      _ = executor.on(
        .updated(taskID: "id-only", attempt: 1, .complete(outputs: .null)), at: start)
      #expect(executor.plan.phase == .active)
    }
  }

  @Test("a push to a task parked while it ran unparks it, with its verdict")
  func pushWhileParked() {
    var executor = machine {
      running(&$0)
      $0.park = Park(reason: .pluginUnavailable, message: "gone", since: start)
    }
    _ = executor.on(
      .updated(taskID: "id-only", attempt: 1, .complete(outputs: .null)), at: start + .seconds(90))
    #expect(executor.plan.phase == .complete)
  }

  // MARK: Wait

  @Test("a Wait is stored before its writes are made, and executed again a step later when met")
  func wait() {
    var executor = machine()
    _ = executor.on(.advance, at: start)
    let answer = TaskAnswer.wait(Wish(set: [setVolume], remove: [], gate: volumeGate))
    let flush = executor.on(.answered(answer, from: nil), at: start + Milliseconds(5))
    #expect(flush == .rest(until: start + Milliseconds(5)))
    #expect(executor.only.state == .waiting)
    #expect(executor.only.wait?.since == start + Milliseconds(5))
    var next = PlanExecutor(status: executor.status, isCertain: true)
    #expect(next.on(.advance, at: start) == .converge(0))
    let unmet = next.on(.gate(.unmet("not yet")), at: start)
    #expect(unmet == .rest(until: start + .seconds(60)))
    #expect(next.only.progress?.message == "not yet")
    #expect(next.on(.advance, at: start) == .converge(0))
    let shown = next.status.json
    #expect(next.on(.gate(.unsettled), at: start) == .rest(until: start + .seconds(60)))
    #expect(next.status.json == shown, "what is still being done is not worth a write")
    #expect(next.on(.advance, at: start) == .converge(0))
    #expect(next.on(.gate(.met), at: start) == .execute(0, params: [:]))
    #expect(next.only.step == 2)
    #expect(next.only.attempt == 1)
    #expect(next.only.wait == nil)
  }

  @Test("a Wait without writes is stored too, so that no later step precedes it in the store")
  func pureGate() {
    var executor = machine()
    _ = executor.on(.advance, at: start)
    let answer = TaskAnswer.wait(Wish(set: [], remove: [], gate: volumeGate))
    #expect(executor.on(.answered(answer, from: nil), at: start) == .rest(until: start))
  }

  @Test("an intent given up on fails what waits on it, at once")
  func gateFailed() {
    var executor = machine { waiting(&$0) }
    _ = executor.on(.advance, at: start)
    #expect(executor.on(.gate(.failed(broken)), at: start) == .rest(until: nil))
    #expect(executor.plan.failedTaskDetail == "only: Broken: it is broken")
    #expect(executor.only.wait == nil)
  }

  @Test("an unreachable target parks the task, without a deadline, until a change")
  func unreachable() {
    var executor = machine { waiting(&$0) }
    _ = executor.on(.advance, at: start)
    #expect(executor.on(.gate(.unreachable("gone")), at: start) == .rest(until: nil))
    #expect(executor.only.park?.reason == .targetUnreachable)
    // An hour later it still is.
    #expect(executor.on(.advance, at: start + .seconds(3600)) == .converge(0))
    #expect(
      executor.on(.gate(.unreachable("still")), at: start + .seconds(3600)) == .rest(until: nil))
    #expect(executor.only.park == Park(reason: .targetUnreachable, message: "still", since: start))
    // When it is back, the hour has not counted.
    #expect(executor.on(.advance, at: start + .seconds(7200)) == .converge(0))
    let back = executor.on(.gate(.unsettled), at: start + .seconds(7200))
    #expect(back == .rest(until: start + .seconds(7260)))
    #expect(executor.only.park == nil)
  }

  @Test("a verdict for a task that does not wait changes nothing")
  func strayVerdict() {
    var executor = machine { running(&$0) }
    let before = executor.status.json
    #expect(executor.on(.gate(.failed(broken)), at: start) == .rest(until: start + .seconds(60)))
    #expect(executor.status.json == before)
  }
}
