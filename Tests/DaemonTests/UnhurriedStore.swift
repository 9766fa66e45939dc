import SeededRandom
import Synchronization

@testable import Model

/// A store whose calls begin and end some turns of the loop later, a seeded number of them: what a
/// store behind a network does to whoever assumes that nothing happens meanwhile.
final class UnhurriedStore: ObjectStore {
  private let base: any ObjectStore
  private let random: Mutex<SplitMix64>

  init(_ base: any ObjectStore, seed: UInt64) {
    self.base = base
    random = Mutex(SplitMix64(seed: seed))
  }

  func get(_ key: ObjectKey) async throws(StoreError) -> StoredObject? {
    await dawdle()
    let object = try await base.get(key)
    await dawdle()
    return object
  }

  func list(_ filter: ObjectFilter) async throws(StoreError) -> ObjectList {
    await dawdle()
    let list = try await base.list(filter)
    await dawdle()
    return list
  }

  func list(_ filter: ObjectFilter, after key: ObjectKey?, limit: Int) async throws(StoreError)
    -> ObjectList
  {
    await dawdle()
    let list = try await base.list(filter, after: key, limit: limit)
    await dawdle()
    return list
  }

  func create(_ object: StoredObject) async throws(StoreError) -> UInt64 {
    await dawdle()
    let version = try await base.create(object)
    await dawdle()
    return version
  }

  func update(_ object: StoredObject) async throws(StoreError) -> UInt64 {
    await dawdle()
    let version = try await base.update(object)
    await dawdle()
    return version
  }

  func delete(_ key: ObjectKey, version: UInt64) async throws(StoreError) {
    await dawdle()
    try await base.delete(key, version: version)
    await dawdle()
  }

  func watch(_ filter: ObjectFilter, after version: UInt64) async throws(StoreError)
    -> any ObjectWatch
  {
    try await base.watch(filter, after: version)
  }

  private func dawdle() async {
    // Now and then longer than all that the engine does in between.
    let turns = random.withLock { random in
      Int.random(in: 0..<(Int.random(in: 0..<4, using: &random) == 0 ? 120 : 4), using: &random)
    }
    for _ in 0..<turns { await Task.yield() }
  }
}
