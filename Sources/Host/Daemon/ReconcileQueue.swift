internal import Model

/// Which resources need a pass, and when: never two passes at once for one resource.
///
/// - Invariant: a key that is woken during its pass gets another one (guarded by
///   `ReconcileQueueTests`).
struct ReconcileQueue {
  /// Passes under way at once, those aside that wait for a plugin's answer: a plugin that hangs
  /// must not keep others' resources from their passes.
  static let concurrencyLimit = 64

  private var ready: [ObjectKey] = []
  private var head = 0
  private var waiting: Set<ObjectKey> = []
  private var running: Set<ObjectKey> = []
  /// Running, and waiting for a plugin's answer.
  private var away: Set<ObjectKey> = []
  private var later = Schedule<ObjectKey>()

  mutating func wake(_ key: ObjectKey) {
    guard waiting.insert(key).inserted, !running.contains(key) else { return }
    ready.append(key)
  }

  /// The next key to give a pass to; `finish` is owed for it.
  mutating func take(at now: Timestamp) -> ObjectKey? {
    for key in later.take(at: now) { wake(key) }
    guard running.count - away.count < Self.concurrencyLimit, head < ready.count else { return nil }
    let key = ready[head]
    head += 1
    dropTaken()
    waiting.remove(key)
    running.insert(key)
    later.set(key, at: nil)
    return key
  }

  /// The pass of this key begins or ends to wait for a plugin.
  mutating func setAway(_ key: ObjectKey, _ isAway: Bool) {
    precondition(running.contains(key), "only a pass under way waits for a plugin")
    if isAway { away.insert(key) } else { away.remove(key) }
  }

  /// The pass is over; the next one is due then, or when the key is woken.
  mutating func finish(_ key: ObjectKey, next moment: Timestamp?) {
    running.remove(key)
    if waiting.contains(key) {
      ready.append(key)
    } else {
      later.set(key, at: moment)
    }
  }

  mutating func nextMoment() -> Timestamp? { later.nextMoment() }

  /// Entries held, those that were taken included.
  var heldEntries: Int { ready.count }

  /// Taken entries that are not worth a clean-up.
  static let takenSlack = 64

  private mutating func dropTaken() {
    guard head == ready.count || (head > Self.takenSlack && 2 * head > ready.count) else { return }
    ready.removeFirst(head)
    head = 0
  }

  var isIdle: Bool { running.isEmpty && waiting.isEmpty }
}
