internal import Diagnostics
internal import JSON
internal import Model
internal import TTRPC

/// Keeps events in the store, behind the passes that they tell of.
///
/// A pass hands its news over and goes on: writing them costs it nothing, and a store that fails
/// delays them alone. News of a moment are written at once, so that they share a commit. A crash
/// loses what waits; a normal stop calls `drain`, and nothing.
///
/// - Isolation: an actor on the host's event loop.
/// - Invariant: no event is written for a subject after `forget` has returned, as only its own
///   passes record any (guarded by `EventRecorderTests`).
actor EventRecorder {
  /// Events of one subject at most; the one that happened last longest ago goes first.
  static let subjectLimit = 32
  /// Events that wait to be written at most; more are dropped, counted and told in the log.
  static let waitingLimit = 4096
  /// Subjects of which is known what is stored.
  private static let subjectsKnown = 4096

  private let environment: EngineEnvironment
  private var waiting: [ObjectKey: Event] = [:]
  private var isWriting = false
  /// Events of the batch that is being written.
  private var batchCount = 0
  /// Finished when the batch that is being written is through.
  private var batchWaiters: [AsyncStream<Void>.Continuation] = []
  /// Names of the events that are stored of each subject, of those that had news lately.
  private var stored = RecentEntries<String, Set<String>>(cost: subjectsKnown)
  private(set) var dropped = 0

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    environment.loop.asUnownedSerialExecutor()
  }

  init(environment: EngineEnvironment) {
    self.environment = environment
  }

  /// Takes news; they are written soon.
  ///
  /// - Parameter areFirst: of a resource of which nothing was ever told, as it has no status yet.
  func record(_ events: [Event], areFirst: Bool = false) {
    if areFirst, let subject = events.first?.partition, stored[subject] == nil {
      stored.set([], for: subject, cost: 1)
    }
    for event in events { enqueue(event) }
    guard !isWriting, !waiting.isEmpty else { return }
    isWriting = true
    environment.loop.spawn { await self.write() }
  }

  private func enqueue(_ event: Event) {
    let key = event.objectKey
    if let earlier = waiting[key] {
      waiting[key] = earlier.counting(event)
    } else if waiting.count < Self.waitingLimit {
      waiting[key] = event
    } else {
      if dropped == 0 {
        environment.log.error(
          "the store takes no events; further ones are dropped until it does",
          ["waiting": .integer(Int64(waiting.count))])
      }
      dropped += 1
    }
  }

  /// Stores an event that happens once, before it returns; one that is there already is left as it is.
  func recordOnce(_ event: Event) async throws(StoreError) {
    guard try await environment.store.get(event.objectKey) == nil else { return }
    do throws(StoreError) {
      try await create(event, beside: try await names(of: event.partition))
    } catch {
      guard case .alreadyExists = error else { throw error }
    }
  }

  /// Returns when all that was recorded is stored, or when the caller is cancelled.
  func drain() async {
    while isWriting, !Task.isCancelled { await untilBatchEnds() }
  }

  private func untilBatchEnds() async {
    guard isWriting else { return }
    let (ended, continuation) = AsyncStream<Void>.makeStream()
    batchWaiters.append(continuation)
    for await _ in ended {}
  }

  /// Events that are not stored yet, for who can't wait for them any longer.
  var unwritten: Int { waiting.count + batchCount }

  /// Deletes what is kept of a resource, before the resource itself goes.
  func forget(_ uid: String) async throws(StoreError) {
    waiting = waiting.filter { $0.value.subjectUID != uid }
    await untilBatchEnds()
    stored.remove(uid)
    let filter = ObjectFilter(kind: Event.kind, partition: uid)
    for object in try await environment.store.list(filter).objects { try await delete(object) }
  }

  private func write() async {
    while !waiting.isEmpty {
      // One after the other for one subject, so that its events are counted; subjects at once.
      let batch = Dictionary(grouping: waiting.values, by: \.partition)
      batchCount = waiting.count
      waiting = [:]
      await withDiscardingTaskGroup { group in
        for events in batch.values {
          group.addTask { for event in events { await self.write(event) } }
        }
      }
      endBatch()
    }
  }

  private func endBatch() {
    batchCount = 0
    if dropped > 0 {
      environment.log.error("events were dropped", ["count": .integer(Int64(dropped))])
      dropped = 0
    }
    if waiting.isEmpty { isWriting = false }
    let waiters = batchWaiters
    batchWaiters = []
    for waiter in waiters { waiter.finish() }
  }

  /// Tried until it is stored: what can't be stored as it is is told and dropped.
  private func write(_ event: Event) async {
    while true {
      do throws(StoreError) {
        return try await tryWrite(event)
      } catch {
        // What is known of the subject may be what was wrong.
        stored.remove(event.partition)
        switch error {
        case .alreadyExists, .notFound, .conflict: continue
        case .refused:
          return environment.log.error("an event is dropped", ["error": .string("\(error)")])
        case .compacted, .unavailable:
          await environment.pause(after: error, during: "write an event of \(event.subject)")
        }
      }
    }
  }

  private func tryWrite(_ event: Event) async throws(StoreError) {
    let known = try await names(of: event.partition)
    guard known.contains(event.objectKey.name),
      let present = try await environment.store.get(event.objectKey),
      let earlier = try? Event(present)
    else { return try await create(event, beside: known) }
    _ = try await environment.store.update(earlier.counting(event).stored)
  }

  /// The subject's events, as far as news of this host tell; at the edge of what it may have, as the
  /// store tells.
  private func names(of subject: String) async throws(StoreError) -> Set<String> {
    if let known = stored[subject], known.count < Self.subjectLimit - 1 { return known }
    let names = Set(try await events(of: subject).map(\.key.name))
    stored.set(names, for: subject, cost: 1)
    return names
  }

  private func events(of subject: String) async throws(StoreError) -> [StoredObject] {
    try await environment.store.list(ObjectFilter(kind: Event.kind, partition: subject)).objects
  }

  /// Stores an event of its subject, which has these; the oldest go where there is no room for it.
  private func create(_ event: Event, beside names: Set<String>) async throws(StoreError) {
    if names.count >= Self.subjectLimit { try await makeRoom(event.partition) }
    var fresh = event
    fresh.uid = environment.ids.next()
    _ = try await environment.store.create(fresh.stored)
    guard var known = stored[event.partition] else { return }
    known.insert(event.objectKey.name)
    stored.set(known, for: event.partition, cost: 1)
  }

  private func makeRoom(_ subject: String) async throws(StoreError) {
    let ordered = try await events(of: subject).compactMap { object in
      (try? Event(object)).map { (object, $0.lastAt) }
    }.sorted { $0.1 < $1.1 }
    for (object, _) in ordered.prefix(max(0, ordered.count + 1 - Self.subjectLimit)) {
      try await delete(object)
    }
    stored.remove(subject)
  }

  private func delete(_ object: StoredObject) async throws(StoreError) {
    do throws(StoreError) {
      try await environment.store.delete(object.key, version: object.version)
    } catch {
      if case .notFound = error { return }
      throw error
    }
  }
}
