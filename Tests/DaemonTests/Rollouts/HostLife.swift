import Synchronization

@testable import Model

/// How often the store was asked for what.
struct CallCounts: Equatable {
  var gets = 0
  var lists = 0
  /// Of those, lists of a rollout's children.
  var childLists = 0
  var writes = 0
  /// Writes of deployments.
  var flushes = 0
  /// Of those, in the pass that goes on, which began by reading the deployment; and in the one with most.
  var flushesOfPass = 0
  var mostFlushesOfPass = 0
}

extension CallCounts {
  fileprivate mutating func note(_ list: ObjectFilter) {
    lists += 1
    if list.kind == RolloutFixture.childKind { childLists += 1 }
  }
}

/// The store as one host has it: once that is dead, none of its calls begins or returns.
final class HostLife: ObjectStore {
  private struct State {
    var isOver = false
    var counts = CallCounts()
  }

  private let base: any ObjectStore
  private let beforeFlush: (@Sendable (StoredObject) async -> Void)?
  private let state = Mutex(State())

  /// - Parameter beforeFlush: is shown each state of a deployment that is about to be written.
  init(
    _ base: any ObjectStore, beforeFlush: (@Sendable (StoredObject) async -> Void)? = nil
  ) {
    self.base = base
    self.beforeFlush = beforeFlush
  }

  func end() { state.withLock { $0.isOver = true } }

  var counts: CallCounts { state.withLock { $0.counts } }

  private func count(_ change: (inout CallCounts) -> Void) {
    state.withLock { change(&$0.counts) }
  }

  private func stayingAlive() async {
    guard state.withLock({ $0.isOver }) else { return }
    let never = AsyncStream<Void> { _ in }
    for await _ in never {}
  }

  func get(_ key: ObjectKey) async throws(StoreError) -> StoredObject? {
    await stayingAlive()
    count { counts in
      counts.gets += 1
      if key.kind == "NodeDeployment" { counts.flushesOfPass = 0 }
    }
    let object = try await base.get(key)
    await stayingAlive()
    return object
  }

  func list(_ filter: ObjectFilter) async throws(StoreError) -> ObjectList {
    await stayingAlive()
    count { $0.note(filter) }
    let list = try await base.list(filter)
    await stayingAlive()
    return list
  }

  func list(_ filter: ObjectFilter, after key: ObjectKey?, limit: Int) async throws(StoreError)
    -> ObjectList
  {
    await stayingAlive()
    count { $0.note(filter) }
    let list = try await base.list(filter, after: key, limit: limit)
    await stayingAlive()
    return list
  }

  func create(_ object: StoredObject) async throws(StoreError) -> UInt64 {
    await stayingAlive()
    count { $0.writes += 1 }
    let version = try await base.create(object)
    await stayingAlive()
    return version
  }

  func update(_ object: StoredObject) async throws(StoreError) -> UInt64 {
    await stayingAlive()
    count { counts in
      counts.writes += 1
      guard object.key.kind == "NodeDeployment" else { return }
      counts.flushes += 1
      counts.flushesOfPass += 1
      counts.mostFlushesOfPass = max(counts.mostFlushesOfPass, counts.flushesOfPass)
    }
    if object.key.kind == "NodeDeployment" { await beforeFlush?(object) }
    let version = try await base.update(object)
    await stayingAlive()
    return version
  }

  func delete(_ key: ObjectKey, version: UInt64) async throws(StoreError) {
    await stayingAlive()
    count { $0.writes += 1 }
    try await base.delete(key, version: version)
    await stayingAlive()
  }

  func watch(_ filter: ObjectFilter, after version: UInt64) async throws(StoreError)
    -> any ObjectWatch
  {
    await stayingAlive()
    return try await base.watch(filter, after: version)
  }
}
