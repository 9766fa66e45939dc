internal import Model

/// Reads objects and changes over one connection.
///
/// - Isolation: none of its own; its owner uses it from one thread at a time.
final class StoreReader {
  let connection: SQLiteConnection
  private let presentObject: SQLiteStatement
  private let presentVersion: SQLiteStatement
  private let presentFloor: SQLiteStatement
  private let begin: SQLiteStatement
  private let end: SQLiteStatement
  /// By their SQL: one for each set of filters that was asked for.
  private var prepared: [String: SQLiteStatement] = [:]

  /// A deletion has no body of its own: its change shows that of the revision before, which is kept
  /// as long as the deletion is.
  private static let columns = """
    r.kind, r.namespace, r.name, r.uid, r.version, r.owner, r.partition,
    CASE r.change WHEN 2 THEN (SELECT p.body FROM revisions p WHERE p.version = r.prior)
      ELSE r.body END,
    r.change
    """

  init(_ connection: SQLiteConnection) throws(SQLiteError) {
    self.connection = connection
    presentObject = try connection.prepare(
      """
      SELECT \(Self.columns) FROM objects o JOIN revisions r ON r.version = o.version
      WHERE o.kind = ? AND o.namespace = ? AND o.name = ?
      """)
    presentVersion = try connection.prepare("SELECT ifnull(max(version), 0) FROM revisions")
    presentFloor = try connection.prepare("SELECT value FROM meta WHERE name = 'floor'")
    begin = try connection.prepare("BEGIN")
    end = try connection.prepare("ROLLBACK")
  }

  /// Everything that the body reads is of one moment.
  func snapshot<Value>(_ body: () throws(SQLiteError) -> Value) throws(SQLiteError) -> Value {
    try begin.run()
    // Some errors have ended it already.
    defer { if connection.isInTransaction { _ = try? end.run() } }
    return try body()
  }

  func get(_ key: ObjectKey) throws(SQLiteError) -> StoredObject? {
    try presentObject.first(.text(key.kind), .text(key.namespace), .text(key.name)) { $0.object }
  }

  /// The version of the last write.
  func version() throws(SQLiteError) -> UInt64 {
    try presentVersion.first { $0.version(0) } ?? 0
  }

  /// Changes after this version are all there.
  func floor() throws(SQLiteError) -> UInt64 {
    try presentFloor.first { $0.version(0) } ?? 0
  }

  /// Matching objects in order of namespace, name and kind, and the version that they are of.
  func list(_ filter: ObjectFilter, after key: ObjectKey? = nil, limit: Int? = nil)
    throws(SQLiteError) -> ObjectList
  {
    var (conditions, values) = Self.conditions(filter, alias: "o")
    if let key {
      conditions.append("(o.namespace, o.name, o.kind) > (?, ?, ?)")
      values += [.text(key.namespace), .text(key.name), .text(key.kind)]
    }
    values.append(.integer(limit.map(Int64.init) ?? -1))
    let statement = try statement(
      """
      SELECT \(Self.columns) FROM objects o JOIN revisions r ON r.version = o.version
      WHERE \(conditions.joined(separator: " AND "))
      ORDER BY o.namespace, o.name, o.kind LIMIT ?
      """)
    return try snapshot { () throws(SQLiteError) in
      var list = ObjectList(objects: [], version: try version())
      try statement.each(values) { row in
        list.objects.append(row.object)
        return true
      }
      return list
    }
  }

  /// Changes after a version, as far as they are kept.
  struct ChangePage {
    var changes: [ObjectChange]
    /// All matching changes up to this one are in the page.
    var version: UInt64
    var floor: UInt64
  }

  func changes(_ filter: ObjectFilter, after version: UInt64, limit: Int) throws(SQLiteError)
    -> ChangePage
  {
    let (conditions, values) = Self.conditions(filter, alias: "r")
    let statement = try statement(
      """
      SELECT \(Self.columns) FROM revisions r
      WHERE r.version > ? AND \(conditions.joined(separator: " AND "))
      ORDER BY r.version LIMIT ?
      """)
    return try snapshot { () throws(SQLiteError) in
      var page = ChangePage(changes: [], version: try self.version(), floor: try floor())
      try statement.each([.version(version)] + values + [.integer(Int64(limit))]) { row in
        page.changes.append(ObjectChange(kind: row.changeKind, object: row.object))
        return true
      }
      if page.changes.count == limit, let last = page.changes.last {
        page.version = last.object.version
      }
      return page
    }
  }

  /// The inequalities let SQLite use the indexes, which leave out the empty ones.
  private static func conditions(_ filter: ObjectFilter, alias: String) -> (
    [String], [SQLiteValue]
  ) {
    var conditions = ["1"]
    var values: [SQLiteValue] = []
    func require(_ column: String, _ value: String?) {
      guard let value else { return }
      conditions.append("\(alias).\(column) = ?")
      values.append(.text(value))
    }
    require("kind", filter.kind)
    require("namespace", filter.namespace)
    require("owner", filter.owner)
    require("partition", filter.partition)
    if let owner = filter.owner, !owner.isEmpty { conditions.append("\(alias).owner <> ''") }
    if let name = filter.partition, !name.isEmpty { conditions.append("\(alias).partition <> ''") }
    return (conditions, values)
  }

  private func statement(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
    if let statement = prepared[sql] { return statement }
    let statement = try connection.prepare(sql)
    prepared[sql] = statement
    return statement
  }
}

extension SQLiteRow {
  /// Of the columns that `StoreReader` asks for.
  fileprivate var object: StoredObject {
    StoredObject(
      key: ObjectKey(kind: text(0), namespace: text(1), name: text(2)), uid: text(3),
      version: version(4), owner: text(5), partition: text(6), body: blob(7))
  }

  fileprivate var changeKind: ObjectChange.Kind {
    switch integer(8) {
    case ObjectChange.Kind.created.code: .created
    case ObjectChange.Kind.deleted.code: .deleted
    default: .updated
    }
  }
}

extension ObjectChange.Kind {
  /// As the table keeps it: never to be renumbered.
  var code: Int64 {
    switch self {
    case .created: 0
    case .updated: 1
    case .deleted: 2
    }
  }
}
