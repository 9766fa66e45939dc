import JSON
import Testing

@testable import Execution
@testable import Model

@Suite("Recover comes before a delivery that may have been made already")
struct RecoveryTests {
  @Test("a call whose outcome is lost is recovered after a back-off, not executed")
  func lostCall() throws {
    for answer in [failure(.internal), failure(.unavailable, isAnswer: false)] {
      var executor = machine()
      _ = executor.on(.advance, at: start)
      let effect = executor.on(.answered(.callFailed(answer), from: nil), at: start)
      let moment = try #require(executor.only.nextAttemptAt)
      #expect(effect == .rest(until: moment))
      #expect(executor.only.attempt == 1)
      let read = try ResourceStatus(JSONReader(executor.status.json))
      var again = PlanExecutor(status: read, isCertain: true)
      #expect(again.on(.advance, at: moment) == .recover(0, params: [:]))
    }
  }

  @Test(
    "each answer to Recover leads where the table says, from a task unknown, pending or running",
    arguments: [
      (.finished(.complete(outputs: ["a": 1])), .rest(until: nil), .complete),
      (.finished(.failed(broken, isTransient: false, retryAfter: nil)), .rest(until: nil), .failed),
      (
        .finished(.wait(Wish(set: [], remove: [], gate: volumeGate))), .rest(until: start), .waiting
      ),
      (.finished(.running(nil, nil)), .rest(until: start + .seconds(60)), .running),
      (.running(nil, nil), .rest(until: start + .seconds(60)), .running),
      (.notStarted, .execute(0, params: [:]), .pending),
      (.unknown(isIdempotent: true), .execute(0, params: [:]), .pending),
    ] as [(RecoveryAnswer, ExecutionEffect, TaskState)])
  func answers(_ answer: RecoveryAnswer, _ effect: ExecutionEffect, _ state: TaskState) {
    let starts: [(Bool, (inout PlannedTask) -> Void)] = [
      (true, unknown), (false, unknown), (false, submitted), (false, running),
    ]
    for (isCertain, change) in starts {
      var executor = machine(isCertain: isCertain, change)
      #expect(executor.on(.advance, at: start) == .recover(0, params: [:]))
      #expect(executor.on(.recovered(answer), at: start) == effect)
      #expect(executor.only.state == state)
      #expect(!executor.only.outcomeUnknown)
      #expect(executor.only.attempt == 1)
    }
  }

  @Test("a transient failure that Recover tells makes a new attempt, which is executed")
  func recoveredTransient() throws {
    var executor = machine(maxRetries: 1, isCertain: false) { running(&$0) }
    _ = executor.on(.advance, at: start)
    let failed = RecoveryAnswer.finished(.failed(broken, isTransient: true, retryAfter: nil))
    _ = executor.on(.recovered(failed), at: start)
    #expect(executor.only.attempt == 2)
    let moment = try #require(executor.only.nextAttemptAt)
    #expect(executor.on(.advance, at: moment) == .execute(0, params: [:]))
  }

  @Test("unknown and not idempotent is for a person: it is not executed again by any wake-up")
  func outcomeUnknown() {
    var executor = machine(isCertain: false) { running(&$0) }
    _ = executor.on(.advance, at: start)
    #expect(
      executor.on(.recovered(.unknown(isIdempotent: false)), at: start) == .rest(until: nil))
    #expect(executor.only.park?.reason == .outcomeUnknown)
    for isCertain in [true, false] {
      var later = PlanExecutor(status: executor.status, isCertain: isCertain)
      #expect(later.on(.advance, at: start + .seconds(3600)) == .rest(until: nil))
      #expect(later.plan.phase == .active)
    }
  }

  @Test("a Recover that failed is asked again after a back-off, and fails nothing")
  func recoverFailed() throws {
    for answer in [
      failure(.unavailable), failure(.internal), failure(.deadlineExceeded, isAnswer: false),
      failure(.unavailable, mayHaveBeenReceived: false, isAnswer: false),
    ] {
      var executor = machine { unknown(&$0) }
      _ = executor.on(.advance, at: start)
      let effect = executor.on(.recovered(.callFailed(answer)), at: start)
      let moment = try #require(executor.only.nextAttemptAt)
      #expect(effect == .rest(until: moment))
      #expect(executor.only.outcomeUnknown)
      #expect(executor.on(.advance, at: moment) == .recover(0, params: [:]))
    }
  }

  @Test("a Recover that is refused says nothing of the task: a person decides")
  func recoverRefused() {
    for code in [CallFailure.Code.unimplemented, .invalidArgument, .permissionDenied] {
      var executor = machine { unknown(&$0) }
      _ = executor.on(.advance, at: start)
      #expect(
        executor.on(.recovered(.callFailed(failure(code))), at: start) == .rest(until: nil))
      #expect(executor.only.park?.reason == .outcomeUnknown)
      #expect(executor.plan.phase == .active)
    }
  }

  @Test("Recover without a plugin parks, and is asked when one comes")
  func recoverWithoutPlugin() {
    var executor = machine { unknown(&$0) }
    _ = executor.on(.advance, at: start)
    #expect(executor.on(.recovered(.noPlugin(message: "none")), at: start) == .rest(until: nil))
    #expect(executor.only.park?.reason == .pluginUnavailable)
    #expect(executor.on(.advance, at: start + .seconds(900)) == .recover(0, params: [:]))
    #expect(
      executor.on(.recovered(.running(nil, nil)), at: start + .seconds(900))
        == .rest(until: start + .seconds(960)))
  }

  @Test("after a dropped pass a later task is recovered too: it may have been begun in that pass")
  func laterTasks() {
    let answers: [RecoveryAnswer] = [
      .finished(.complete(outputs: .null)), .notStarted, .unknown(isIdempotent: true),
      .running(nil, nil),
    ]
    for answer in answers {
      var executor = PlanExecutor(
        status: status([task("a"), task("b"), task("c")]), isCertain: false)
      #expect(executor.on(.advance, at: start) == .recover(0, params: [:]))
      var effect = executor.on(.recovered(answer), at: start)
      if case .execute = effect {
        effect = executor.on(.answered(.complete(outputs: .null), from: nil), at: start)
      } else if case .rest = effect {
        effect = executor.on(
          .updated(taskID: "id-a", attempt: 1, .complete(outputs: .null)), at: start)
      }
      #expect(effect == .recover(1, params: [:]))
      #expect(executor.on(.recovered(answer), at: start) != .recover(1, params: [:]))
    }
  }

  @Test("what has to be recovered is stored, so that a second crash does not forget it")
  func storedUncertainty() throws {
    var executor = PlanExecutor(status: status([task("a"), task("b")]), isCertain: false)
    _ = executor.on(.advance, at: start)
    _ = executor.on(.recovered(.running(nil, nil)), at: start)
    let read = try ResourceStatus(JSONReader(executor.status.json))
    var next = PlanExecutor(status: read, isCertain: true)
    let effect = next.on(
      .updated(taskID: "id-a", attempt: 1, .complete(outputs: .null)), at: start)
    #expect(effect == .recover(1, params: [:]))
  }

  @Test("after a dropped pass the step that follows a met gate is recovered")
  func laterStep() {
    var executor = machine(isCertain: false) { waiting(&$0) }
    #expect(executor.on(.advance, at: start) == .converge(0))
    #expect(executor.on(.gate(.met), at: start) == .recover(0, params: [:]))
    #expect(executor.only.step == 2)
  }

  @Test("after a dropped pass a push of progress may be old: Recover still comes first")
  func oldProgress() {
    var executor = machine(isCertain: false) { running(&$0) }
    let progress = TaskProgress(message: "m", percent: 9)
    let effect = executor.on(
      .updated(taskID: "id-only", attempt: 1, .running(nil, progress)), at: start)
    #expect(effect == .recover(0, params: [:]))
    #expect(executor.only.progress == progress)
  }

  @Test("a task that ended unseen while the host was away is not called late")
  func endedUnseen() {
    let late = start + .seconds(3600)
    var executor = machine(isCertain: false) { running(&$0) }
    #expect(executor.on(.advance, at: late) == .recover(0, params: [:]))
    _ = executor.on(.recovered(.finished(.complete(outputs: .null))), at: late)
    #expect(executor.plan.phase == .complete)
  }

  @Test(
    "a task that did not end while the host was away is late, and asked about once",
    arguments: [
      (.running(nil, nil), .cancel(0)), (.notStarted, .rest(until: nil)),
      (.callFailed(failure(.unavailable)), .cancel(0)),
    ] as [(RecoveryAnswer, ExecutionEffect)])
  func lateIndeed(_ answer: RecoveryAnswer, _ effect: ExecutionEffect) {
    let late = start + .seconds(3600)
    var executor = machine(isCertain: false) { running(&$0) }
    #expect(executor.on(.advance, at: late) == .recover(0, params: [:]))
    #expect(executor.on(.recovered(answer), at: late) == effect)
    #expect(executor.plan.phase == .failed)
    #expect(executor.only.error?.reason == "DeadlineExceeded")
  }
}
