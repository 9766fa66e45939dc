internal import JSON
public import Model

/// Takes a TaskRun from what is asked for to its end, and through being undone: decides what a pass
/// is about, and writes status accordingly.
///
/// Pure: the reconciler calls it once a pass, performs what it answers, and flushes what it changed.
/// The plan in flight is the executor's.
public struct TaskRunPlanner: Sendable {
  /// What the rest of the pass is about.
  public enum Outcome: Sendable, Equatable {
    case paused
    /// Ask the plugin for the phases; feed back `stamp`, `fail` or `wait`.
    case expand
    /// Take the keys in this order, then check that there is room; feed back `admitted`, `fail` of the
    /// plan, or `blocked`. Nothing of the plan is delivered before.
    case admit(keys: [String], adds: [IntentKey])
    /// There is an Active plan for the executor.
    case advance(isStopping: Bool)
    /// A revert plan was stamped: flush before any of its tasks runs.
    case stamped
    /// First these, each of which may be repeated; then flush, and at once the next pass.
    case settled([Release])
    /// First these, then the object goes.
    case delete([Release])
    /// Nothing to do before then; nil = until something changes.
    case steady(until: Timestamp?)
  }

  /// What a plan that is over holds no longer.
  public enum Release: Sendable, Equatable {
    case claims
    /// The change set is not needed any more.
    case touches(plan: String, intents: [IntentKey])
    /// The plugins will not be asked about these tasks again.
    case tasks(ids: [String], types: Set<String>)
  }

  public var now: Timestamp

  public init(now: Timestamp) {
    self.now = now
  }

  /// The id of a run's forward plan: known before it is made, so that it can be cancelled before.
  public static func planID(of resource: Resource, run: Int64) -> String {
    Digest.uuid5(space: resource.metadata.uid, name: "run/\(run)")
  }

  /// Decides what this pass is about.
  ///
  /// - Invariant: every outcome is flushed before anything follows from it; a revert is never
  ///   reverted; nothing is reverted past the point of no return (guarded by `TaskRunPlannerTests`).
  /// - Throws: `MappingError` where the store holds something that is no TaskRun.
  public func resolve(_ resource: inout Resource) throws(MappingError) -> Outcome {
    let spec = try TaskRun(spec: JSONReader(resource.spec, path: "spec"))
    var run = try resource.status.taskRun() ?? TaskRunStatus(run: spec.run)
    resource.status.setCondition(
      ConditionType.paused, resource.isPaused ? .isTrue : .isFalse,
      reason: resource.isPaused ? "PausedBySpec" : "NotPaused",
      generation: resource.metadata.generation, at: now)
    let outcome = resolve(&resource, &run, spec)
    resource.status.setTaskRun(run)
    return outcome
  }

  private func resolve(_ resource: inout Resource, _ run: inout TaskRunStatus, _ spec: TaskRun)
    -> Outcome
  {
    if let plan = resource.status.plan {
      guard plan.phase.isTerminal else { return drive(plan, resource) }
      return plan.reverts == nil
        ? settle(plan, &resource, &run) : settleRevert(plan, &resource, &run)
    }
    if run.state == .pending {
      if isToStop(Self.planID(of: resource, run: run.run), resource) {
        return endUnplanned(.cancelled, "", &resource, &run)
      }
      return resource.isPaused ? .paused : .expand
    }
    if let revert = resource.status.revert, !revert.state.isEnded {
      return resource.isPaused ? .paused : stampRevert(revert, &resource, &run)
    }
    return whenOver(&resource, &run, spec)
  }

  /// Whether forward work is to end, and be undone: a cancel, or the object's deletion.
  private func isToStop(_ planID: String, _ resource: Resource) -> Bool {
    resource.metadata.cancelRequest == planID || resource.metadata.deletionTimestamp != nil
  }

  private func drive(_ plan: Plan, _ resource: Resource) -> Outcome {
    if plan.reverts == nil, plan.pointOfNoReturn == nil, isToStop(plan.id, resource) {
      return .advance(isStopping: true)
    }
    if resource.isPaused { return .paused }
    guard plan.admittedAt != nil else {
      return .admit(keys: plan.exclusiveKeys, adds: plan.reverts == nil ? plan.adds : [])
    }
    return .advance(isStopping: false)
  }

  /// The forward plan has ended: its outcome is told, and a revert is decided on.
  private func settle(_ plan: Plan, _ resource: inout Resource, _ run: inout TaskRunStatus)
    -> Outcome
  {
    resource.status.addToHistory(plan, at: now)
    resource.status.forward = plan
    resource.status.plan = nil
    switch plan.phase {
    case .complete: run.state = .complete
    case .failed: run.state = .failed
    case .cancelled, .active: run.state = .cancelled
    }
    run.message = plan.failedTaskDetail
    let isCancelled = resource.metadata.cancelRequest == plan.id
    if plan.admittedAt != nil, isCancelled || plan.phase != .complete {
      return requestRevert(of: plan, &resource, &run)
    }
    // Nothing was begun.
    if run.state == .cancelled {
      resource.status.revert = PlanRevert(.complete, of: plan, at: now)
    }
    return finish(&run)
  }

  private func requestRevert(
    of plan: Plan, _ resource: inout Resource, _ run: inout TaskRunStatus
  ) -> Outcome {
    guard let point = plan.pointOfNoReturn else {
      resource.status.revert = PlanRevert(.pending, of: plan, at: now)
      run.finishedAt = nil
      return .settled([])
    }
    resource.status.revert = PlanRevert(
      .refused, of: plan, message: Self.pastPointOfNoReturn(point), at: now)
    return finish(&run)
  }

  /// Why neither cancel nor rollback is possible any more.
  static func pastPointOfNoReturn(_ phase: String) -> String {
    "phase \(phase) is its point of no return, and was reached; it can only go forward"
  }

  private func finish(_ run: inout TaskRunStatus) -> Outcome {
    run.finishedAt = now
    return .settled([.claims])
  }

  private func stampRevert(
    _ pending: PlanRevert, _ resource: inout Resource, _ run: inout TaskRunStatus
  ) -> Outcome {
    guard let forward = resource.status.forward else {
      preconditionFailure("what is to be reverted is kept until it is")
    }
    var revert = pending
    let undoing = RevertPlan(of: forward, at: now)
    revert.skipped = undoing.skipped
    guard let plan = undoing.plan else {
      revert.end(.complete, at: now)
      resource.status.revert = revert
      run.finishedAt = now
      return .settled([.touches(plan: forward.id, intents: forward.intents), .claims])
    }
    revert.state = .running
    revert.planID = plan.id
    resource.status.revert = revert
    resource.status.plan = plan
    return .stamped
  }

  private func settleRevert(_ plan: Plan, _ resource: inout Resource, _ run: inout TaskRunStatus)
    -> Outcome
  {
    resource.status.addToHistory(plan, at: now)
    resource.status.plan = nil
    run.finishedAt = now
    let isComplete = plan.phase == .complete
    resource.status.revert?.end(
      isComplete ? .complete : .failed, message: plan.failedTaskDetail, at: now)
    var releases: [Release] = [.tasks(plan)]
    // After a failure they still say what was there before, for whoever puts it right.
    if isComplete, let forward = plan.reverts {
      releases.append(.touches(plan: forward, intents: plan.intents))
    }
    return .settled(releases + [.claims])
  }

  /// Forward work and revert are over: a cancel, another run, deletion or the end of its time may come.
  private func whenOver(
    _ resource: inout Resource, _ run: inout TaskRunStatus, _ spec: TaskRun
  ) -> Outcome {
    let forward = resource.status.forward
    if resource.metadata.deletionTimestamp != nil { return .delete(releases(forward)) }
    if spec.run > run.run {
      run = TaskRunStatus(run: spec.run)
      resource.status.forward = nil
      resource.status.revert = nil
      return .settled(releases(forward))
    }
    if let forward, resource.status.revert == nil, forward.admittedAt != nil,
      resource.metadata.cancelRequest == forward.id
    {
      return requestRevert(of: forward, &resource, &run)
    }
    resource.status.observedGeneration = resource.metadata.generation
    // What could not be undone waits for a person, however long that takes.
    guard let ttl = spec.ttlAfterFinished, let finishedAt = run.finishedAt,
      resource.status.revert?.state != .failed
    else {
      return .steady(until: nil)
    }
    let end = finishedAt + ttl
    return end <= now ? .delete(releases(forward)) : .steady(until: end)
  }

  private func releases(_ forward: Plan?) -> [Release] {
    guard let forward else { return [.claims] }
    return [
      .touches(plan: forward.id, intents: forward.intents), .claims, .tasks(forward),
    ]
  }

  private func endUnplanned(
    _ state: TaskRunState, _ message: String, _ resource: inout Resource,
    _ run: inout TaskRunStatus
  ) -> Outcome {
    run.state = state
    run.message = message
    if state == .cancelled {
      resource.status.revert = PlanRevert(.complete, of: nil, at: now)
    }
    return finish(&run)
  }
}

extension TaskRunPlanner.Release {
  static func tasks(_ plan: Plan) -> Self {
    .tasks(ids: plan.tasks.map(\.id), types: Set(plan.tasks.map(\.type)))
  }
}
