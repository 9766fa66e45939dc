public import Model

/// What is to be looked at on one target, and when: work there is serial, wake-ups are coalesced.
///
/// Pure: the converger takes a batch, carries it out, and says that it has finished.
///
/// - Invariant: a key that is woken while a batch is under way is in a later batch
///   (guarded by `TargetQueueTests`).
public struct TargetQueue: Sendable {
  /// Keys in one batch at most, so that a Verify stays within a frame.
  public static let batchLimit = 256

  /// What is carried out at once, one batch at a time.
  public struct Batch: Sendable, Equatable {
    public var keys: [IntentKey]
    /// Those among them that have to be verified first.
    public var verify: Set<IntentKey>
    /// What is verified in this batch was so from here on.
    public var startedAt: Timestamp
  }

  /// First come, first served: none starves, and the same wake-ups always make the same batches.
  private var waiting: [IntentKey] = []
  private var dirty: Set<IntentKey> = []
  private var stale: Set<IntentKey> = []
  private var fresh: [IntentKey: Timestamp] = [:]
  private var later = Schedule<IntentKey>()
  private var current: Batch?
  /// Why the target can't be reached; nil = it can.
  public private(set) var unreachable: String?

  public init() {
    unreachable = "no driver has spoken for it yet"
  }

  /// The intent was written, or somebody wants it looked after.
  public mutating func wake(_ key: IntentKey) {
    if dirty.insert(key).inserted { waiting.append(key) }
  }

  /// Looked at again at that moment; nil = no longer.
  public mutating func wake(_ key: IntentKey, at moment: Timestamp?) {
    later.set(key, at: moment)
  }

  /// What is known of it is out of date: it is verified in the next batch.
  public mutating func expire(_ key: IntentKey) {
    fresh[key] = nil
    stale.insert(key)
    wake(key)
  }

  /// Somebody needs it verified at or after the moment: where that is neither known nor under way,
  /// it is in the next batch.
  public mutating func verify(_ key: IntentKey, since moment: Timestamp) {
    if isFresh(key, since: moment) { return }
    if let current, current.startedAt >= moment, current.verify.contains(key) { return }
    stale.insert(key)
    wake(key)
  }

  /// Verified at or after the moment, and nothing has said since that it changed.
  public func isFresh(_ key: IntentKey, since moment: Timestamp) -> Bool {
    fresh[key].map { $0 >= moment } ?? false
  }

  /// A driver speaks for the target: what waits can be taken.
  public mutating func becomeReachable() {
    unreachable = nil
  }

  /// Whatever was verified may change unseen from here on.
  public mutating func becomeUnreachable(_ reason: String) {
    unreachable = reason
    let seen = Array(fresh.keys) + (current?.keys ?? [])
    for key in seen.sorted(by: { ($0.kind, $0.key) < ($1.kind, $1.key) }) { expire(key) }
  }

  /// The next batch; nil while one is under way, while the target is away, or when all is done.
  public mutating func take(at now: Timestamp) -> Batch? {
    for key in later.take(at: now) { wake(key) }
    guard current == nil, unreachable == nil, !waiting.isEmpty else { return nil }
    let keys = Array(waiting.prefix(Self.batchLimit))
    waiting.removeFirst(keys.count)
    dirty.subtract(keys)
    let verify = stale.intersection(keys)
    stale.subtract(verify)
    let batch = Batch(keys: keys, verify: verify, startedAt: now)
    current = batch
    return batch
  }

  /// The batch is through; `verified` were seen as they are, by Verify or by Apply.
  ///
  /// A key that was expired meanwhile, or whose target went away, is not fresh: it may have changed
  /// since it was seen.
  public mutating func finish(_ batch: Batch, verified: Set<IntentKey>) {
    current = nil
    guard unreachable == nil else { return }
    for key in verified where !stale.contains(key) { fresh[key] = batch.startedAt }
  }

  /// The intent is gone from the store.
  public mutating func forget(_ key: IntentKey) {
    fresh[key] = nil
    stale.remove(key)
    later.set(key, at: nil)
  }

  /// The next moment at which `take` may have something that it has not now.
  public mutating func nextMoment() -> Timestamp? { later.nextMoment() }
}
