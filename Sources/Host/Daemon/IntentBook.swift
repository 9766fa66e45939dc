internal import Convergence
internal import Model
internal import TTRPC

/// Writes tasks' wishes, evaluates their gates, and knows who waits for which intent.
///
/// - Isolation: an actor on the host's event loop.
/// - Invariant: a resource is registered as waiting before its gate's first evaluation reads an
///   intent, so no wake-up is lost (guarded by `IntentBookTests`).
actor IntentBook {
  private let environment: EngineEnvironment
  private let driver: any DriverPort
  private let wake: @Sendable (ObjectKey) -> Void
  private var convergers: [String: TargetConverger] = [:]
  private var waiters: [IntentKey: Set<ObjectKey>] = [:]
  private var waits: [ObjectKey: Set<IntentKey>] = [:]

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    environment.loop.asUnownedSerialExecutor()
  }

  /// `wake` is told of resources that need a pass.
  init(
    environment: EngineEnvironment, driver: any DriverPort,
    wake: @escaping @Sendable (ObjectKey) -> Void
  ) {
    self.environment = environment
    self.driver = driver
    self.wake = wake
  }

  func owned(byUID uid: String) async -> [Intent] {
    await environment.intents(ObjectFilter(kind: Intent.kind, owner: uid))
  }

  /// Which of the intents were verified at or after the moment.
  func fresh(among intents: [Intent], since moment: Timestamp) async -> Set<IntentKey> {
    var fresh: Set<IntentKey> = []
    for intent in intents
    where await converger(intent.key.target).isFresh(intent.key, since: moment) {
      fresh.insert(intent.key)
    }
    return fresh
  }

  /// Has the intents verified, if they were not at or after the moment; their owner is woken then.
  func verify(_ keys: some Sequence<IntentKey>, since moment: Timestamp) async {
    for key in keys { await converger(key.target).verify(key, since: moment) }
  }

  /// Writes what a Wait asks for; a delivery that has written it before writes nothing.
  ///
  /// - Throws: `TaskError` where another resource holds one of the intents; those before it stay
  ///   written, as the task's plan owns them.
  func write(_ wait: PendingWait, owner: IntentOwner, writer: IntentWriter) async throws(TaskError)
  {
    for write in wait.wish.set { try await set(write, owner: owner, writer: writer) }
    for key in wait.wish.remove { try await remove(key, owner: owner, writer: writer) }
    for key in wait.wish.release where await environment.reference(to: key) == nil {
      try await remove(key, owner: owner, writer: writer)
    }
  }

  private func set(_ write: IntentWrite, owner: IntentOwner, writer: IntentWriter)
    async throws(TaskError)
  {
    while true {
      do {
        if var intent = await environment.intent(write.key) {
          guard try intent.want(write, owner: owner, writer: writer) else { return }
          _ = try await environment.store.update(intent.stored)
        } else {
          let fresh = Intent(
            write: write, uid: environment.ids.next(), owner: owner, writer: writer)
          _ = try await environment.store.create(fresh.stored)
        }
        await converger(write.key.target).wake([write.key])
        return
      } catch let error as TaskError {
        throw error
      } catch let error as StoreError {
        await retry(error, during: "set \(write.key)")
      } catch {
        preconditionFailure("only the two errors above are thrown: \(error)")
      }
    }
  }

  /// Asks for the removal of an intent; one that is gone is removed. `writer` is nil where the owner
  /// itself goes.
  func remove(_ key: IntentKey, owner: IntentOwner, writer: IntentWriter? = nil)
    async throws(TaskError)
  {
    while true {
      guard var intent = await environment.intent(key) else { return }
      guard try intent.unwant(owner: owner, writer: writer) else { return }
      do {
        _ = try await environment.store.update(intent.stored)
        await converger(key.target).wake([key])
        return
      } catch {
        await retry(error, during: "remove \(key)")
      }
    }
  }

  /// Another writer being first is no failure: what it wrote is read next.
  private func retry(_ error: StoreError, during what: String) async {
    switch error {
    case .conflict, .alreadyExists, .notFound: return
    case .compacted, .refused, .unavailable: await environment.pause(after: error, during: what)
    }
  }

  /// Registers the resource as waiting for the gate's intents, then evaluates.
  func evaluate(_ wait: PendingWait, for resource: ObjectKey) async -> GateVerdict {
    let keys = Set(wait.wish.gate.clauses.map(\.intent))
    register(resource, for: keys)
    let subjects = await subjects(keys, since: wait.since)
    let evaluation = GateEvaluation(of: wait.wish.gate) { key in
      guard let subject = subjects[key] else { preconditionFailure("every clause was read") }
      return subject
    }
    await verify(evaluation.stale, since: wait.since)
    return evaluation.verdict
  }

  /// The intents as they stand, and whether they were verified at or after the moment.
  func subjects(_ keys: Set<IntentKey>, since moment: Timestamp) async
    -> [IntentKey: GateEvaluation.Subject]
  {
    var subjects: [IntentKey: GateEvaluation.Subject] = [:]
    for key in keys {
      let converger = converger(key.target)
      let intent = await environment.intent(key)
      subjects[key] = GateEvaluation.Subject(
        intent: intent, isFresh: await converger.isFresh(key, since: moment),
        unreachable: await converger.unreachable)
    }
    return subjects
  }

  /// The resource waits for nothing any more.
  func release(_ resource: ObjectKey) {
    register(resource, for: [])
  }

  private func register(_ resource: ObjectKey, for keys: Set<IntentKey>) {
    for key in (waits[resource] ?? []).subtracting(keys) {
      waiters[key]?.remove(resource)
      if waiters[key]?.isEmpty ?? false { waiters[key] = nil }
    }
    for key in keys { waiters[key, default: []].insert(resource) }
    waits[resource] = keys.isEmpty ? nil : keys
  }

  private func intentChanged(_ key: IntentKey, _ owner: IntentOwner?) {
    var affected = waiters[key] ?? []
    if let owner { affected.insert(owner.resource) }
    for resource in affected { wake(resource) }
  }

  func converger(_ target: String) -> TargetConverger {
    if let known = convergers[target] { return known }
    let loop = environment.loop
    let fresh = TargetConverger(target: target, environment: environment, driver: driver) {
      [weak self] key, owner in
      loop.spawn { [weak self] in await self?.intentChanged(key, owner) }
    }
    convergers[target] = fresh
    return fresh
  }
}
