/// The tables, as the steps that made them.
///
/// Every write is a row of `revisions` of its own, found by its version; `objects` says which
/// revision of each object is the present one. So an object's body is written once, and what
/// watchers replay is the same rows: superseded ones stay until they are `StoreLimits.history`
/// writes old.
///
/// - Invariant: migrations are only ever appended; a released one is never changed (unguarded).
enum StoreSchema {
  /// "MRTS": tells our databases from others'.
  static let applicationID: Int64 = 0x4D52_5453

  /// The version of a database is the number of migrations that it has seen.
  static let migrations = [
    """
    CREATE TABLE objects (
      kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
      version INTEGER NOT NULL, owner TEXT NOT NULL, partition TEXT NOT NULL,
      PRIMARY KEY (kind, namespace, name)
    ) WITHOUT ROWID;
    CREATE INDEX objects_by_owner ON objects (owner) WHERE owner <> '';
    CREATE INDEX objects_by_partition ON objects (partition) WHERE partition <> '';
    CREATE TABLE revisions (
      version INTEGER PRIMARY KEY, change INTEGER NOT NULL, prior INTEGER NOT NULL,
      kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
      uid TEXT NOT NULL, owner TEXT NOT NULL, partition TEXT NOT NULL, body BLOB NOT NULL
    );
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO meta VALUES ('epoch', 0), ('floor', 0);
    """
  ]

  /// Brings a database up to date; each step is durable or not there.
  static func migrate(
    _ connection: SQLiteConnection, path: String, through steps: [String] = migrations
  ) throws(StoreOpenError) {
    let found = try check(connection, path: path, supported: steps.count)
    for (index, step) in steps.enumerated().dropFirst(found) {
      try explaining(path) { () throws(SQLiteError) in
        try connection.transaction { () throws(SQLiteError) in
          try connection.execute(step)
          try connection.execute("PRAGMA application_id = \(applicationID)")
          try connection.execute("PRAGMA user_version = \(index + 1)")
        }
      }
    }
  }

  /// Whether this binary may use the database; returns its version, 0 for an empty one.
  @discardableResult
  static func check(
    _ connection: SQLiteConnection, path: String, supported: Int = migrations.count
  ) throws(StoreOpenError) -> Int {
    let (found, application, tables) = try explaining(path) { () throws(SQLiteError) in
      (
        Int(try connection.integer("PRAGMA user_version")),
        try connection.integer("PRAGMA application_id"),
        try connection.integer("SELECT count(*) FROM sqlite_schema")
      )
    }
    guard application == applicationID || (found == 0 && tables == 0) else {
      throw .foreign(path: path)
    }
    guard found <= supported else {
      throw .newerSchema(path: path, found: found, supported: supported)
    }
    return found
  }

  /// Reads every page: a damaged file is better found now than in the middle of a plan.
  static func checkIntegrity(_ connection: SQLiteConnection, path: String) throws(StoreOpenError) {
    let findings = try explaining(path) { () throws(SQLiteError) in
      try connection.texts("PRAGMA quick_check(3)")
    }
    if findings != ["ok"] {
      throw .corrupt(path: path, details: findings.joined(separator: "; "))
    }
  }
}

/// Turns SQLite's errors into what they mean for opening the file.
func explaining<Value>(_ path: String, _ body: () throws(SQLiteError) -> Value)
  throws(StoreOpenError) -> Value
{
  do throws(SQLiteError) {
    return try body()
  } catch {
    if error.isCorruption { throw .corrupt(path: path, details: error.message) }
    throw .failed(error.explained(path: path))
  }
}
