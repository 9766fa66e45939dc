import Synchronization

@testable import Model

/// A store that knows single-object compare-and-swap and nothing else; it outlives the engines on it.
final class MemoryStore: ObjectStore {
  private struct State {
    var objects: [ObjectKey: StoredObject] = [:]
    var version: UInt64 = 0
    var bodyBytes = Int.max

    mutating func put(_ object: StoredObject) -> UInt64 {
      version += 1
      var stored = object
      stored.version = version
      objects[object.key] = stored
      return version
    }
  }

  private let state = Mutex(State())

  var all: [StoredObject] { state.withLock { Array($0.objects.values) } }

  /// Refuses updates to larger objects from now on.
  func limit(bodyBytes: Int) { state.withLock { $0.bodyBytes = bodyBytes } }

  func get(_ key: ObjectKey) async throws(StoreError) -> StoredObject? {
    state.withLock { $0.objects[key] }
  }

  func list(_ filter: ObjectFilter) async throws(StoreError) -> ObjectList {
    state.withLock { state in
      let found = state.objects.values.filter(filter.matches).sorted {
        ($0.key.namespace, $0.key.name) < ($1.key.namespace, $1.key.name)
      }
      return ObjectList(objects: found, version: state.version)
    }
  }

  func list(_ filter: ObjectFilter, after key: ObjectKey?, limit: Int) async throws(StoreError)
    -> ObjectList
  {
    var list = try await list(filter)
    if let key {
      list.objects.removeAll {
        ($0.key.namespace, $0.key.name) <= (key.namespace, key.name)
      }
    }
    list.objects = Array(list.objects.prefix(limit))
    return list
  }

  func create(_ object: StoredObject) async throws(StoreError) -> UInt64 {
    let result = state.withLock { state -> Result<UInt64, StoreError> in
      guard state.objects[object.key] == nil else { return .failure(.alreadyExists(object.key)) }
      return .success(state.put(object))
    }
    return try result.get()
  }

  func update(_ object: StoredObject) async throws(StoreError) -> UInt64 {
    let result = state.withLock { state -> Result<UInt64, StoreError> in
      guard let present = state.objects[object.key] else { return .failure(.notFound(object.key)) }
      guard present.version == object.version else {
        return .failure(
          .conflict(object.key, expected: object.version, actual: present.version))
      }
      guard object.body.count <= state.bodyBytes else {
        return .failure(.refused("it is larger than \(state.bodyBytes) bytes"))
      }
      return .success(state.put(object))
    }
    return try result.get()
  }

  func delete(_ key: ObjectKey, version: UInt64) async throws(StoreError) {
    let result = state.withLock { state -> Result<Void, StoreError> in
      guard let present = state.objects[key] else { return .failure(.notFound(key)) }
      guard present.version == version else {
        return .failure(.conflict(key, expected: version, actual: present.version))
      }
      state.objects[key] = nil
      return .success(())
    }
    try result.get()
  }

  func watch(_ filter: ObjectFilter, after version: UInt64) async throws(StoreError)
    -> any ObjectWatch
  {
    throw .unavailable("nobody watches in these tests")
  }
}

/// A store that dies at one write, which is not made: what an engine sees that crashes there. Events are
/// told behind the passes, and count for nothing.
///
/// Dying before a write is the same as dying after the one before it: what a host holds in memory is lost
/// either way.
final class DyingStore: ObjectStore {
  private struct State {
    var writes = 0
    var isDead = false
    var atDeath: [@Sendable () -> Void] = []

    /// Answers what is to be called now.
    mutating func die() -> [@Sendable () -> Void] {
      isDead = true
      defer { atDeath = [] }
      return atDeath
    }
  }

  private let base: MemoryStore
  private let lastWrite: Int?
  private let state = Mutex(State())

  /// - Parameter deathAtWrite: counted from 0; nil = it lives.
  init(_ base: MemoryStore, deathAtWrite: Int?) {
    self.base = base
    lastWrite = deathAtWrite
  }

  var isDead: Bool { state.withLock { $0.isDead } }

  /// Its host is no more: nothing of it reaches the store or the targets.
  func die() {
    for tell in state.withLock({ $0.die() }) { tell() }
  }

  /// Called at once where it is dead already.
  func atDeath(_ tell: @escaping @Sendable () -> Void) {
    let isDead = state.withLock { state in
      if !state.isDead { state.atDeath.append(tell) }
      return state.isDead
    }
    if isDead { tell() }
  }

  var writes: Int { state.withLock { $0.writes } }

  private func live() throws(StoreError) {
    if isDead { throw .unavailable("this host is dead") }
  }

  private func count(_ key: ObjectKey) throws(StoreError) {
    guard key.kind != Event.kind else { return try live() }
    let isLast = state.withLock { $0.writes == lastWrite }
    if isLast { die() }
    let isDead = state.withLock { state in
      if !state.isDead { state.writes += 1 }
      return state.isDead
    }
    if isDead { throw .unavailable("this host is dead") }
  }

  func get(_ key: ObjectKey) async throws(StoreError) -> StoredObject? {
    try live()
    return try await base.get(key)
  }

  func list(_ filter: ObjectFilter) async throws(StoreError) -> ObjectList {
    try live()
    return try await base.list(filter)
  }

  func list(_ filter: ObjectFilter, after key: ObjectKey?, limit: Int) async throws(StoreError)
    -> ObjectList
  {
    try live()
    return try await base.list(filter, after: key, limit: limit)
  }

  func create(_ object: StoredObject) async throws(StoreError) -> UInt64 {
    try count(object.key)
    return try await base.create(object)
  }

  func update(_ object: StoredObject) async throws(StoreError) -> UInt64 {
    try count(object.key)
    return try await base.update(object)
  }

  func delete(_ key: ObjectKey, version: UInt64) async throws(StoreError) {
    try count(key)
    try await base.delete(key, version: version)
  }

  func watch(_ filter: ObjectFilter, after version: UInt64) async throws(StoreError)
    -> any ObjectWatch
  {
    try await base.watch(filter, after: version)
  }
}
