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
  /// By target, then by intent, which need not be there.
  private var waiters: [String: [IntentKey: Set<ObjectKey>]] = [:]
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

  /// - Parameter kinds: of what the intents stand for; nil = all.
  func owned(byUID uid: String, kinds: Set<String>? = nil) async -> [Intent] {
    await environment.intents(ObjectFilter(kind: Intent.kind, owner: uid), kinds: kinds)
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

  /// Who writes, and which plan remembers what was before.
  struct Author: Sendable {
    var owner: IntentOwner
    /// Nil where the owner itself goes.
    var writer: IntentWriter?
    /// Nil = nothing is remembered.
    var mark: TouchMark?
    /// The plan whose changes `undo` takes back.
    var undoing: String?
  }

  /// Writes what a Wait asks for; a delivery that has written it before writes nothing.
  ///
  /// - Throws: `TaskError` where another resource holds one of the intents; those before it stay
  ///   written, as the task's plan owns them.
  func write(_ wait: PendingWait, by author: Author) async throws(TaskError) {
    for write in wait.wish.set { try await set(write, by: author) }
    for key in wait.wish.remove { try await remove(key, by: author) }
    for key in wait.wish.release { try await remove(key, by: author, unlessReferenced: true) }
    for key in wait.wish.undo { try await undo(key, by: author) }
  }

  private func set(_ write: IntentWrite, by author: Author) async throws(TaskError) {
    guard let writer = author.writer else { preconditionFailure("a delivery sets intents") }
    while true {
      do {
        if var intent = await environment.intent(write.key) {
          guard
            try intent.want(write, owner: author.owner, writer: writer, mark: author.mark)
          else { return }
          _ = try await environment.store.update(intent.stored)
        } else {
          let fresh = Intent.wanted(
            write, uid: environment.ids.next(), owner: author.owner, writer: writer,
            mark: author.mark)
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

  /// Asks for the removal of an intent; one that is gone is removed.
  ///
  /// - Parameter unlessReferenced: it stays where another intent that stays references it. Judged
  ///   here, and again when its driver is about to remove it: who comes to need it meanwhile keeps it.
  func remove(_ key: IntentKey, by author: Author, unlessReferenced: Bool = false)
    async throws(TaskError)
  {
    while true {
      guard var intent = await environment.intent(key) else { return }
      if unlessReferenced, await isNeeded(key) { return }
      guard
        try intent.unwant(
          owner: author.owner, writer: author.writer, mark: author.mark,
          isReleased: unlessReferenced)
      else { return }
      do {
        _ = try await environment.store.update(intent.stored)
        await converger(key.target).wake([key])
        return
      } catch {
        await retry(error, during: "remove \(key)")
      }
    }
  }

  /// Whether another intent that stays references it.
  private func isNeeded(_ key: IntentKey) async -> Bool {
    await environment.reference(to: key)?.isWanted ?? false
  }

  private func undo(_ key: IntentKey, by author: Author) async throws(TaskError) {
    guard let writer = author.writer, let plan = author.undoing else {
      preconditionFailure("a revert names the plan that it undoes")
    }
    while true {
      guard var intent = await environment.intent(key), let touch = intent.touch(of: plan)
      else { return }
      let isReferenced = touch.prior == nil ? await isNeeded(key) : false
      _ = try intent.undo(
        plan, owner: author.owner, writer: writer, isReferenced: isReferenced)
      do {
        try await environment.write(intent)
        await converger(key.target).wake([key])
        return
      } catch {
        await retry(error, during: "undo \(key)")
      }
    }
  }

  /// A plan's change set is not needed any more: its touches go, and tombstones that nobody else
  /// remembers. May be repeated.
  func release(_ plan: String, _ keys: [IntentKey]) async {
    for key in keys {
      while var intent = await environment.intent(key), intent.release(plan) {
        do {
          try await environment.write(intent)
          break
        } catch {
          await retry(error, during: "release \(key)")
        }
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
        unreachable: await converger.unreachable, isTargetGone: await converger.isGone)
    }
    return subjects
  }

  /// The resource waits for nothing any more.
  func release(_ resource: ObjectKey) {
    register(resource, for: [])
  }

  private func register(_ resource: ObjectKey, for keys: Set<IntentKey>) {
    for key in (waits[resource] ?? []).subtracting(keys) {
      waiters[key.target]?[key]?.remove(resource)
      if waiters[key.target]?[key]?.isEmpty ?? false { waiters[key.target]?[key] = nil }
      if waiters[key.target]?.isEmpty ?? false { waiters[key.target] = nil }
    }
    for key in keys { waiters[key.target, default: [:]][key, default: []].insert(resource) }
    waits[resource] = keys.isEmpty ? nil : keys
  }

  private func intentChanged(_ key: IntentKey, _ owner: IntentOwner?) {
    var affected = waiters[key.target]?[key] ?? []
    if let owner, !owner.isShared { affected.insert(owner.resource) }
    for resource in affected { wake(resource) }
  }

  /// Whoever waits for anything there looks again: what is waited for need not be in the store.
  private func targetTurned(_ target: String) {
    let affected = (waiters[target] ?? [:]).values.reduce(into: Set<ObjectKey>()) {
      $0.formUnion($1)
    }
    for resource in affected { wake(resource) }
  }

  func converger(_ target: String) -> TargetConverger {
    if let known = convergers[target] { return known }
    let loop = environment.loop
    let fresh = TargetConverger(
      target: target, environment: environment, driver: driver,
      changed: { [weak self] key, owner in
        loop.spawn { [weak self] in await self?.intentChanged(key, owner) }
      },
      turned: { [weak self] in
        loop.spawn { [weak self] in await self?.targetTurned(target) }
      })
    convergers[target] = fresh
    return fresh
  }
}
