internal import Diagnostics
internal import JSON
internal import Model
internal import Synchronization

/// A write that waits for the commit that makes it durable.
struct PendingWrite: Sendable {
  var write: StoreWrite
  var continuation: CheckedContinuation<Result<UInt64, StoreError>, Never>
}

/// What the store has done since it was opened.
final class StoreCounters: Sendable {
  let commits = Atomic<UInt64>(0)
  let writes = Atomic<UInt64>(0)
}

/// Commits batches of writes: many writes, one wait for the disk.
///
/// - Isolation: none of its own; the store's writing thread owns it.
final class StoreWriter {
  private let tables: StoreTables
  private let path: String
  private let limits: StoreLimits
  private let recent: RecentObjects
  private let feed: ChangeFeed
  private let counters: StoreCounters
  private let log: Log
  private var version: UInt64
  private var floor: UInt64
  /// So that a disk that stays full is told once, not with every write.
  private var isFailing = false

  /// Old revisions are dropped this many at a time: each time costs a millisecond or so.
  private static let compactionStep: UInt64 = 64
  /// The log is moved into the database when it has grown to this.
  private static let logPages = 1000
  /// Pages beyond the file's limit, for deletions alone: what frees space must not fail for want of
  /// it.
  private static let reservePages: Int64 = 256

  init(
    _ tables: StoreTables, path: String, limits: StoreLimits, recent: RecentObjects,
    feed: ChangeFeed, counters: StoreCounters, log: Log
  ) throws(SQLiteError) {
    self.tables = tables
    self.path = path
    self.limits = limits
    self.recent = recent
    self.feed = feed
    self.counters = counters
    self.log = log
    version = try tables.reader.version()
    floor = try tables.reader.floor()
    tables.connection.takeOverCheckpoints()
  }

  /// Makes the batch durable, then tells watchers, then resumes who waits.
  func commit(_ batch: [PendingWrite]) {
    do throws(SQLiteError) {
      let outcomes = try attempt(batch.map(\.write))
      finish(batch, outcomes)
    } catch {
      if batch.count > 1 {
        // One that can't be stored must not take the others with it.
        for pending in batch { commit([pending]) }
      } else {
        retry(batch, after: error)
      }
    }
    checkpointIfDue()
  }

  /// One transaction; the versions count only if it ends well.
  private func attempt(_ writes: [StoreWrite]) throws(SQLiteError) -> [StoreTables.Outcome] {
    var outcomes: [StoreTables.Outcome] = []
    var version = version
    var floor = floor
    try tables.connection.transaction { () throws(SQLiteError) in
      for write in writes {
        let outcome = try tables.apply(write, as: version + 1)
        if case .success = outcome { version += 1 }
        outcomes.append(outcome)
      }
      let history = UInt64(limits.history)
      if version > floor + history + Self.compactionStep {
        try tables.compact(from: floor, to: version - history)
        floor = version - history
      }
    }
    // A transaction of refusals alone wrote nothing, and waited for nothing.
    if version > self.version { counters.commits.add(1, ordering: .relaxed) }
    self.version = version
    self.floor = floor
    if isFailing { log.info("writes go on") }
    isFailing = false
    return outcomes
  }

  private func finish(_ batch: [PendingWrite], _ outcomes: [StoreTables.Outcome]) {
    let changes = outcomes.compactMap { try? $0.get() }
    counters.writes.add(UInt64(changes.count), ordering: .relaxed)
    recent.note(changes)
    if !changes.isEmpty { feed.publish(changes, version: version) }
    for (pending, outcome) in zip(batch, outcomes) {
      pending.continuation.resume(returning: outcome.map(\.object.version))
    }
  }

  /// A full store moves its log and gives up its history before it refuses a write.
  private func retry(_ batch: [PendingWrite], after error: SQLiteError) {
    var error = error
    if error.isFull {
      do throws(SQLiteError) {
        // Once moved, the log's space is written anew; where the database has no room for it, the
        // log just stays.
        try? tables.connection.checkpoint()
        try dropHistory()
        finish(batch, try attemptWithReserve(batch.map(\.write)))
        return
      } catch let second {
        error = second
      }
    }
    let message = error.explained(path: path)
    if !isFailing { log.error("writes fail", ["error": .string(message)]) }
    isFailing = true
    for pending in batch { pending.continuation.resume(returning: .failure(.unavailable(message))) }
  }

  private func attemptWithReserve(_ writes: [StoreWrite]) throws(SQLiteError)
    -> [StoreTables.Outcome]
  {
    guard writes.allSatisfy(\.isDeletion) else { return try attempt(writes) }
    let connection = tables.connection
    let pages = try connection.limitPages()
    _ = try connection.limitPages(to: pages + Self.reservePages)
    // Only a database that is gone can't be limited, and the next write finds that.
    defer { _ = try? connection.limitPages(to: pages) }
    return try attempt(writes)
  }

  private func dropHistory() throws(SQLiteError) {
    guard floor < version else { return }
    try tables.connection.transaction { () throws(SQLiteError) in
      try tables.compact(from: floor, to: version)
    }
    floor = version
  }

  /// After callers were resumed: nobody waits for it but the next batch.
  private func checkpointIfDue() {
    guard tables.connection.pagesInLog >= Self.logPages else { return }
    do throws(SQLiteError) {
      try tables.connection.checkpoint()
    } catch {
      // Nothing is lost: the log keeps what could not be moved, and the next commit tries again.
      log.error("the log could not be moved", ["error": .string(error.explained(path: path))])
    }
  }
}
