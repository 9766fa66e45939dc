public import Model

/// Ending a plan before its end: forward work stops, and a plugin that holds a task has to let go of it.
extension PlanExecutor {
  /// How long a plugin may take to end a task after it was asked for; then the task is abandoned.
  public static let cancelGrace = Milliseconds.seconds(10)

  /// After so long Cancel is sent again: the one before may have been lost.
  public static let cancelRepeat = Milliseconds.seconds(2)

  /// Asks for the end of the plan, with effect from the next event on. Asking again changes nothing.
  ///
  /// - Invariant: no task is executed from then on (guarded by `CancelTests`).
  public mutating func requestCancel(at now: Timestamp) {
    guard plan.phase == .active, plan.cancelRequestedAt == nil, let index = plan.currentIndex
    else { return }
    status.plan?.cancelRequestedAt = now
    change(index) { task in
      task.nextAttemptAt = nil
      // It may have been delivered since it was parked: only what parks it from now on counts.
      task.park = nil
    }
  }

  /// What the current task needs so that the plan can end.
  mutating func stop(_ index: Int, since asked: Timestamp, at now: Timestamp) -> ExecutionEffect {
    let task = plan.tasks[index]
    guard task.isInPlugin else {
      endCancelled(index, task.error, at: now)
      return .rest(until: nil)
    }
    if let park = task.park { return abandon(index, park.message, at: now) }
    let end = asked + Self.cancelGrace
    if end <= now {
      return abandon(index, "it did not end within \(Self.cancelGrace.count) ms of Cancel", at: now)
    }
    if let moment = task.nextAttemptAt, now < moment { return .rest(until: min(moment, end)) }
    // What is unknown may have ended, and is not begun anew in order to be cancelled.
    if task.outcomeUnknown { return deliver(index, at: now) }
    change(index) { $0.nextAttemptAt = now + Self.cancelRepeat }
    return .cancel(index)
  }

  /// The task is left to itself: whether it still does anything nobody knows.
  mutating func abandon(_ index: Int, _ why: String, at now: Timestamp) -> ExecutionEffect {
    let error = TaskError(
      reason: "CancelIgnored", message: "abandoned, its outcome is unknown: \(why)")
    let name = plan.tasks[index].name
    status.plan?.failedTaskDetail = "\(name): \(error.reason): \(error.message)"
    endCancelled(index, error, at: now)
    return .rest(until: nil)
  }

  mutating func endCancelled(_ index: Int, _ error: TaskError?, at now: Timestamp) {
    change(index) { task in
      if task.submittedAt != nil {
        task.state = .cancelled
        task.endedAt = now
      }
      task.error = error
      task.park = nil
      task.wait = nil
      task.nextAttemptAt = nil
      task.outcomeUnknown = false
    }
    status.plan?.phase = .cancelled
    status.plan?.endedAt = now
  }
}
