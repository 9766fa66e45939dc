internal import Convergence
internal import JSON
internal import Model
internal import TTRPC

/// Makes the intents of one target true: takes batches from the queue and carries them out.
///
/// - Isolation: an actor on the host's event loop; one batch at a time.
actor TargetConverger {
  let target: String
  private let environment: EngineEnvironment
  private let driver: any DriverPort
  /// Told of every intent whose stored state changed or whose evaluation may now differ.
  private let changed: @Sendable (IntentKey, IntentOwner?) -> Void
  /// Told when the target can be reached again, or no longer.
  private let turned: @Sendable () -> Void
  private var queue = TargetQueue()
  private var alarm: Timestamp?
  /// The target is gone for good: what was to be removed from it is.
  private(set) var isGone = false
  /// Batches in a row that the driver did not answer.
  private var losses: Int64 = 0

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    environment.loop.asUnownedSerialExecutor()
  }

  init(
    target: String, environment: EngineEnvironment, driver: any DriverPort,
    changed: @escaping @Sendable (IntentKey, IntentOwner?) -> Void,
    turned: @escaping @Sendable () -> Void
  ) {
    self.target = target
    self.environment = environment
    self.driver = driver
    self.changed = changed
    self.turned = turned
  }

  var unreachable: String? { queue.unreachable }

  func isFresh(_ key: IntentKey, since moment: Timestamp) -> Bool {
    queue.isFresh(key, since: moment)
  }

  func wake(_ keys: some Sequence<IntentKey>) async {
    for key in keys { queue.wake(key) }
    guard isGone else { return pump() }
    for key in keys { await drop(key) }
  }

  func verify(_ key: IntentKey, since moment: Timestamp) {
    queue.verify(key, since: moment)
    pump()
  }

  func expire(_ keys: some Sequence<IntentKey>) {
    for key in keys { queue.expire(key) }
    pump()
  }

  /// A driver speaks for the target: everything on it is looked at anew.
  func becomeReachable() async {
    let known = await environment.intents(ObjectFilter(kind: Intent.kind, partition: target))
    for intent in known { queue.expire(intent.key) }
    isGone = false
    queue.becomeReachable()
    for intent in known { changed(intent.key, intent.owner) }
    turned()
    pump()
  }

  func becomeUnreachable(_ reason: String) async {
    guard queue.unreachable != reason else { return }
    queue.becomeUnreachable(reason)
    for intent in await environment.intents(ObjectFilter(kind: Intent.kind, partition: target)) {
      changed(intent.key, intent.owner)
    }
    turned()
  }

  /// Nothing waits for the target any more: gates on it are met where they wait for absence, and fail
  /// where they wait for anything else.
  func becomeGone() async {
    guard !isGone else { return }
    isGone = true
    queue.becomeUnreachable("it is gone for good")
    for intent in await environment.intents(ObjectFilter(kind: Intent.kind, partition: target)) {
      await drop(intent.key)
    }
    turned()
  }

  private func drop(_ key: IntentKey) async {
    let intent = await environment.settleRemoved(key)
    changed(key, intent?.owner)
  }

  private func pump() {
    guard let batch = queue.take(at: environment.time.now()) else {
      armAlarm()
      return
    }
    environment.loop.spawn { await self.run(batch) }
  }

  private func armAlarm() {
    guard let moment = queue.nextMoment(), alarm.map({ moment < $0 }) ?? true else { return }
    alarm = moment
    environment.loop.spawn { [environment] in
      await environment.time.wait(until: moment)
      await self.alarmRang(moment)
    }
  }

  private func alarmRang(_ moment: Timestamp) {
    if alarm == moment { alarm = nil }
    pump()
  }

  /// Verifies what is stale, acts in order of bands, writes the results, tells who waits.
  private func run(_ batch: TargetQueue.Batch) async {
    var intents: [Intent] = []
    for key in batch.keys {
      if let intent = await environment.intent(key) {
        intents.append(intent)
      } else {
        changed(key, nil)
      }
    }
    var findings: [IntentKey: (IntentAction.Finding, observed: JSONValue)] = [:]
    let suspects = intents.filter { batch.verify.contains($0.key) && $0.state == .committed }
    if !suspects.isEmpty {
      switch await driver.verify(suspects, on: target) {
      case .found(let found): findings = found
      case .unreachable(let reason): return await lose(batch, reason)
      }
    }
    let now = environment.time.now()
    let work = intents.map { ($0, IntentAction(for: $0, found: findings[$0.key]?.0, at: now)) }
      .sorted { left, right in
        left.1.precedes(
          right.1, band: driver.band(ofKind: left.0.key.kind, on: target),
          otherBand: driver.band(ofKind: right.0.key.kind, on: target))
      }
    var settled: [Settled] = []
    for (intent, action) in work {
      guard let result = await perform(action, on: intent, observed: findings[intent.key]?.observed)
      else { return await lose(batch, "the driver went away during \(intent.key)") }
      settled.append(result)
    }
    let verified = await write(settled)
    queue.finish(batch, verified: verified)
    losses = 0
    for (intent, _) in work { changed(intent.key, intent.owner) }
    pump()
  }

  /// The driver is gone in the middle: all of the batch is looked at again when it is back.
  private func lose(_ batch: TargetQueue.Batch, _ reason: String) async {
    queue.finish(batch, verified: [])
    for key in batch.keys { queue.expire(key) }
    await becomeUnreachable(reason)
    losses += 1
    let again = environment.time.now() + Backoff.intent.delay(failures: losses, seed: target)
    environment.loop.spawn { [environment] in
      await environment.time.wait(until: again)
      await self.retryLost(batch.keys, reason)
    }
  }

  /// A driver that hung or refused for a while, and never went away, says nothing when it is back.
  private func retryLost(_ keys: [IntentKey], _ reason: String) async {
    guard queue.unreachable == reason, keys.allSatisfy(driver.isReady) else { return }
    await becomeReachable()
  }

  /// What came of one intent, to be written.
  private struct Settled: Sendable {
    var key: IntentKey
    /// Seen as it is on the target.
    var isVerified: Bool
    /// The driver says when there is more to do, unless the intent is not as it was then: its state and
    /// generation.
    var underWay: (IntentState, Int64)?
    /// True = write the intent as changed; false = nothing changed. Nil where it is to be deleted.
    var change: (@Sendable (inout Intent) -> Bool)?
  }

  private func perform(_ action: IntentAction, on intent: Intent, observed: JSONValue?) async
    -> Settled?
  {
    let now = environment.time.now()
    switch action {
    case .skip:
      let change: @Sendable (inout Intent) -> Bool = { intent in
        observed.map { intent.verified(observed: $0, at: now) } ?? false
      }
      return Settled(key: intent.key, isVerified: observed != nil, change: change)
    case .later(let moment):
      queue.wake(intent.key, at: moment)
      return Settled(key: intent.key, isVerified: false, change: { _ in false })
    case .apply:
      return settleApply(await driver.apply(intent), of: intent)
    case .remove:
      if let holder = await environment.reference(to: intent.key) {
        if intent.isReleased, holder.isWanted {
          return Settled(key: intent.key, isVerified: false) { intent in
            intent.keep()
            return true
          }
        }
        return settleRemove(
          .failed(
            TaskError(reason: "StillReferenced", message: "\(holder.key) still needs it"),
            isRecoverable: true), of: intent)
      }
      return settleRemove(await driver.remove(intent), of: intent)
    }
  }

  private func settleApply(_ outcome: DriverOutcome, of intent: Intent) -> Settled? {
    let now = environment.time.now()
    let generation = intent.generation
    switch outcome {
    case .unreachable:
      return nil
    case .underWay(let error):
      return settleUnderWay(.pending, intent, error)
    case .done(let observed):
      return Settled(key: intent.key, isVerified: true) { intent in
        intent.applied(generation: generation, observed: observed, at: now)
        return true
      }
    case .failed(let error, let isRecoverable):
      return Settled(key: intent.key, isVerified: false) { intent in
        intent.applyFailed(generation: generation, error, isRecoverable: isRecoverable, at: now)
        return true
      }
    }
  }

  private func settleRemove(_ outcome: DriverOutcome, of intent: Intent) -> Settled? {
    let now = environment.time.now()
    switch outcome {
    case .unreachable:
      return nil
    case .underWay(let error):
      return settleUnderWay(.deletePending, intent, error)
    case .done:
      return Settled(key: intent.key, isVerified: false, change: nil)
    case .failed(let error, let isRecoverable):
      return Settled(key: intent.key, isVerified: false) { intent in
        intent.removeFailed(error, isRecoverable: isRecoverable, at: now)
        return true
      }
    }
  }

  private func settleUnderWay(_ state: IntentState, _ intent: Intent, _ error: TaskError) -> Settled
  {
    let generation = intent.generation
    return Settled(key: intent.key, isVerified: false, underWay: (state, generation)) { intent in
      intent.underWay(generation: generation, error)
    }
  }

  /// Writes all results at once, so that they share a commit; returns what is verified.
  private func write(_ settled: [Settled]) async -> Set<IntentKey> {
    let environment = environment
    let written = await withTaskGroup(of: (Settled, Intent?).self) { group in
      for result in settled {
        group.addTask {
          guard let change = result.change else {
            return (result, await environment.settleRemoved(result.key))
          }
          return (result, await environment.change(result.key, change))
        }
      }
      var written: [(Settled, Intent?)] = []
      for await result in group { written.append(result) }
      return written
    }
    var verified: Set<IntentKey> = []
    for (result, intent) in written {
      let key = result.key
      guard let intent else {
        queue.forget(key)
        continue
      }
      if result.isVerified, intent.state == .committed { verified.insert(key) }
      if let notBefore = intent.notBefore { queue.wake(key, at: notBefore) }
      if let begun = result.underWay, begun == (intent.state, intent.generation) { continue }
      // A later wish came while the driver worked.
      if intent.notBefore == nil, intent.state == .pending || intent.state == .deletePending {
        queue.wake(key)
      }
    }
    return verified
  }
}
