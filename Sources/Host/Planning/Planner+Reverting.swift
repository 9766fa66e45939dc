internal import JSON
public import Model

/// Undoing a plan that was cancelled, or that failed where its blueprint says so: the revert is the next
/// plan of the same resource.
///
/// - Invariant: a revert is never reverted, and ends before anything else is planned (guarded by
///   `RollbackTests`).
extension Planner {
  /// A person cancelled it, or it failed and is to be rolled back. What replan ends is not undone.
  func isToBeUndone(_ plan: Plan, _ resource: Resource) -> Bool {
    switch plan.phase {
    case .cancelled: resource.metadata.cancelRequest == plan.id
    case .failed: plan.rollsBack || resource.metadata.cancelRequest == plan.id
    case .complete, .active: false
    }
  }

  /// The plan that failed last, and would be tried again, was cancelled meanwhile.
  func requestUndo(_ resource: inout Resource) {
    guard let failed = resource.status.forward, resource.metadata.cancelRequest == failed.id,
      resource.status.revert?.state.isEnded ?? true
    else { return }
    beginUndo(of: failed, &resource)
  }

  func beginUndo(of plan: Plan, _ resource: inout Resource) {
    var revert = PlanRevert(.pending, of: plan, at: now)
    let earlier = resource.status.revert
    let barred = earlier?.generation == revert.generation ? earlier?.barred ?? [] : []
    revert.barred = barred.filter { $0 != plan.name } + [plan.name]
    resource.status.revert = revert
    resource.status.retry = nil
  }

  /// Nil where nothing is to be undone.
  func stampRevert(_ resource: inout Resource) -> Outcome? {
    guard var revert = resource.status.revert, !revert.state.isEnded,
      let forward = resource.status.forward
    else { return nil }
    let undoing = RevertPlan(of: forward, at: now)
    revert.skipped = undoing.skipped
    resource.status.revert = revert
    guard var plan = undoing.plan else {
      endRevert(.complete, "", &resource)
      return .cleared
    }
    // It needs no keys: one plan at a time has what the resource owns.
    plan.admittedAt = now
    resource.status.revert?.state = .running
    resource.status.revert?.planID = plan.id
    resource.status.plan = plan
    return .stamped
  }

  func clearRevert(_ plan: Plan, _ resource: inout Resource) -> Outcome {
    resource.status.addToHistory(plan, at: now)
    resource.status.plan = nil
    if plan.phase == .complete {
      endRevert(.complete, "", &resource)
    } else {
      let why = plan.failedTaskDetail.isEmpty ? "it was ended" : plan.failedTaskDetail
      endRevert(.failed, why, &resource)
    }
    return .cleared
  }

  private func endRevert(_ state: PlanRevert.State, _ message: String, _ resource: inout Resource) {
    resource.status.revert?.end(state, message: message, at: now)
    if state == .complete, let prior = resource.status.forward?.prior {
      resource.status.phase = prior.phase
      resource.status.fields = prior.fields
    }
    resource.status.forward = nil
  }

  /// Whether the plan was undone for this generation, and nobody has asked for it since.
  func isBarred(_ template: PlanTemplate, _ resource: Resource) -> Bool {
    guard let revert = resource.status.revert, revert.state.isEnded,
      revert.generation == resource.metadata.generation, revert.barred.contains(template.name)
    else { return false }
    guard let request = resource.metadata.replanRequest else { return true }
    let history = resource.status.history.map(\.id)
    let undone = history.firstIndex(of: revert.undoneID) ?? history.endIndex - 1
    return !history.prefix(undone + 1).contains(request)
  }

  /// A plan that would be made now if it had not been undone, and why it is not.
  public func barredPlan(for resource: Resource) -> (
    plan: PlanTemplate, reason: String, message: String
  )? {
    guard let revert = resource.status.revert,
      let template = blueprint.plans.first(where: {
        applies($0.when, to: resource) && isBarred($0, resource)
      })
    else { return nil }
    let isCancelled = resource.metadata.cancelRequest == revert.undoneID
    let outcome =
      switch revert.state {
      case .complete: isCancelled ? "was cancelled" : "failed and was rolled back"
      default:
        (isCancelled ? "was cancelled" : "failed")
          + ", and could not be undone (\(revert.message))"
      }
    return (
      template, isCancelled ? "Cancelled" : "RolledBack",
      "its plan \(outcome); change the spec, or ask for another plan by replan"
    )
  }
}
