internal import Convergence
internal import Diagnostics
internal import JSON
internal import Model
internal import TTRPC

/// What every part of the engine stands on: loop, store, time, ids and log.
struct EngineEnvironment: Sendable {
  let loop: EventLoop
  let store: any ObjectStore
  let time: any TimeSource
  let ids: any IDSource
  let log: Log
}

/// Reading and changing intents, by compare-and-swap with as many tries as it takes.
///
/// The store's own failures are retried after `storeRetryDelay`: the engine has nothing better to do
/// without its store, and the log says what is wrong each time.
extension EngineEnvironment {
  static let storeRetryDelay = Milliseconds.seconds(1)

  func intent(_ key: IntentKey) async -> Intent? {
    await read("read \(key)") { () async throws(StoreError) in
      try await store.get(key.objectKey)
    }.flatMap(decode)
  }

  func intents(_ filter: ObjectFilter) async -> [Intent] {
    await read("list intents") { () async throws(StoreError) in
      try await store.list(filter)
    }.objects.filter { $0.key.kind == Intent.kind }.compactMap(decode)
  }

  /// An intent on the same target that names this one among its references.
  func reference(to key: IntentKey) async -> IntentKey? {
    await intents(ObjectFilter(kind: Intent.kind, partition: key.target))
      .first { $0.key != key && $0.references.contains(key) }?.key
  }

  /// Changes an intent as it now stands; nil where it is gone.
  func change(_ key: IntentKey, _ body: @Sendable (inout Intent) -> Bool) async -> Intent? {
    while true {
      guard var intent = await intent(key) else { return nil }
      guard body(&intent) else { return intent }
      do {
        intent.version = try await store.update(intent.stored)
        return intent
      } catch {
        if case .notFound = error { return nil }
        await pause(after: error, during: "write \(key)")
      }
    }
  }

  /// Deletes an intent whose removal is done; answers it where it was wanted again meanwhile.
  func deleteRemoved(_ key: IntentKey) async -> Intent? {
    while true {
      guard let intent = await intent(key) else { return nil }
      guard intent.state == .deletePending else { return intent }
      do {
        try await store.delete(key.objectKey, version: intent.version)
        return nil
      } catch {
        if case .notFound = error { return nil }
        await pause(after: error, during: "delete \(key)")
      }
    }
  }

  func read<Value: Sendable>(
    _ what: String, _ body: () async throws(StoreError) -> Value
  ) async -> Value {
    while true {
      do {
        return try await body()
      } catch {
        await pause(after: error, during: what)
      }
    }
  }

  /// A conflict is tried again at once: somebody else made progress.
  func pause(after error: StoreError, during what: String) async {
    if case .conflict = error { return }
    log.error(
      "the store failed; trying again", ["during": .string(what), "error": .string("\(error)")])
    await time.wait(until: time.now() + Self.storeRetryDelay)
  }

  private func decode(_ stored: StoredObject) -> Intent? {
    do {
      return try Intent(stored)
    } catch {
      log.error(
        "an intent in the store can't be read; it is left alone", ["error": .string("\(error)")])
      return nil
    }
  }
}
