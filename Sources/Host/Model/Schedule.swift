/// Keys with the moment at which each is due, one moment a key.
///
/// A binary heap whose outdated entries are skipped when they surface, so that setting, replacing
/// and taking cost a logarithm however many keys wait. Outdated entries never outnumber the keys by
/// much: a moment that is put off again and again costs no memory (guarded by `ScheduleTests`).
public struct Schedule<Key: Hashable & Sendable>: Sendable {
  private struct Entry {
    var moment: Timestamp
    var key: Key
  }

  private var heap: [Entry] = []
  private var moments: [Key: Timestamp] = [:]

  public init() {}

  /// Sets or, with nil, clears when the key is due.
  public mutating func set(_ key: Key, at moment: Timestamp?) {
    guard moments[key] != moment else { return }
    moments[key] = moment
    guard let moment else { return }
    if heap.count >= 2 * moments.count + Self.outdatedSlack { dropAllOutdated() }
    heap.append(Entry(moment: moment, key: key))
    rise(from: heap.count - 1)
  }

  /// Entries held, outdated ones included.
  var heldEntries: Int { heap.count }

  /// Outdated entries that are not worth a clean-up.
  static var outdatedSlack: Int { 64 }

  private mutating func dropAllOutdated() {
    var seen: Set<Key> = []
    heap = heap.filter { moments[$0.key] == $0.moment && seen.insert($0.key).inserted }
    for parent in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(from: parent) }
  }

  /// The moment of the key that is due first; nil = none waits.
  public mutating func nextMoment() -> Timestamp? {
    dropOutdated()
    return heap.first?.moment
  }

  /// Takes the keys that are due.
  public mutating func take(at now: Timestamp) -> [Key] {
    var due: [Key] = []
    while let moment = nextMoment(), moment <= now {
      let key = heap[0].key
      moments[key] = nil
      removeFirst()
      due.append(key)
    }
    return due
  }

  private mutating func dropOutdated() {
    while let first = heap.first, moments[first.key] != first.moment { removeFirst() }
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    sink(from: 0)
  }

  private mutating func rise(from index: Int) {
    var child = index
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].moment < heap[parent].moment else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func sink(from index: Int) {
    var parent = index
    while true {
      let left = 2 * parent + 1
      guard left < heap.count else { return }
      let right = left + 1
      let least =
        right < heap.count && heap[right].moment < heap[left].moment ? right : left
      guard heap[least].moment < heap[parent].moment else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
