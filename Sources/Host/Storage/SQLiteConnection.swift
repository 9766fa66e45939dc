internal import CSQLite
internal import Glibc
internal import LinuxSystem

/// One connection to a database file.
///
/// - Isolation: none of its own: opened without SQLite's mutexes, so whoever owns it uses it from
///   one thread at a time. It is not Sendable, so the compiler holds owners to that.
final class SQLiteConnection {
  private let database: OpaquePointer
  /// Frames in the write-ahead log after the last commit of this connection; SQLite writes it.
  private let logFrames: UnsafeMutablePointer<Int32>

  /// How long to wait for a lock that another connection of this process holds for a moment.
  private static let busyMilliseconds: Int32 = 10_000

  /// - Parameter create: makes the file where there is none, for its owner alone.
  init(path: String, create: Bool = false) throws(SQLiteError) {
    // SQLite would make it readable for all, and gives its log the same mode as the file. What goes
    // wrong here goes wrong there too, and is told in its words.
    if create { _ = try? Descriptor.open(path, O_RDWR | O_CREAT, mode: 0o600) }
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let code = sqlite3_open_v2(path, &opened, flags, nil)
    guard let opened, code == SQLITE_OK else {
      let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close_v2(opened)
      throw SQLiteError(code: code, message: message, action: "open")
    }
    database = opened
    logFrames = .allocate(capacity: 1)
    logFrames.initialize(to: 0)
    sqlite3_busy_timeout(database, Self.busyMilliseconds)
  }

  /// Statements keep the database open until they are finalized themselves.
  deinit {
    sqlite3_close_v2(database)
    logFrames.deallocate()
  }

  /// Runs statements that answer nothing and take no values.
  func execute(_ sql: String) throws(SQLiteError) {
    let code = sqlite3_exec(database, sql, nil, nil, nil)
    if code != SQLITE_OK { throw error(code, action: sql) }
  }

  func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
    var statement: OpaquePointer?
    let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
    let code = sqlite3_prepare_v3(database, sql, -1, flags, &statement, nil)
    guard let statement, code == SQLITE_OK else { throw error(code, action: sql) }
    return SQLiteStatement(statement, sql: sql, of: self)
  }

  /// The first column of the first row of a statement that is run this once.
  func integer(_ sql: String) throws(SQLiteError) -> Int64 {
    try prepare(sql).first { $0.integer(0) } ?? 0
  }

  /// The first columns of all rows of a statement that is run this once.
  func texts(_ sql: String) throws(SQLiteError) -> [String] {
    var texts: [String] = []
    try prepare(sql).each { row in
      texts.append(row.text(0))
      return true
    }
    return texts
  }

  /// All of the body, durable when this returns, or nothing of it.
  func transaction(_ body: () throws(SQLiteError) -> Void) throws(SQLiteError) {
    try execute("BEGIN IMMEDIATE")
    do throws(SQLiteError) {
      try body()
      try execute("COMMIT")
    } catch {
      rollback()
      throw error
    }
  }

  /// Some errors have rolled back already.
  private func rollback() {
    if isInTransaction { sqlite3_exec(database, "ROLLBACK", nil, nil, nil) }
  }

  var isInTransaction: Bool { sqlite3_get_autocommit(database) == 0 }

  /// Sets how large the file may become, or leaves it as it is. Returns the limit, which SQLite never
  /// sets below the pages that are there.
  func limitPages(to pages: Int64? = nil) throws(SQLiteError) -> Int64 {
    try integer("PRAGMA max_page_count" + (pages.map { " = \(max(1, $0))" } ?? ""))
  }

  /// Rows that the last statement changed.
  var changedRows: Int { Int(sqlite3_changes(database)) }

  func error(_ code: Int32, action: String) -> SQLiteError {
    SQLiteError(code: code, message: String(cString: sqlite3_errmsg(database)), action: action)
  }
}

/// The write-ahead log.
extension SQLiteConnection {
  /// From now on commits leave the log to grow until `checkpoint`.
  func takeOverCheckpoints() {
    sqlite3_wal_hook(
      database,
      { context, _, _, frames in
        context?.assumingMemoryBound(to: Int32.self).pointee = frames
        return SQLITE_OK
      }, logFrames)
  }

  /// Pages in the log after this connection's last commit.
  var pagesInLog: Int { Int(logFrames.pointee) }

  /// Moves pages from the log to the database as far as readers allow, without waiting for them.
  func checkpoint() throws(SQLiteError) {
    logFrames.pointee = 0
    let code = sqlite3_wal_checkpoint_v2(database, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    if code != SQLITE_OK { throw error(code, action: "checkpoint") }
  }
}

/// Copies.
extension SQLiteConnection {
  /// Replaces the destination's content by a consistent state of this database.
  func copy(into destination: SQLiteConnection) throws(SQLiteError) {
    guard let backup = sqlite3_backup_init(destination.database, "main", database, "main") else {
      throw destination.error(sqlite3_extended_errcode(destination.database), action: "backup")
    }
    // In one step: a step of a few pages would start anew with each commit that comes between.
    let stepped = sqlite3_backup_step(backup, -1)
    let finished = sqlite3_backup_finish(backup)
    guard stepped == SQLITE_DONE, finished == SQLITE_OK else {
      throw destination.error(finished == SQLITE_OK ? stepped : finished, action: "backup")
    }
  }
}
