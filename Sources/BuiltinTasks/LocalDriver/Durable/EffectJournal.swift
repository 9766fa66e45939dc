import Glibc
import JSON
import LinuxSystem

/// Brackets every effect, so that each appears once in the effects log, whenever the driver dies.
///
/// `begin` is on disk before the effect; `complete` appends to `effects.log` and then closes the
/// entry. An entry that a dead driver left open is looked at when the next one starts: whoever
/// knows the kind of effect says whether it happened. If so it is logged, unless the log has it
/// already behind the place that `begin` noted; if not, it is dropped and convergence does it anew.
///
/// - Invariant: an effect that happened is in the log exactly once after `settle`, at whatever
///   instant the driver was killed (guarded by `EffectJournalTests` and `CrashTests`).
/// - Isolation: confined to the driver's actor.
final class EffectJournal {
  /// The journal is emptied when it is larger than this and nothing is open.
  static let compactionBytes = 64 << 10

  /// Begun, by this driver or one that died, and neither completed nor dropped; with the size that
  /// the effects log had before.
  private(set) var open: [Effect: Int]
  private let journal: AppendFile
  private let log: AppendFile
  private let failpoint: Failpoint

  init(directory: String, failpoint: Failpoint) throws(SystemError) {
    self.failpoint = failpoint
    journal = try AppendFile(path: "\(directory)/journal")
    log = try AppendFile(path: "\(directory)/effects.log")
    open = Self.openEntries(of: try journal.lines(from: 0))
  }

  /// Pure: what is open after these lines. A line that is no entry is passed over: it is the torn
  /// end of a write that never returned, before which nothing was done.
  static func openEntries(of lines: [JSONValue]) -> [Effect: Int] {
    var open: [Effect: Int] = [:]
    for line in lines {
      if let begun = line["begin"], let effect = Effect(begun) {
        open[effect] = line["logBytes"]?.integer.flatMap { Int(exactly: $0) } ?? 0
      } else if let ended = line["end"], let effect = Effect(ended) {
        open[effect] = nil
      }
    }
    return open
  }

  /// Does `body` as this effect: nothing is logged where it throws.
  func perform<Result>(
    _ effect: Effect, _ body: () throws -> Result
  ) throws -> Result {
    try begin(effect)
    do {
      let result = try body()
      try complete(effect)
      return result
    } catch {
      if open[effect] != nil { try drop(effect) }
      throw error
    }
  }

  /// On return the intention is durable. For an effect that is open already nothing is written.
  func begin(_ effect: Effect) throws(SystemError) {
    guard open[effect] == nil else { return }
    let size = try log.size()
    open[effect] = size
    try journal.append(["begin": effect.document, "logBytes": .integer(Int64(size))])
    failpoint.reach(effect.name, .before)
  }

  /// The effect has happened: says so in the effects log and closes the entry.
  func complete(_ effect: Effect) throws(SystemError) {
    guard open[effect] != nil else { return }
    failpoint.reach(effect.name, .after)
    try log.append(effect.document)
    failpoint.reach(effect.name, .logged)
    try drop(effect)
  }

  /// Settles what a dead driver left open; `happened` looks at the world. Returns what didn't.
  func settle(_ happened: (Effect) throws -> Bool) throws -> Set<Effect> {
    var undone: Set<Effect> = []
    for (effect, size) in open {
      if try !happened(effect) {
        undone.insert(effect)
      } else if try !isLogged(effect, from: size) {
        try log.append(effect.document)
      }
      try drop(effect)
    }
    return undone
  }

  private func isLogged(_ effect: Effect, from offset: Int) throws(SystemError) -> Bool {
    try log.lines(from: offset).contains { Effect($0) == effect }
  }

  /// Closes the entry; without a line in the effects log where `complete` wrote none.
  func drop(_ effect: Effect) throws(SystemError) {
    open[effect] = nil
    if open.isEmpty, try journal.size() > Self.compactionBytes {
      try journal.empty()
    } else {
      try journal.append(["end": effect.document])
    }
  }
}
