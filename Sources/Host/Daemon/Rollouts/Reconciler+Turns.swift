internal import LinuxSystem
internal import Model
internal import Rollout
internal import TTRPC

/// Turns of children: each effect is one compare-and-swap of the child's object, and says by itself
/// what it belongs to.
extension Reconciler {
  /// Stores the results of turns that have ended, each on its child.
  func settle(_ rollout: ObjectKey) async throws(StoreError) {
    let due = rollouts[rollout]?.board.takeOverdue(at: environment.time.now()) ?? []
    for ordinal in due {
      try await changeChild(ordinal, of: rollout) { [self] child, standards in
        guard var record = child.metadata.childRecord, record.result == nil,
          case .ended(let result) = standards.outcome(child, record, at: environment.time.now())
        else { return false }
        record.result = result
        child.metadata.childRecord = record
        return true
      }
      failpoint.reach("rollout.child-settled.\(ordinal)")
    }
  }

  /// Begins a child's turn: makes it, or gives it the attempt's template, and has it planned anew.
  func startTurn(
    _ ordinal: Int, of deployment: Resource, _ spec: RolloutSpec, _ attempt: AttemptStatus
  ) async throws(StoreError) {
    guard let key = rollouts[deployment.key]?.identity.key(ordinal) else { return }
    let turn = ChildTurn(
      deployment: deployment, template: spec.template, attempt: attempt,
      now: environment.time.now())
    while true {
      do throws(StoreError) {
        var child: Resource
        if let stored = try await environment.store.get(key) {
          child = try decodedChild(stored)
          if let obstacle = turn.obstacle(in: child) {
            rollouts[deployment.key]?.board.set(
              ordinal, .blocked(obstacle, at: environment.time.now()))
            return
          }
          guard turn.begin(&child) else { return seat(child, ordinal, of: deployment.key) }
          child.version = try await environment.store.update(child.stored)
        } else {
          child = turn.fresh(named: key.name, uid: environment.ids.next())
          child.version = try await environment.store.create(child.stored)
        }
        seat(child, ordinal, of: deployment.key)
        wake(key)
        break
      } catch {
        guard error.isRace else { throw error }
      }
    }
    failpoint.reach("rollout.turn-begun.\(ordinal)")
  }

  /// Brings a child back to what its revision makes of it, where somebody changed it.
  func repair(_ ordinal: Int, of deployment: Resource) async throws(StoreError) {
    try await changeChild(ordinal, of: deployment.key) { child, standards in
      guard let record = child.metadata.childRecord, child.metadata.deletionTimestamp == nil,
        let template = standards.templates[record.revision], !template.fits(child)
      else { return false }
      ChildTurn.shape(&child, by: template)
      return true
    }
  }

  /// Has a child go; one that is on its way already, or somebody else's, is left alone.
  func removeChild(_ ordinal: Int, of deployment: Resource) async throws(StoreError) {
    try await changeChild(ordinal, of: deployment.key) { [environment] child, _ in
      guard child.metadata.deletionTimestamp == nil else { return false }
      child.metadata.deletionTimestamp = environment.time.now()
      return true
    }
    failpoint.reach("rollout.child-leaving.\(ordinal)")
  }

  /// Lets a child be: it stays as it is, and is nobody's.
  func orphan(_ ordinal: Int, of deployment: Resource) async throws(StoreError) {
    try await changeChild(ordinal, of: deployment.key) { child, _ in
      child.metadata.ownerReferences.removeAll { $0.uid == deployment.metadata.uid }
      child.metadata.childRecord = nil
      return true
    }
  }

  /// Ends the plan of a child whose attempt has failed.
  func stopTurn(_ ordinal: Int, of deployment: Resource) async throws(StoreError) {
    try await changeChild(ordinal, of: deployment.key) { child, _ in
      guard var record = child.metadata.childRecord, record.result == nil,
        let plan = child.status.plan, plan.phase == .active, record.stopping != plan.id
      else { return false }
      record.stopping = plan.id
      child.metadata.childRecord = record
      child.metadata.annotate(ObjectMeta.cancelAnnotation, plan.id)
      return true
    }
    guard let child = rollouts[deployment.key]?.identity.key(ordinal) else { return }
    // It waits for the plugin that it tells.
    environment.loop.spawn { await self.asked(child) }
  }

  /// Changes a child that is this rollout's, by compare-and-swap until it fits; what is on the board
  /// afterwards is what was stored.
  private func changeChild(
    _ ordinal: Int, of rollout: ObjectKey,
    _ body: (inout Resource, FollowedRollout.Standards) -> Bool
  ) async throws(StoreError) {
    while let identity = rollouts[rollout]?.identity, let standards = rollouts[rollout]?.standards {
      // Gone: the watch says so, too.
      guard let stored = try await environment.store.get(identity.key(ordinal)) else { return }
      var child = try decodedChild(stored)
      guard child.metadata.controller?.uid == identity.uid else { return }
      guard body(&child, standards) else { return seat(child, ordinal, of: rollout) }
      do throws(StoreError) {
        child.version = try await environment.store.update(child.stored)
        seat(child, ordinal, of: rollout)
        return wake(child.key)
      } catch {
        guard error.isRace else { throw error }
      }
    }
  }

  private func seat(_ child: Resource, _ ordinal: Int, of rollout: ObjectKey) {
    rollouts[rollout]?.take(child, ordinal, at: environment.time.now())
  }

  private func decodedChild(_ stored: StoredObject) throws(StoreError) -> Resource {
    do {
      return try Resource(stored)
    } catch {
      throw .unavailable("\(stored.key) in the store can't be read: \(error)")
    }
  }
}

extension StoreError {
  /// Somebody else was first: read again.
  fileprivate var isRace: Bool {
    switch self {
    case .conflict, .alreadyExists, .notFound: true
    case .compacted, .refused, .unavailable: false
    }
  }
}
