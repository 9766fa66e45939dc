internal import LinuxSystem

/// What it takes to get from a path to a database that may be written.
struct StoreOpening {
  let tables: StoreTables
  /// Of the last write.
  let version: UInt64
  let epoch: UInt64

  static func open(_ path: String, limits: StoreLimits) throws(StoreOpenError)
    -> sending StoreOpening
  {
    let connection = try explaining(path) { () throws(SQLiteError) in
      try SQLiteConnection(path: path, create: true)
    }
    // Before anything is written: what another program or a later version made stays as it is.
    try StoreSchema.check(connection, path: path)
    try StoreSchema.checkIntegrity(connection, path: path)
    try explaining(path) { () throws(SQLiteError) in
      try configure(connection, limits: limits)
    }
    try StoreSchema.migrate(connection, path: path)
    return try explaining(path) { () throws(SQLiteError) in
      try connection.transaction { () throws(SQLiteError) in
        try connection.execute("UPDATE meta SET value = value + 1 WHERE name = 'epoch'")
      }
      let epoch = try connection.integer("SELECT value FROM meta WHERE name = 'epoch'")
      let tables = try StoreTables(connection)
      return StoreOpening(
        tables: tables, version: try tables.reader.version(), epoch: UInt64(clamping: epoch))
    }
  }

  private static func configure(_ connection: SQLiteConnection, limits: StoreLimits)
    throws(SQLiteError)
  {
    // FULL: the log is forced to the disk with every commit, which is what "durable" means.
    let mode = try connection.texts("PRAGMA journal_mode = WAL")
    guard mode == ["wal"] else {
      throw SQLiteError(
        code: 1, message: "this file system does not support SQLite's write-ahead log",
        action: "journal_mode")
    }
    try connection.execute(
      """
      PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -16384; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;
      """)
    let pageBytes = max(1, try connection.integer("PRAGMA page_size"))
    _ = try connection.limitPages(to: limits.fileBytes / pageBytes)
  }
}
