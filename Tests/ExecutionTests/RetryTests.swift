import JSON
import Testing

@testable import Execution
@testable import Model

@Suite("What did not succeed is tried again as its disposition says")
struct RetryTests {
  private func next(_ executor: PlanExecutor) throws -> Timestamp {
    try #require(executor.only.nextAttemptAt)
  }

  @Test("a delivery that was not accepted is made again, the same one, spending no retry")
  func notAccepted() throws {
    var executor = machine()
    var now = start
    for refusals in 1...8 as ClosedRange<Int64> {
      #expect(executor.on(.advance, at: now) == .execute(0, params: [:]))
      let effect = executor.on(.answered(.callFailed(failure(.unavailable)), from: nil), at: now)
      let moment = try next(executor)
      #expect(effect == .rest(until: moment))
      #expect(moment - now == Backoff.delivery.delay(failures: refusals, seed: "id-only"))
      #expect(executor.only.refusals == refusals)
      #expect(executor.on(.advance, at: moment + Milliseconds(-1)) == .rest(until: moment))
      now = moment
    }
    #expect(executor.only.attempt == 1 && executor.only.step == 1)
    #expect(executor.only.error == TaskError(reason: "Code", message: "unavailable"))
  }

  @Test("not being accepted ends with the deadline, which the last refusal is told with")
  func refusedUntilDeadline() throws {
    var executor = machine()
    var now = start
    var deliveries = 0
    while executor.plan.phase == .active {
      guard case .execute = executor.on(.advance, at: now) else { break }
      deliveries += 1
      let effect = executor.on(.answered(.callFailed(failure(.aborted)), from: nil), at: now)
      guard case .rest(until: let moment?) = effect else { break }
      #expect(moment <= start + .seconds(60))
      now = moment
    }
    #expect(deliveries > 5)
    #expect(now == start + .seconds(60))
    #expect(
      executor.plan.failedTaskDetail
        == "only: DeadlineExceeded: not complete within 60000 ms; last: Code: aborted")
  }

  @Test("a transient failure makes a new attempt from its first step, while there are retries")
  func transient() throws {
    var executor = machine(maxRetries: 1) {
      running(&$0)
      $0.step = 3
      $0.refusals = 2
      $0.handle = TaskHandle(data: "00", version: 1)
      $0.progress = TaskProgress(message: "m", percent: 1)
    }
    let failed = ExecutionEvent.updated(
      taskID: "id-only", attempt: 1, .failed(broken, isTransient: true, retryAfter: nil))
    let effect = executor.on(failed, at: start)
    let moment = try next(executor)
    #expect(effect == .rest(until: moment))
    #expect(moment > start)
    let task = executor.only
    #expect(task.state == .pending && task.attempt == 2 && task.step == 1)
    #expect(task.retriesLeft == 0 && task.refusals == 0)
    #expect(task.handle == nil && task.progress == nil && task.wait == nil)
    #expect(task.error == broken)
    #expect(executor.on(.advance, at: moment) == .execute(0, params: [:]))
    #expect(executor.only.deadline == start + .seconds(60))
    let last = executor.on(
      .answered(.failed(broken, isTransient: true, retryAfter: nil), from: nil), at: moment)
    #expect(last == .rest(until: nil))
    #expect(executor.plan.phase == .failed)
    #expect(executor.only.attempt == 2)
  }

  @Test("a plugin's hint is honoured where it is longer than the back-off")
  func hint() throws {
    for (hint, isLonger) in [(Milliseconds(1), false), (.seconds(20), true)] {
      var executor = machine(maxRetries: 1)
      _ = executor.on(.advance, at: start)
      _ = executor.on(
        .answered(.failed(broken, isTransient: true, retryAfter: hint), from: nil), at: start)
      let nominal = Backoff.delivery.delay(failures: 1, seed: "id-only")
      #expect(try next(executor) == start + (isLonger ? hint : nominal))
    }
  }

  @Test("a back-off survives being stored")
  func persisted() throws {
    var executor = machine()
    _ = executor.on(.advance, at: start)
    _ = executor.on(.answered(.callFailed(failure(.unavailable)), from: nil), at: start)
    let read = try ResourceStatus(JSONReader(executor.status.json))
    var again = PlanExecutor(status: read, isCertain: true)
    #expect(again.on(.advance, at: start) == .rest(until: try next(executor)))
  }

  @Test("a deadline fails the task, and tells a plugin that is at work on it")
  func deadline() {
    let late = start + .seconds(60)
    let states: [((inout PlannedTask) -> Void, ExecutionEffect)] = [
      ({ submitted(&$0) }, .rest(until: nil)), ({ running(&$0) }, .cancel(0)),
      ({ waiting(&$0) }, .rest(until: nil)),
    ]
    for (change, effect) in states {
      var executor = machine(change)
      #expect(executor.on(.advance, at: late + Milliseconds(-1)) != effect)
      executor = machine(change)
      #expect(executor.on(.advance, at: late) == effect)
      #expect(
        executor.plan.failedTaskDetail == "only: DeadlineExceeded: not complete within 60000 ms")
    }
  }

  // MARK: Parking

  @Test("a task without a plugin rests until something changes, and is then delivered")
  func noPlugin() {
    var executor = machine()
    _ = executor.on(.advance, at: start)
    let effect = executor.on(.answered(.noPlugin(message: "none"), from: nil), at: start)
    #expect(effect == .rest(until: nil))
    #expect(executor.only.park == Park(reason: .pluginUnavailable, message: "none", since: start))
    // Hours later: what was parked has not timed out.
    let later = start + .seconds(7200)
    #expect(executor.on(.advance, at: later) == .execute(0, params: [:]))
    _ = executor.on(.answered(.running(nil, nil), from: nil), at: later)
    #expect(executor.only.park == nil)
    #expect(executor.only.deadline == start + .seconds(7260))
  }

  @Test("a precondition is waited for, not polled")
  func precondition() {
    var executor = machine()
    _ = executor.on(.advance, at: start)
    let answer = ExecutionEvent.answered(.callFailed(failure(.failedPrecondition)), from: nil)
    #expect(executor.on(answer, at: start) == .rest(until: nil))
    #expect(executor.only.park?.reason == .preconditionFailed)
    #expect(executor.on(.advance, at: start + .seconds(5)) == .execute(0, params: [:]))
    #expect(executor.on(answer, at: start + .seconds(5)) == .rest(until: nil))
    #expect(executor.only.park?.since == start)
  }

  @Test("time parked for one reason and then for another does not count, all of it")
  func parkedTwice() {
    var executor = machine()
    _ = executor.on(.advance, at: start)
    _ = executor.on(.answered(.noPlugin(message: "none"), from: nil), at: start)
    _ = executor.on(.advance, at: start + .seconds(100))
    _ = executor.on(
      .answered(.callFailed(failure(.failedPrecondition)), from: nil), at: start + .seconds(100))
    _ = executor.on(.advance, at: start + .seconds(150))
    _ = executor.on(.answered(.running(nil, nil), from: nil), at: start + .seconds(150))
    #expect(executor.only.deadline == start + .seconds(210))
  }

  @Test("a push that comes while a task is parked does not keep it from being delivered")
  func pushBeforeDelivery() {
    var executor = machine {
      submitted(&$0)
      $0.park = Park(reason: .pluginUnavailable, message: "none", since: start)
    }
    #expect(executor.on(.advance, at: start) == .execute(0, params: [:]))
    let stray = ExecutionEvent.updated(taskID: "id-other", attempt: 1, .running(nil, nil))
    #expect(executor.on(stray, at: start) == .execute(0, params: [:]))
  }
}
