internal import Model
internal import TTRPC

/// Follows the resources that are intents of the host target, one watch of the store for each kind.
///
/// - Isolation: an actor on the host's event loop.
/// - Invariant: a resource is followed before it is read, so that no change is missed (guarded by
///   `HostTargetTests`).
actor HostTargetWatch {
  private let environment: EngineEnvironment
  private let changed: @Sendable ([IntentKey]) async -> Void
  private var followed: [String: Set<ObjectKey>] = [:]
  private var watchedKinds: Set<String> = []

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    environment.loop.asUnownedSerialExecutor()
  }

  /// `changed` is told of intents whose resources changed.
  init(environment: EngineEnvironment, changed: @escaping @Sendable ([IntentKey]) async -> Void) {
    self.environment = environment
    self.changed = changed
  }

  /// From when it returns, every change of the resource is told.
  func follow(_ key: ObjectKey) async throws(StoreError) {
    followed[key.kind, default: []].insert(key)
    guard !watchedKinds.contains(key.kind) else { return }
    let version = try await environment.store.list(
      ObjectFilter(kind: key.kind), after: nil, limit: 1
    ).version
    guard watchedKinds.insert(key.kind).inserted else { return }
    environment.loop.spawn { [weak self] in await self?.watch(key.kind, after: version) }
  }

  func forget(_ key: ObjectKey) {
    followed[key.kind]?.remove(key)
  }

  private func watch(_ kind: String, after version: UInt64) async {
    do throws(StoreError) {
      let watch = try await environment.store.watch(ObjectFilter(kind: kind), after: version)
      while true {
        let keys = Set(try await watch.next().map(\.object.key))
        await tell(keys.intersection(followed[kind] ?? []))
      }
    } catch {
      watchedKinds.remove(kind)
      if case .compacted = error {
        // Behind by more than the store keeps: all of them are read anew.
      } else {
        await environment.pause(after: error, during: "follow resources of kind \(kind)")
      }
      // Looking at them follows them again.
      await tell(followed[kind] ?? [])
    }
  }

  private func tell(_ resources: Set<ObjectKey>) async {
    guard !resources.isEmpty else { return }
    await changed(resources.map(HostTarget.intent))
  }
}
