internal import Model

/// What a flush changed that a person may want to know: a pure comparison of two readings.
///
/// Messages carry no durations and no counts, so that what happens again is counted, not listed.
struct StatusNews: Sendable {
  let subject: ObjectKey
  let uid: String
  let before: ResourceStatus
  let after: ResourceStatus
  let now: Timestamp

  init(before: ResourceStatus, after resource: Resource, at now: Timestamp) {
    subject = resource.key
    uid = resource.metadata.uid
    self.before = before
    after = resource.status
    self.now = now
  }

  /// - SeeAlso: `StatusNewsTests`, a row for each kind of news.
  var events: [Event] {
    var events = planEvents + conditionEvents
    if before.phase != after.phase, !after.phase.isEmpty {
      let from = before.phase.isEmpty ? "" : "\(before.phase) → "
      events.append(event(.normal, .phaseChanged, "\(from)\(after.phase)"))
    }
    return events
  }

  private func event(
    _ severity: Event.Severity, _ reason: Event.Reason, _ message: String, plan: Plan? = nil,
    task: PlannedTask? = nil
  ) -> Event {
    Event(
      subject: subject, subjectUID: uid, severity: severity, reason: reason,
      message: String(message.prefix(Event.messageLimit)), plan: plan?.name ?? "",
      task: task?.name ?? "", at: now)
  }

  private var planEvents: [Event] {
    guard let plan = after.plan else { return [] }
    guard let earlier = before.plan, earlier.id == plan.id else {
      let names = plan.tasks.map(\.name).joined(separator: ", ")
      let place = plan.target.isEmpty ? "" : " on \(plan.target)"
      return [event(.normal, .planStarted, "\(names)\(place)", plan: plan)]
    }
    var events = zip(earlier.tasks, plan.tasks).flatMap { taskEvents(from: $0, to: $1, plan) }
    if earlier.phase != plan.phase {
      switch plan.phase {
      case .active: break
      case .complete: events.append(event(.normal, .planComplete, "", plan: plan))
      case .cancelled:
        events.append(
          event(.normal, .planCancelled, "", plan: plan))
      case .failed:
        let task = plan.failedTaskIndex.map { plan.tasks[$0] }
        events.append(
          event(.warning, .planFailed, plan.failedTaskDetail, plan: plan, task: task))
      }
    }
    return events
  }

  private func taskEvents(from old: PlannedTask, to new: PlannedTask, _ plan: Plan) -> [Event] {
    var events: [Event] = []
    let error = new.error.map { "\($0.reason): \($0.message)" } ?? ""
    if new.attempt > old.attempt {
      events.append(event(.warning, .taskRetried, error, plan: plan, task: new))
    } else if new.refusals > old.refusals {
      let reason: Event.Reason = new.outcomeUnknown ? .outcomeUnknown : .taskRefused
      events.append(event(.warning, reason, error, plan: plan, task: new))
    }
    if let park = new.park, park.reason != old.park?.reason {
      events.append(
        event(
          .warning, .taskParked, "\(park.reason.rawValue): \(park.message)", plan: plan, task: new))
    }
    if old.park != nil, new.park == nil, new.state != .failed, new.state != .cancelled {
      events.append(event(.normal, .taskResumed, "", plan: plan, task: new))
    }
    return events
  }

  private var conditionEvents: [Event] {
    after.conditions.compactMap { condition in
      let earlier = before.condition(condition.type)
      switch condition.type {
      case ConditionType.paused: return pauseEvent(from: earlier, to: condition)
      case ConditionType.plannable:
        guard condition.status == .isFalse, condition.message != earlier?.message else {
          return nil
        }
        return event(.warning, .notPlannable, condition.message)
      case ConditionType.deleting: return deletionEvent(from: earlier, to: condition)
      default:
        // What was never known is no news while it stays so.
        guard condition.status != earlier?.status ?? .unknown else { return nil }
        let status = "\(condition.type) is \(condition.status.rawValue) (\(condition.reason))"
        return event(.normal, .conditionChanged, status)
      }
    }
  }

  private func pauseEvent(from earlier: Condition?, to condition: Condition) -> Event? {
    switch (earlier?.status, condition.status) {
    case (.isTrue, .isTrue): nil
    case (_, .isTrue): event(.normal, .paused, "")
    case (.isTrue, _): event(.normal, .resumed, "")
    default: nil
    }
  }

  private func deletionEvent(from earlier: Condition?, to condition: Condition) -> Event? {
    if condition.reason == Reconciler.removeFailedReason {
      return condition.message == earlier?.message
        ? nil : event(.warning, .removeFailed, condition.message)
    }
    return earlier == nil ? event(.normal, .deleting, "") : nil
  }
}
