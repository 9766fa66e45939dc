internal import Diagnostics
internal import Model
internal import Rollout
internal import TTRPC

/// Keeps what is known of rollouts' children: one list when a rollout is first met, then its changes.
extension Reconciler {
  /// Has the children of a deployment on the board, as of now or later.
  ///
  /// - Throws: where the store can't be read: nothing is followed then.
  func follow(_ deployment: Resource, _ spec: RolloutSpec, _ status: RolloutStatus)
    async throws(StoreError)
  {
    let key = deployment.key
    if let present = rollouts[key]?.identity.uid, present == deployment.metadata.uid,
      rollouts[key]?.isStale == false, rollouts[key]?.standards.rules == spec.rules
    {
      // Revisions come and go without a child that has them.
      rollouts[key]?.standards = FollowedRollout.Standards(spec, status)
      return
    }
    forgetRollout(key)
    var fresh = FollowedRollout(deployment, spec, status)
    let version = try await load(&fresh)
    fresh.watch = environment.loop.spawn { [weak self, identity = fresh.identity] in
      await self?.watchChildren(identity, after: version)
    }
    rollouts[key] = fresh
  }

  /// The children as the last pass left them, for who explains them.
  func followed(_ key: ObjectKey) -> (ChildBoard, FollowedRollout.Identity)? {
    rollouts[key].map { ($0.board, $0.identity) }
  }

  func forgetRollout(_ key: ObjectKey) {
    rollouts.removeValue(forKey: key)?.watch?.cancel()
  }

  private func load(_ rollout: inout FollowedRollout) async throws(StoreError) -> UInt64 {
    let list = try await environment.store.list(rollout.identity.children)
    let now = environment.time.now()
    for object in list.objects { rollout.take(object, isGone: false, at: now) }
    return list.version
  }

  /// Wakes the rollout for each batch of its children's changes, until it is forgotten.
  private func watchChildren(_ identity: FollowedRollout.Identity, after version: UInt64) async {
    let key = identity.deployment
    do throws(StoreError) {
      let watch = try await environment.store.watch(identity.children, after: version)
      while true {
        let changes = try await watch.next()
        guard !Task.isCancelled else { return }
        let now = environment.time.now()
        for change in changes {
          rollouts[key]?.take(change.object, isGone: change.kind == .deleted, at: now)
        }
        wake(key)
      }
    } catch {
      guard !Task.isCancelled else { return }
      if case .compacted = error {
        // Behind by more than the store keeps: all of it is read anew.
      } else {
        await environment.pause(after: error, during: "follow the children of \(key)")
        guard !Task.isCancelled else { return }
      }
      rollouts[key]?.isStale = true
      wake(key)
    }
  }
}
