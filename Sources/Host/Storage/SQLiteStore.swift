public import Diagnostics
internal import LinuxSystem
public import Model
internal import Synchronization

/// The store on one machine: a SQLite database in a state directory that one host holds.
///
/// Writes go to one thread, which commits all that wait in one transaction and resumes each caller
/// when it is on the disk. Reads never wait for writes.
///
/// - Invariant: a write has returned only when it is durable (guarded by `StoreCrashTests`).
/// - Invariant: versions rise by one with each write, across restarts (guarded by
///   `StoreReopenTests`).
/// - Isolation: callable from any thread and executor; callers resume on their own executor.
/// - SeeAlso: `docs/store.md`; DESIGN section 11.
public final class SQLiteStore: ObjectStore {
  /// Rises each time the directory is opened: plugins refuse a host with a lower one than they know.
  public let epoch: UInt64
  /// The database file, for messages.
  public let path: String

  /// Nil once the store is closed.
  private let lock: Mutex<StoreLock?>
  private let limits: StoreLimits
  private let feed: ChangeFeed
  let reads: StoreReads
  private let recent: RecentObjects
  private let writer: BatchThread<PendingWrite>
  private let counters: StoreCounters

  /// A list of up to this many objects is read where it is asked for.
  static let shortList = 64

  /// Of the objects that were written last, in memory.
  private static let recentBytes = 4 << 20

  /// Opens the store of a directory, which is made if absent.
  ///
  /// Reads the whole database to see that it is sound, and brings it up to date.
  ///
  /// - Parameter whileHeld: asked each time that another process is found to hold the directory,
  ///   with the number of tries so far; true = try again.
  /// - Throws: `StoreOpenError`, whose message says what to do.
  public convenience init(
    directory: String, limits: StoreLimits = StoreLimits(), log: Log,
    whileHeld: (_ tries: Int) -> Bool = { _ in false }
  ) throws(StoreOpenError) {
    do throws(SystemError) {
      try FileSystem.makeDirectories(directory, mode: 0o700)
    } catch {
      throw .directoryUnusable(directory: directory, reason: error.description)
    }
    let lock = try StoreLock(directory: directory, whileHeld: whileHeld)
    try self.init(path: "\(directory)/store.sqlite3", lock: lock, limits: limits, log: log)
  }

  private init(path: String, lock: StoreLock, limits: StoreLimits, log: Log)
    throws(StoreOpenError)
  {
    let opened = try StoreOpening.open(path, limits: limits)
    let counters = StoreCounters()
    let feed = ChangeFeed(published: opened.version, limit: limits.watches)
    let recent = RecentObjects(bytes: Self.recentBytes)
    epoch = opened.epoch
    let work = try explaining(path) { () throws(SQLiteError) in
      try StoreWriter(
        opened.tables, path: path, limits: limits, recent: recent, feed: feed,
        counters: counters, log: log)
    }
    reads = try StoreReads(path: path)
    do throws(SystemError) {
      writer = try BatchThread(
        name: "mortise-write", limit: limits.queuedWrites, batch: limits.batch
      ) { work.commit($0) }
    } catch {
      reads.stop()
      throw .failed("the store's writing thread can't be started: \(error)")
    }
    self.path = path
    self.lock = Mutex(lock)
    self.limits = limits
    self.feed = feed
    self.recent = recent
    self.counters = counters
  }

  deinit {
    close()
  }

  /// Finishes the writes that wait, ends every watch, and lets the directory go. Later calls throw
  /// `unavailable`. Blocks the calling thread until the disk is done.
  public func close() {
    writer.stop()
    recent.forget()
    reads.stop()
    feed.close()
    lock.withLock { $0 = nil }
  }

  /// Transactions since the store was opened: under load fewer than writes.
  public var commitCount: UInt64 { counters.commits.load(ordering: .relaxed) }

  /// Writes that took effect since the store was opened.
  public var writeCount: UInt64 { counters.writes.load(ordering: .relaxed) }

  /// Watches that wait for a change.
  var waitingWatches: Int { feed.waiting }

  /// The object as it was committed last.
  public func get(_ key: ObjectKey) async throws(StoreError) -> StoredObject? {
    if let object = recent.object(key) { return object }
    return try reads.now { (reader) throws(SQLiteError) in try reader.get(key) }
  }

  /// The objects that the filter matches, all as of one version.
  public func list(_ filter: ObjectFilter) async throws(StoreError) -> ObjectList {
    let short = try reads.now { (reader) throws(SQLiteError) in
      try reader.list(filter, limit: Self.shortList + 1)
    }
    if short.objects.count <= Self.shortList { return short }
    return try await reads.later { (reader) throws(SQLiteError) in try reader.list(filter) }
  }

  /// A part of a list; a short one is read where it is asked for.
  public func list(_ filter: ObjectFilter, after key: ObjectKey?, limit: Int)
    async throws(StoreError) -> ObjectList
  {
    let read: @Sendable (StoreReader) throws(SQLiteError) -> ObjectList = {
      (reader) throws(SQLiteError) in try reader.list(filter, after: key, limit: limit)
    }
    return limit <= Self.shortList ? try reads.now(read) : try await reads.later(read)
  }

  /// Inserts the object; returns when it is durable.
  public func create(_ object: StoredObject) async throws(StoreError) -> UInt64 {
    try await write(.create(object), bytes: object.body.count, of: object.key)
  }

  /// Replaces the object by compare-and-swap; returns when it is durable.
  public func update(_ object: StoredObject) async throws(StoreError) -> UInt64 {
    try await write(.update(object), bytes: object.body.count, of: object.key)
  }

  /// Deletes the object by compare-and-swap; returns when that is durable.
  public func delete(_ key: ObjectKey, version: UInt64) async throws(StoreError) {
    _ = try await write(.delete(key, version: version), bytes: 0, of: key)
  }

  /// Follows the changes after a version, as long as they are kept.
  public func watch(_ filter: ObjectFilter, after version: UInt64) async throws(StoreError)
    -> any ObjectWatch
  {
    let (present, floor) = try reads.now { (reader) throws(SQLiteError) in
      try reader.snapshot { () throws(SQLiteError) in
        (try reader.version(), try reader.floor())
      }
    }
    // A version from the future is one of a database that a backup has replaced.
    guard version >= floor, version <= present else { throw .compacted(oldest: floor + 1) }
    return StoreWatch(filter, after: version, feed: feed, reads: reads)
  }

  private func write(_ write: StoreWrite, bytes: Int, of key: ObjectKey) async throws(StoreError)
    -> UInt64
  {
    guard bytes <= limits.bodyBytes else {
      throw .refused(
        "\(key) has \(bytes) bytes; the store keeps at most \(limits.bodyBytes) an object")
    }
    let result = await withCheckedContinuation {
      (continuation: CheckedContinuation<Result<UInt64, StoreError>, Never>) in
      switch writer.submit(PendingWrite(write: write, continuation: continuation)) {
      case .accepted: break
      case .stopped: continuation.resume(returning: .failure(ChangeFeed.closed))
      case .full:
        let message = "\(limits.queuedWrites) writes wait for the disk already; try again later"
        continuation.resume(returning: .failure(.unavailable(message)))
      }
    }
    return try result.get()
  }
}
