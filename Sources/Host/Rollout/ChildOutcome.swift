public import Model

/// What a child's own state says of its turn: a pure function of its object, its record and the time.
///
/// Plans that ended count by the child's history, not by its present state, so that a failure which the
/// child has since mended by itself is the same failure, seen early or late.
public enum ChildOutcome: Sendable, Equatable {
  /// Running or Unknown; to be looked at again then, if nothing happens before.
  case live(ChildState, recheckAt: Timestamp)
  case ended(ChildRecord.Result)
}

/// When a turn is a success, and when it has taken too long.
public struct TurnRules: Sendable, Equatable {
  /// The child's condition that has to be True; nil = it suffices that its spec is carried out.
  public var readyCondition: String?
  /// How long it has to be so.
  public var minReady: Milliseconds
  /// Of a turn from its start.
  public var progressDeadline: Milliseconds

  public init(readyCondition: String?, minReady: Milliseconds, progressDeadline: Milliseconds) {
    self.readyCondition = readyCondition
    self.minReady = minReady
    self.progressDeadline = progressDeadline
  }
}

extension ChildOutcome {
  /// - SeeAlso: `ChildOutcomeTests`, a row for each answer.
  public init(of child: Resource, _ record: ChildRecord, _ rules: TurnRules, at now: Timestamp) {
    let turn = Turn(child: child, record: record, rules: rules, now: now)
    self = turn.ended.map(ChildOutcome.ended) ?? turn.live
  }
}

/// One reading of a child in its turn.
private struct Turn {
  let child: Resource
  let record: ChildRecord
  let rules: TurnRules
  let now: Timestamp

  private var status: ResourceStatus { child.status }
  private var generation: Int64 { child.metadata.generation }
  private var deadline: Timestamp { record.startedAt + rules.progressDeadline }

  var ended: ChildRecord.Result? {
    if let result = endOfPlans ?? unplannable { return result }
    if let since = readySince, since + rules.minReady <= now {
      return ChildRecord.Result(.complete, at: since + rules.minReady)
    }
    guard deadline <= now else { return nil }
    return ChildRecord.Result(
      .failed, task: currentTask,
      error: "ProgressDeadlineExceeded: not complete within \(rules.progressDeadline.count) ms; "
        + waiting, at: deadline)
  }

  var live: ChildOutcome {
    let ready = readySince.map { $0 + rules.minReady }
    return .live(isUnknown ? .unknown : .running, recheckAt: min(ready ?? deadline, deadline))
  }

  /// The plans of this turn that have ended, the first one first.
  private var plans: [PlanRecord] {
    var plans = status.history.prefix { $0.id != record.after }.reversed() as [PlanRecord]
    // Terminal and not taken down yet.
    if let plan = status.plan, plan.phase.isTerminal, plan.id != record.after {
      plans.append(
        PlanRecord(
          id: plan.id, name: plan.name, phase: plan.phase, generation: plan.generation,
          startedAt: plan.startedAt, endedAt: plan.endedAt ?? now, detail: plan.failedTaskDetail))
    }
    return plans.filter { $0.generation >= record.generation }
  }

  /// The first failure, or the first plan that was ended and not to be made anew.
  private var endOfPlans: ChildRecord.Result? {
    for plan in plans {
      switch plan.phase {
      case .failed:
        let task = plan.detail.split(separator: ":", maxSplits: 1).first.map(String.init) ?? ""
        return ChildRecord.Result(
          .failed, task: task,
          error: String(plan.detail.dropFirst(task.isEmpty ? 0 : task.count + 2)),
          at: plan.endedAt)
      case .cancelled where plan.id == record.stopping:
        return ChildRecord.Result(
          .stopped, error: "plan \(plan.name) was ended by the rollout", at: plan.endedAt)
      case .cancelled where child.metadata.cancelRequest == plan.id:
        return ChildRecord.Result(
          .cancelled, error: "plan \(plan.name) was cancelled", at: plan.endedAt)
      case .active, .complete, .cancelled: continue
      }
    }
    return nil
  }

  private var unplannable: ChildRecord.Result? {
    guard status.plan == nil, let condition = status.condition(ConditionType.plannable),
      condition.status == .isFalse, condition.observedGeneration >= record.generation,
      // That of a plan before this turn is about to be lifted.
      status.history.first.map({ $0.id != record.after || child.metadata.replanRequest != $0.id })
        ?? true
    else { return nil }
    return ChildRecord.Result(
      .failed, error: "\(condition.reason): \(condition.message)",
      at: condition.lastTransitionTime)
  }

  /// Since when the child is as it should be; nil = it is not.
  private var readySince: Timestamp? {
    guard status.plan == nil, status.observedGeneration >= generation,
      child.metadata.deletionTimestamp == nil, !child.isPaused,
      status.retry.map({ $0.generation < generation }) ?? true
    else { return nil }
    let carriedOut = plans.last { $0.phase == .complete }?.endedAt ?? record.startedAt
    guard let type = rules.readyCondition else { return carriedOut }
    guard let condition = status.condition(type), condition.status == .isTrue else { return nil }
    return max(carriedOut, condition.lastTransitionTime)
  }

  private var task: PlannedTask? {
    status.plan.flatMap { plan in plan.currentIndex.map { plan.tasks[$0] } }
  }

  private var currentTask: String { task?.name ?? "" }

  private var isUnknown: Bool { task?.park?.reason == .outcomeUnknown }

  /// What it was waiting for when time ran out.
  private var waiting: String {
    if let park = task?.park { return "parked: \(park.reason.rawValue): \(park.message)" }
    if let plan = status.plan { return "plan \(plan.name) goes on" }
    if child.isPaused { return "it is paused" }
    guard let type = rules.readyCondition else { return "its spec is not carried out" }
    let condition = status.condition(type)
    return "condition \(type) is \(condition?.status.rawValue ?? "not set")"
  }
}
