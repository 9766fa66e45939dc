internal import Model

/// Which plugins still have something to recover: a pure value that says when RecoveryComplete is due.
///
/// A process of a plugin version that became ready is owed one, once every resource that may have a task
/// with it was looked at and none has an outcome of that version that is unknown.
///
/// - Invariant: each process is told once, however often its connection is made anew or its news begin
///   anew (guarded by `RecoveryLedgerTests`).
struct RecoveryLedger: Sendable {
  /// Resources that no pass has looked at since the host started: any plugin's may be among them.
  private var unseen: Set<ObjectKey> = []
  /// By `name@version` of ready plugins: who may have something to recover from it.
  private var owed: [String: Set<ObjectKey>] = [:]
  /// Processes that are owed it or were told, by the same.
  private var processes: [String: Int32] = [:]

  /// Resources that are there when the host starts.
  mutating func expect(_ key: ObjectKey) { unseen.insert(key) }

  /// - Parameters:
  ///   - process: its pid.
  ///   - holders: whose current task the version has.
  /// - Returns: whether RecoveryComplete is due at once.
  mutating func ready(_ id: String, process: Int32, holders: Set<ObjectKey>) -> Bool {
    if processes[id] != process {
      processes[id] = process
      owed[id] = unseen
    }
    guard owed[id] != nil else { return false }
    owed[id]?.formUnion(holders)
    return settle(id)
  }

  mutating func gone(_ id: String) {
    owed[id] = nil
    processes[id] = nil
  }

  /// It was due and did not get there: the process is told when it is ready again.
  mutating func untold(_ id: String) { processes[id] = nil }

  /// A pass has stored what it found, or found nothing to do.
  ///
  /// - Parameter unknown: plugins of tasks whose outcomes are unknown after it.
  /// - Returns: the plugins to which RecoveryComplete is due now, in their order.
  mutating func passed(_ key: ObjectKey, unknown: Set<String>) -> [String] {
    unseen.remove(key)
    for id in owed.keys where !unknown.contains(id) { owed[id]?.remove(key) }
    return owed.keys.sorted().filter { settle($0) }
  }

  private mutating func settle(_ id: String) -> Bool {
    guard owed[id]?.isEmpty == true else { return false }
    owed[id] = nil
    return true
  }
}

extension Plan {
  /// Plugins, as `name@version`, of tasks whose outcomes nobody knows; nil where there is none.
  var unknownOutcomes: Set<String>? {
    guard phase == .active else { return nil }
    let unknown = Set(tasks.filter(\.outcomeUnknown).map(\.plugin)).subtracting([""])
    return unknown.isEmpty ? nil : unknown
  }
}
