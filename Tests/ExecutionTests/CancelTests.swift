import JSON
import Testing

@testable import Execution
@testable import Model

/// A plan whose end was asked for.
@Suite struct CancelTests {
  private let grace = PlanExecutor.cancelGrace
  private let again = PlanExecutor.cancelRepeat

  /// A machine over two tasks, the first as the stage says, whose end was asked for at `start`.
  private func stopping(_ stage: String, isCertain: Bool = true) -> PlanExecutor {
    var first = task("a")
    switch stage {
    case "submitted": submitted(&first)
    case "running": running(&first)
    case "waiting": waiting(&first)
    case "unknown": unknown(&first)
    default: break
    }
    var executor = PlanExecutor(status: status([first, task("b")]), isCertain: isCertain)
    executor.requestCancel(at: start)
    return executor
  }

  @Test(
    "what no plugin holds ends at once; what one may hold is asked about, or told to stop",
    arguments: [
      ("fresh", true, .rest(until: nil), .pending),
      ("submitted", true, .rest(until: nil), .cancelled),
      ("waiting", true, .rest(until: nil), .cancelled),
      ("running", true, .cancel(0), .running),
      ("unknown", true, .recover(0, params: [:]), .pending),
      // After a restart all of them but the waiting may have been delivered since.
      ("fresh", false, .recover(0, params: [:]), .pending),
      ("running", false, .recover(0, params: [:]), .running),
      ("waiting", false, .rest(until: nil), .cancelled),
    ] as [(String, Bool, ExecutionEffect, TaskState)])
  func begin(_ stage: String, _ isCertain: Bool, _ effect: ExecutionEffect, _ state: TaskState) {
    var executor = stopping(stage, isCertain: isCertain)
    #expect(executor.on(.advance, at: start) == effect)
    #expect(executor.plan.tasks[0].state == state)
    let isOver = effect == .rest(until: nil)
    #expect(executor.plan.phase == (isOver ? .cancelled : .active))
    #expect(executor.plan.endedAt == (isOver ? start : nil))
    #expect(executor.plan.tasks[1].state == .pending)
    #expect(executor.status.phase == "Initializing")
  }

  @Test(
    "whatever comes of the task, the plan ends and nothing further begins",
    arguments: [
      (.failed(broken, isTransient: true, retryAfter: nil), .cancelled, broken),
      (.failed(broken, isTransient: false, retryAfter: nil), .cancelled, broken),
      (.complete(outputs: .null), .complete, nil),
      (.wait(Wish(set: [setVolume], remove: [], gate: volumeGate)), .cancelled, nil),
    ] as [(TaskAnswer, TaskState, TaskError?)])
  func ends(_ answer: TaskAnswer, _ state: TaskState, _ error: TaskError?) {
    for event in [
      ExecutionEvent.updated(taskID: "id-a", attempt: 1, answer), .recovered(.finished(answer)),
      .answered(answer, from: nil),
    ] {
      var executor = stopping("running")
      _ = executor.on(.advance, at: start)
      #expect(executor.on(event, at: start + .seconds(1)) == .rest(until: nil))
      #expect(executor.plan.phase == .cancelled)
      #expect(executor.plan.tasks[0].state == state)
      #expect(executor.plan.tasks[0].error == error)
      #expect(executor.plan.tasks[1].state == .pending)
      #expect(executor.plan.failedTaskDetail.isEmpty)
    }
  }

  @Test("a task that was parked, and may have been delivered since, is asked about")
  func parked() {
    var executor = machine(isCertain: false) { task in
      submitted(&task)
      task.park = Park(reason: .pluginUnavailable, message: "away", since: start)
    }
    executor.requestCancel(at: start)
    #expect(executor.on(.advance, at: start) == .recover(0, params: [:]))
  }

  @Test("a last task that completes after all completes its plan")
  func tooLate() {
    var executor = machine { running(&$0) }
    executor.requestCancel(at: start)
    _ = executor.on(.advance, at: start)
    _ = executor.on(.updated(taskID: "id-only", attempt: 1, .complete(outputs: .null)), at: start)
    #expect(executor.plan.phase == .complete)
  }

  @Test("a plugin that does not react is told again, and abandoned when its grace is over")
  func ignored() {
    var executor = stopping("running")
    #expect(executor.on(.advance, at: start) == .cancel(0))
    #expect(executor.on(.advance, at: start + .seconds(1)) == .rest(until: start + again))
    #expect(executor.on(.advance, at: start + again) == .cancel(0))
    let progress = ExecutionEvent.updated(taskID: "id-a", attempt: 1, .running(nil, nil))
    #expect(executor.on(progress, at: start + again) == .rest(until: start + again + again))
    #expect(executor.on(.advance, at: start + grace) == .rest(until: nil))
    #expect(executor.plan.phase == .cancelled)
    #expect(executor.plan.tasks[0].error?.reason == "CancelIgnored")
    #expect(
      executor.plan.failedTaskDetail
        == "a: CancelIgnored: abandoned, its outcome is unknown: it did not end within 10000 ms of Cancel"
    )
  }

  @Test("the grace counts from the first request, across restarts of the host")
  func persisted() throws {
    var executor = stopping("running")
    _ = executor.on(.advance, at: start)
    executor.requestCancel(at: start + .seconds(9))
    let stored = try ResourceStatus(JSONReader(executor.status.json))
    executor = PlanExecutor(status: stored, isCertain: false)
    #expect(executor.on(.advance, at: start + again) == .recover(0, params: [:]))
    #expect(executor.on(.recovered(.running(nil, nil)), at: start + again) == .cancel(0))
    #expect(executor.on(.advance, at: start + grace) == .rest(until: nil))
    #expect(executor.plan.phase == .cancelled)
  }

  @Test(
    "where nobody can be told, or can tell, nothing is waited for",
    arguments: [
      .cancelUndeliverable("gone"), .recovered(.noPlugin(message: "gone")),
      .recovered(.unknown(isIdempotent: false)),
    ] as [ExecutionEvent])
  func nobody(_ event: ExecutionEvent) {
    var executor = stopping("unknown")
    _ = executor.on(.advance, at: start)
    #expect(executor.on(event, at: start) == .rest(until: nil))
    #expect(executor.plan.phase == .cancelled)
    #expect(executor.plan.tasks[0].error?.reason == "CancelIgnored")
  }

  @Test(
    "what was not started, or may be repeated, is not",
    arguments: [
      RecoveryAnswer.notStarted, .unknown(isIdempotent: true),
    ])
  func notRepeated(_ answer: RecoveryAnswer) {
    var executor = stopping("unknown")
    _ = executor.on(.advance, at: start)
    #expect(executor.on(.recovered(answer), at: start) == .rest(until: nil))
    #expect(executor.plan.phase == .cancelled)
    #expect(executor.plan.tasks[0].error == nil)
  }
}
