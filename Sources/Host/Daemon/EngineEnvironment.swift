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

  /// Those that are there or on their way; tombstones aside.
  ///
  /// - Parameter kinds: of what the intents stand for; nil = all.
  func intents(_ filter: ObjectFilter, kinds: Set<String>? = nil) async -> [Intent] {
    await read("list intents") { () async throws(StoreError) in
      try await store.list(filter)
    }.objects.filter { stored in
      guard stored.key.kind == Intent.kind else { return false }
      // The kind leads the name: what is not wanted is not even parsed.
      return kinds?.contains { stored.key.name.hasPrefix("\($0)/") } ?? true
    }.compactMap(decode).filter { $0.state != .removed }
  }

  /// An intent on the same target that names this one among its references; one that is wanted, if
  /// there is any, rather than one that is on its way out.
  func reference(to key: IntentKey) async -> Intent? {
    let holders = await intents(ObjectFilter(kind: Intent.kind, partition: key.target))
      .filter { $0.key != key && $0.references.contains(key) }
    return holders.first(where: \.isWanted) ?? holders.first
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

  /// Takes note that an intent's removal is done: it goes, or stays as a tombstone where a plan
  /// remembers it; answers it where it was wanted again meanwhile.
  func settleRemoved(_ key: IntentKey) async -> Intent? {
    while true {
      guard var intent = await intent(key) else { return nil }
      guard intent.removed() else { return intent.state == .removed ? nil : intent }
      do {
        try await write(intent)
        return nil
      } catch {
        if case .notFound = error { return nil }
        await pause(after: error, during: "delete \(key)")
      }
    }
  }

  /// Stores an intent as it is now; one that nobody remembers goes.
  func write(_ intent: Intent) async throws(StoreError) {
    if intent.isForgotten {
      try await store.delete(intent.key.objectKey, version: intent.version)
    } else {
      _ = try await store.update(intent.stored)
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
