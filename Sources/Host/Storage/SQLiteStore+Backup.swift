internal import Glibc
internal import LinuxSystem
public import Model

extension SQLiteStore {
  /// Writes a consistent copy of the store to a new file, while the host goes on.
  ///
  /// The copy is opened and read in full before it gets its name, so a backup that is there is one
  /// that can be restored. Long lists wait meanwhile.
  /// - Parameter destination: must not exist.
  public func backUp(to destination: String) async throws(StoreError) {
    let path = path
    let outcome: Result<Void, StoreOpenError> = try await reads.later { reader in
      do throws(StoreOpenError) {
        return .success(try StoreBackup.write(reader.connection, of: path, to: destination))
      } catch {
        return .failure(error)
      }
    }
    do throws(StoreOpenError) { try outcome.get() } catch {
      throw .unavailable("no backup was written: \(error)")
    }
  }
}

/// Copies of stores as files.
public enum StoreBackup {
  /// What a backup holds.
  public struct Summary: Sendable, Equatable {
    public var objects: Int
    /// Of the last write in it.
    public var version: UInt64
    public var epoch: UInt64
  }

  /// Reads a backup in full and says what it holds.
  ///
  /// - Throws: what `SQLiteStore` would throw if it were restored.
  public static func verify(_ path: String) throws(StoreOpenError) -> Summary {
    let connection = try explaining(path) { () throws(SQLiteError) in
      try SQLiteConnection(path: path)
    }
    guard try StoreSchema.check(connection, path: path) > 0 else { throw .foreign(path: path) }
    try StoreSchema.checkIntegrity(connection, path: path)
    return try explaining(path) { () throws(SQLiteError) in
      Summary(
        objects: Int(try connection.integer("SELECT count(*) FROM objects")),
        version: UInt64(
          clamping: try connection.integer("SELECT ifnull(max(version), 0) FROM revisions")),
        epoch: UInt64(clamping: try connection.integer(epochQuery)))
    }
  }

  /// Makes a backup the store of a directory whose host is stopped.
  ///
  /// What was there is kept as `store.sqlite3.replaced`. The epoch goes on from the higher of the
  /// two, so that plugins which outlived the host do not take it for an old one.
  public static func restore(_ backup: String, into directory: String) throws(StoreOpenError)
    -> Summary
  {
    let summary = try verify(backup)
    let path = "\(directory)/store.sqlite3"
    try usingDirectory(directory) { () throws(SystemError) in
      try FileSystem.makeDirectories(directory, mode: 0o700)
    }
    let lock = try StoreLock(directory: directory)
    defer { withExtendedLifetime(lock) {} }
    let replaced = settle(path)
    let incoming = "\(path).incoming"
    try discard(incoming, in: directory)
    try explaining(backup) { () throws(SQLiteError) in
      let copy = try SQLiteConnection(path: incoming, create: true)
      try SQLiteConnection(path: backup).copy(into: copy)
      try copy.execute("PRAGMA journal_mode = DELETE")
      try copy.execute("UPDATE meta SET value = max(value, \(replaced)) WHERE name = 'epoch'")
    }
    try usingDirectory(directory) { () throws(SystemError) in
      // A log without its database would be replayed into the wrong one.
      try FileSystem.remove("\(path)-wal")
      try FileSystem.remove("\(path)-shm")
      // A second name first: at no moment is there no store, which the host would take for a new one.
      try FileSystem.remove("\(path).replaced")
      if try FileSystem.status(path) != nil { link(path, "\(path).replaced") }
      try FileSystem.rename(incoming, to: path)
      try FileSystem.synchronizeDirectory(directory)
    }
    return summary
  }

  static func write(_ source: SQLiteConnection, of path: String, to destination: String)
    throws(StoreOpenError)
  {
    let directory = FileSystem.parent(of: destination)
    let incoming = "\(destination).incoming"
    let existing = try usingDirectory(directory) { () throws(SystemError) in
      try FileSystem.status(destination)
    }
    if existing != nil {
      throw .failed("\(destination) exists already: name a new file")
    }
    try discard(incoming, in: directory)
    do throws(StoreOpenError) {
      try explaining(incoming) { () throws(SQLiteError) in
        let copy = try SQLiteConnection(path: incoming, create: true)
        try source.copy(into: copy)
        // One file, without a log beside it.
        try copy.execute("PRAGMA journal_mode = DELETE")
      }
      _ = try verify(incoming)
    } catch {
      try discard(incoming, in: directory)
      throw error
    }
    try usingDirectory(directory) { () throws(SystemError) in
      try FileSystem.rename(incoming, to: destination)
      try FileSystem.synchronizeDirectory(directory)
    }
  }

  private static let epochQuery = "SELECT value FROM meta WHERE name = 'epoch'"

  /// Moves a store's log into its file, so that the file is all of it. Returns its epoch; 0 where
  /// the file is not there or can't be read: it is being replaced for a reason.
  private static func settle(_ path: String) -> Int64 {
    do throws(SQLiteError) {
      let connection = try SQLiteConnection(path: path)
      let epoch = try connection.integer(epochQuery)
      _ = try connection.texts("PRAGMA wal_checkpoint(TRUNCATE)")
      return epoch
    } catch {
      return 0
    }
  }

  private static func discard(_ path: String, in directory: String) throws(StoreOpenError) {
    try usingDirectory(directory) { () throws(SystemError) in
      for suffix in ["", "-wal", "-shm", "-journal"] { try FileSystem.remove(path + suffix) }
    }
  }

  private static func usingDirectory<Value>(
    _ directory: String, _ body: () throws(SystemError) -> Value
  ) throws(StoreOpenError) -> Value {
    do throws(SystemError) {
      return try body()
    } catch {
      throw .directoryUnusable(directory: directory, reason: error.description)
    }
  }
}
