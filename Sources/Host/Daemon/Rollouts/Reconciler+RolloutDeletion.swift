internal import Model
internal import Rollout

/// A deployment on its way out: its children go first, the last one first, or are let be.
extension Reconciler {
  func rolloutDeletionPass(
    _ deployment: Resource, before read: Reading, _ spec: RolloutSpec, _ status: RolloutStatus
  ) async throws(StoreError) -> Next {
    let key = deployment.key
    rollouts[key]?.board.begin(
      attempt: status.attempt?.number ?? 0, revision: status.attempt?.revision ?? 0, replicas: 0)
    let isOrphaning = spec.onDelete == .orphan
    for ordinal in board(of: key).nextSurplus(isOrphaning ? .max : spec.maxParallel) {
      if isOrphaning {
        try await orphan(ordinal, of: deployment)
      } else {
        try await removeChild(ordinal, of: deployment)
      }
    }
    guard let children = rollouts[key]?.identity.children else { return .now }
    // The store has the last word: the board may be a change behind it.
    let left = try await environment.store.list(children, after: nil, limit: 1).objects
    guard left.isEmpty else {
      var resource = deployment
      resource.status.phase = Self.deletingPhase
      resource.status.setCondition(
        ConditionType.deleting, .isTrue, reason: "RemovingChildren",
        message: "its children go first, the last one first",
        generation: resource.metadata.generation, at: environment.time.now())
      try await flush(resource, before: read)
      return .whenWoken
    }
    try await events.forget(deployment.metadata.uid)
    try await environment.store.delete(key, version: deployment.version)
    await forget(key)
    return .whenWoken
  }
}
