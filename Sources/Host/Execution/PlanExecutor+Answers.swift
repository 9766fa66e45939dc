internal import Model

extension PlanExecutor {
  /// Carries out the disposition of an answer for the current task.
  mutating func apply(_ disposition: Disposition, at now: Timestamp) {
    guard plan.phase == .active, let index = plan.currentIndex else { return }
    if case .park(let reason, let message) = disposition {
      if reason == .pluginUnavailable { releaseProvider(index) }
      park(index, reason, message, at: now)
      return
    }
    unpark(index, at: now)
    if plan.cancelRequestedAt != nil, let error = disposition.failure {
      endCancelled(index, error, at: now)
      return
    }
    switch disposition {
    case .complete(let outputs):
      complete(index, outputs: outputs, at: now)
    case .awaitUpdate(let handle, let progress):
      change(index) { task in
        task.state = .running
        task.handle = handle ?? task.handle
        task.progress = progress ?? task.progress
        task.outcomeUnknown = false
        task.refusals = 0
      }
    case .converge(let wish):
      hasUnflushed = true
      noteIntents(of: wish)
      change(index) { task in
        task.state = .waiting
        task.wait = PendingWait(wish, since: now)
        task.outcomeUnknown = false
        task.refusals = 0
      }
    case .deliverAgain(let error):
      change(index) { task in
        task.refusals += 1
        task.error = error
        task.nextAttemptAt =
          now + Backoff.delivery.delay(failures: task.refusals, seed: task.id)
      }
      releaseProvider(index)
    case .nextAttempt(let error, let retryAfter):
      retry(index, error, after: retryAfter, at: now)
    case .fail(let error):
      fail(index, error, at: now)
    case .recover(let error):
      change(index) { task in
        task.outcomeUnknown = true
        task.error = error
        task.refusals += 1
        task.nextAttemptAt =
          now + Backoff.delivery.delay(failures: task.refusals, seed: task.id)
      }
    case .park:
      preconditionFailure("handled above")
    }
  }

  /// Stored with the Wait, and so before any of them is changed.
  private mutating func noteIntents(of wish: Wish) {
    guard var plan = status.plan else { return }
    var known = Set(plan.intents)
    plan.intents += wish.keys.filter { known.insert($0).inserted }
    status.plan = plan
  }

  private mutating func retry(
    _ index: Int, _ error: TaskError, after hint: Milliseconds?, at now: Timestamp
  ) {
    guard plan.tasks[index].retriesLeft > 0 else {
      fail(index, error, at: now)
      return
    }
    change(index) { task in
      task.retriesLeft -= 1
      let delay = Backoff.delivery.delay(failures: task.attempt, seed: task.id)
      task.attempt += 1
      task.step = 1
      task.state = .pending
      task.error = error
      task.wait = nil
      task.handle = nil
      task.progress = nil
      task.refusals = 0
      task.outcomeUnknown = false
      // The back-off ends the pass, so no attempt is delivered before it is stored.
      task.nextAttemptAt = now + max(delay, hint ?? delay)
    }
    releaseProvider(index)
  }

  mutating func park(
    _ index: Int, _ reason: Park.Reason, _ message: String, at now: Timestamp
  ) {
    if plan.tasks[index].park?.reason != reason { unpark(index, at: now) }
    change(index) { task in
      task.park = Park(reason: reason, message: message, since: task.park?.since ?? now)
    }
  }

  /// Time spent parked does not count against the deadline.
  private mutating func unpark(_ index: Int, at now: Timestamp) {
    change(index) { task in
      guard let park = task.park else { return }
      task.deadline = task.deadline.map { $0 + (now - park.since) }
      task.park = nil
    }
  }

  /// What the plugin said of an earlier delivery.
  mutating func recovered(_ answer: RecoveryAnswer, at now: Timestamp) {
    guard let index = plan.currentIndex else { return }
    switch answer {
    case .finished(let answer):
      apply(Disposition(of: answer), at: now)
    case .running(let handle, let progress):
      apply(.awaitUpdate(handle, progress), at: now)
    case .notStarted, .unknown(isIdempotent: true):
      unpark(index, at: now)
      change(index) { task in
        task.state = .pending
        task.outcomeUnknown = false
      }
      // It never was this version's: whoever serves by now may have it.
      if answer == .notStarted, firstAsked == index, outlook != nil {
        change(index) { $0.submittedAt = nil }
      }
    case .unknown(isIdempotent: false):
      park(
        index, .outcomeUnknown,
        "the plugin can't tell whether this task was done, and it is not idempotent", at: now)
    case .callFailed(let failure):
      recoverLater(index, Disposition(of: .callFailed(failure)), failure, at: now)
    case .noPlugin(let message):
      park(index, .pluginUnavailable, message, at: now)
    }
  }

  /// Recover has no effect, so any lost answer is asked for again. A refusal says nothing of what
  /// became of the task: it is never taken for the task's failure.
  private mutating func recoverLater(
    _ index: Int, _ disposition: Disposition, _ failure: CallFailure, at now: Timestamp
  ) {
    switch disposition {
    case .park:
      apply(disposition, at: now)
    case .fail(let error):
      park(index, .outcomeUnknown, "Recover: \(error.reason): \(error.message)", at: now)
    default:
      change(index) { task in task.outcomeUnknown = true }
      apply(.deliverAgain(failure.taskError), at: now)
    }
  }

  /// The gate's verdict; an effect where the pass ends on it.
  mutating func gate(_ verdict: GateVerdict, at now: Timestamp) -> ExecutionEffect? {
    guard let index = plan.currentIndex, plan.tasks[index].state == .waiting else { return nil }
    switch verdict {
    case .met:
      unpark(index, at: now)
      change(index) { task in
        task.state = .pending
        task.step += 1
        task.wait = nil
      }
      return nil
    case .unmet(let message):
      unpark(index, at: now)
      change(index) { task in
        task.progress = TaskProgress(message: message, percent: task.progress?.percent ?? 0)
      }
      return .rest(until: plan.tasks[index].deadline)
    case .unsettled:
      unpark(index, at: now)
      return .rest(until: plan.tasks[index].deadline)
    case .unreachable(let message):
      park(index, .targetUnreachable, message, at: now)
      return .rest(until: nil)
    case .failed(let error):
      unpark(index, at: now)
      apply(.fail(error), at: now)
      return nil
    }
  }

  /// A plugin's push; one for another attempt or step, or a task that is not running says nothing new.
  mutating func updated(
    _ taskID: String, _ attempt: Int64, _ step: Int64?, _ answer: TaskAnswer, at now: Timestamp
  ) {
    guard let index = plan.currentIndex, plan.tasks[index].id == taskID,
      plan.tasks[index].attempt == attempt, step == nil || step == plan.tasks[index].step,
      plan.tasks[index].state == .running
    else { return }
    if case .running(_, let progress) = answer, plan.tasks[index].outcomeUnknown {
      // It may be old news of a task that has ended since: Recover still comes first.
      change(index) { $0.progress = progress ?? $0.progress }
      return
    }
    apply(Disposition(of: answer), at: now)
  }
}
