internal import Model
internal import TTRPC

/// Exclusive keys: who holds which, in the store, and who waits for one, here.
///
/// - Isolation: an actor on the host's event loop.
/// - Invariant: a resource waits for a key before it looks whether it is held, so no release is missed
///   (guarded by `ClaimBookTests`).
actor ClaimBook {
  private let environment: EngineEnvironment
  private let wake: @Sendable (ObjectKey) -> Void
  private var waiters: [String: Set<ObjectKey>] = [:]

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    environment.loop.asUnownedSerialExecutor()
  }

  /// `wake` is told of resources whose key may be free.
  init(environment: EngineEnvironment, wake: @escaping @Sendable (ObjectKey) -> Void) {
    self.environment = environment
    self.wake = wake
  }

  /// Takes the keys one after the other, those that the holder has already included; stops at the first
  /// that another one holds, and keeps what it has: all take their keys in the same order, so nobody
  /// waits in a ring.
  ///
  /// - Parameter keys: sorted.
  /// - Returns: the claim that is in the way; nil = it has them all.
  func take(_ keys: [String], for holder: IntentOwner) async throws(StoreError) -> Claim? {
    precondition(keys == keys.sorted(), "keys that are taken in any order can wait in a ring")
    for key in keys {
      waiters[key, default: []].insert(holder.resource)
      if let other = try await take(key, for: holder) { return other }
      stopWaiting(holder.resource, for: key)
    }
    return nil
  }

  private func take(_ key: String, for holder: IntentOwner) async throws(StoreError) -> Claim? {
    while true {
      if let present = try await claim(key) {
        return present.holder.uid == holder.uid ? nil : present
      }
      let claim = Claim(key: key, holder: holder, since: environment.time.now())
      do {
        _ = try await environment.store.create(claim.stored)
        return nil
      } catch {
        guard case .alreadyExists = error else { throw error }
      }
    }
  }

  private func claim(_ key: String) async throws(StoreError) -> Claim? {
    guard let stored = try await environment.store.get(Claim.objectKey(of: key)) else { return nil }
    return try decode(stored)
  }

  /// Lets go of all that the holder has; who waits for it is woken. May be repeated.
  func release(_ holder: IntentOwner) async throws(StoreError) {
    for (key, waiting) in waiters where waiting.contains(holder.resource) {
      stopWaiting(holder.resource, for: key)
    }
    let held = try await environment.store.list(
      ObjectFilter(kind: Claim.kind, owner: holder.uid)
    ).objects
    for stored in held {
      let claim = try decode(stored)
      do {
        try await environment.store.delete(stored.key, version: stored.version)
      } catch {
        guard case .notFound = error else { throw error }
      }
      for resource in waiters[claim.key] ?? [] { wake(resource) }
    }
  }

  private func stopWaiting(_ resource: ObjectKey, for key: String) {
    waiters[key]?.remove(resource)
    if waiters[key]?.isEmpty ?? false { waiters[key] = nil }
  }

  private func decode(_ stored: StoredObject) throws(StoreError) -> Claim {
    do {
      return try Claim(stored)
    } catch {
      throw .unavailable("\(stored.key) in the store can't be read: \(error)")
    }
  }
}
