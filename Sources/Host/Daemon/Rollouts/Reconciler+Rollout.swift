internal import Diagnostics
internal import JSON
internal import LinuxSystem
internal import Model
internal import Rollout

/// One pass over a NodeDeployment.
///
/// The order is what its guarantees rest on (`docs/rollouts.md`): an attempt is flushed before a child
/// is touched; a child's result is stored on the child before the rollout's state is derived from it;
/// that state is stored, once a pass, before anything that must happen once at an attempt's end.
extension Reconciler {
  func rolloutPass(_ read: Reading) async throws(StoreError) -> Next {
    let resource = read.resource
    let spec: RolloutSpec
    var status: RolloutStatus
    do throws(MappingError) {
      spec = try RolloutSpec(resource.spec)
      status = try resource.rolloutStatus()
    } catch {
      return try await refuse(resource, before: read, error)
    }
    try await announce(&status, of: resource)
    try await follow(resource, spec, status)
    if resource.metadata.deletionTimestamp != nil {
      return try await rolloutDeletionPass(resource, before: read, spec, status)
    }
    show(status.attempt, on: resource.key)
    let course = status.resolve(
      spec, isPaused: resource.isPaused, retry: resource.metadata.retryRequest,
      tally: board(of: resource.key).tally, at: environment.time.now())
    guard let attempt = status.attempt else { return try await show(resource, read, spec, status) }
    show(attempt, on: resource.key)
    if course == .began {
      rollouts[resource.key]?.standards = FollowedRollout.Standards(spec, status)
      _ = try await show(resource, read, spec, status)
      failpoint.reach("rollout.attempt-begun.\(attempt.number)")
      return .now
    }
    if resource.metadata.promotionRequest == attempt.number { status.attempt?.isPromoted = true }
    try await settle(resource.key)
    if !resource.isPaused { try await act(resource, spec, status) }
    take(&status, resource)
    let isTerminal = status.attempt?.state.isTerminal == true
    let isEnd = isTerminal && !attempt.state.isTerminal
    let isRevived = !isTerminal && attempt.state.isTerminal
    let next = try await show(resource, read, spec, status)
    if isEnd { failpoint.reach("rollout.attempt-ended.\(attempt.number)") }
    return status.unannounced.isEmpty && !isRevived ? next : .now
  }

  private func show(_ attempt: AttemptStatus?, on rollout: ObjectKey) {
    guard let attempt else { return }
    rollouts[rollout]?.board.begin(
      attempt: attempt.number, revision: attempt.revision, replicas: attempt.replicas)
  }

  func board(of key: ObjectKey) -> ChildBoard {
    guard let rollout = rollouts[key] else { preconditionFailure("the pass follows its children") }
    return rollout.board
  }

  /// The attempt becomes what its children make of it; what may not be is left as it was.
  private func take(_ status: inout RolloutStatus, _ resource: Resource) {
    let board = board(of: resource.key)
    let projection = Projection(board.tally)
    do throws(RevivalRefused) {
      try status.take(
        projection, board.tally, detail: board.trouble(of: resource.metadata.name),
        at: environment.time.now())
    } catch {
      environment.log.debug(
        "children of an ended attempt go on by themselves",
        ["rollout": .string("\(resource.key)"), "refused": .string("\(error)")])
    }
  }

  /// The pass's one flush, and when the next pass is due.
  private func show(
    _ resource: Resource, _ read: Reading, _ spec: RolloutSpec, _ status: RolloutStatus
  ) async throws(StoreError) -> Next {
    var resource = resource
    let now = environment.time.now()
    var canary: Int?
    if spec.canary > 0, status.attempt?.isPromoted == false,
      status.attempt?.state.isTerminal == false, !resource.isPaused,
      rollouts[resource.key]?.board.isHeldBehind(canary: spec.canary) == true
    {
      canary = spec.canary
    }
    resource.show(status, board(of: resource.key), heldBehind: canary, at: now)
    try await flush(resource, before: read)
    return Next(rollouts[resource.key]?.board.nextRecheck(), now: now)
  }

  /// Starts, repairs, removes and stops what this pass may. One function has the say: a failure that
  /// ends the attempt ends the starting, too.
  private func act(_ resource: Resource, _ spec: RolloutSpec, _ status: RolloutStatus)
    async throws(StoreError)
  {
    guard let attempt = status.attempt else { return }
    let key = resource.key
    for ordinal in rollouts[key]?.board.nextDrifted(spec.maxParallel) ?? [] {
      try await repair(ordinal, of: resource)
    }
    for ordinal in board(of: key).nextSurplus(spec.maxParallel) {
      try await removeChild(ordinal, of: resource)
    }
    let projection = Projection(board(of: key).tally)
    // A complete attempt has ended, and keeps what it made: children that vanished are made again.
    if projection.mayStartNext, !attempt.state.isTerminal || attempt.state == .complete {
      let canary = spec.canary > 0 && !attempt.isPromoted ? spec.canary : nil
      let next =
        rollouts[key]?.board.next(maxParallel: spec.maxParallel, canary: canary) ?? []
      // A start may itself be the failure that ends the starting.
      for ordinal in next where Projection(board(of: key).tally).mayStartNext {
        try await startTurn(ordinal, of: resource, spec, attempt)
      }
    } else if projection.state == .failed, spec.inFlight == .cancel {
      for ordinal in rollouts[key]?.board.nextStoppable(spec.maxParallel) ?? [] {
        try await stopTurn(ordinal, of: resource)
      }
    }
  }

  /// Tells of attempts that ended, each once: the event's key is the rollout's and the attempt's, so that
  /// what was told before a crash is found there.
  private func announce(_ status: inout RolloutStatus, of resource: Resource)
    async throws(StoreError)
  {
    let ended = status.unannounced
    guard !ended.isEmpty else { return }
    for attempt in ended {
      let event = Event(
        subject: resource.key, subjectUID: resource.metadata.uid, severity: .normal,
        reason: .rolloutEnded,
        message: "of revision \(attempt.revision); how: mortise rollout history "
          + resource.metadata.name,
        plan: "attempt \(attempt.number)", at: attempt.completedAt)
      try await events.recordOnce(event)
      failpoint.reach("rollout.announced.\(attempt.number)")
    }
    status.setAnnounced()
  }

  private func refuse(_ resource: Resource, before read: Reading, _ error: MappingError)
    async throws(StoreError) -> Next
  {
    var resource = resource
    resource.status.setCondition(
      ConditionType.plannable, .isFalse, reason: "Unreadable", message: "\(error)",
      generation: resource.metadata.generation, at: environment.time.now())
    try await flush(resource, before: read)
    return .whenWoken
  }
}
