internal import Model

/// Writes objects over one connection: the rules of compare-and-swap, inside a transaction that the
/// owner has begun.
///
/// - Isolation: none of its own; the store's writer thread owns it.
final class StoreTables {
  /// What a write did, or why it did nothing.
  typealias Outcome = Result<ObjectChange, StoreError>

  let connection: SQLiteConnection
  let reader: StoreReader
  private let insertObject: SQLiteStatement
  private let updateVersion: SQLiteStatement
  private let updateObject: SQLiteStatement
  private let deleteObject: SQLiteStatement
  private let insertRevision: SQLiteStatement
  private let deleteSuperseded: SQLiteStatement
  private let deleteDeletions: SQLiteStatement
  private let updateFloor: SQLiteStatement

  init(_ connection: SQLiteConnection) throws(SQLiteError) {
    self.connection = connection
    reader = try StoreReader(connection)
    insertObject = try connection.prepare(
      """
      INSERT INTO objects (version, owner, partition, kind, namespace, name)
      VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
      """)
    updateVersion = try connection.prepare(
      """
      UPDATE objects SET version = ?
      WHERE kind = ? AND namespace = ? AND name = ? AND version = ? AND owner = ? AND partition = ?
      """)
    updateObject = try connection.prepare(
      """
      UPDATE objects SET version = ?, owner = ?, partition = ?
      WHERE kind = ? AND namespace = ? AND name = ? AND version = ?
      """)
    deleteObject = try connection.prepare(
      "DELETE FROM objects WHERE kind = ? AND namespace = ? AND name = ? AND version = ?")
    insertRevision = try connection.prepare(
      """
      INSERT INTO revisions
        (version, change, prior, kind, namespace, name, uid, owner, partition, body)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
    deleteSuperseded = try connection.prepare(
      """
      DELETE FROM revisions WHERE version IN
        (SELECT prior FROM revisions WHERE version > ?1 AND version <= ?2 AND prior > 0)
      """)
    deleteDeletions = try connection.prepare(
      "DELETE FROM revisions WHERE version > ? AND version <= ? AND change = 2")
    updateFloor = try connection.prepare("UPDATE meta SET value = ? WHERE name = 'floor'")
  }

  /// - Parameter version: what the write becomes, if it is one.
  /// - Throws: where SQLite could not do it; then the transaction is void.
  func apply(_ write: StoreWrite, as version: UInt64) throws(SQLiteError) -> Outcome {
    switch write {
    case .create(let object): try create(object, as: version)
    case .update(let object): try update(object, as: version)
    case .delete(let key, let expected): try delete(key, expected, as: version)
    }
  }

  private func create(_ object: StoredObject, as version: UInt64) throws(SQLiteError) -> Outcome {
    let key = object.key
    let changed = try insertObject.run(
      .version(version), .text(object.owner), .text(object.partition), .text(key.kind),
      .text(key.namespace), .text(key.name))
    guard changed == 1 else { return .failure(.alreadyExists(key)) }
    return .success(try record(.created, object, prior: 0, as: version))
  }

  private func update(_ object: StoredObject, as version: UInt64) throws(SQLiteError) -> Outcome {
    guard try replace(object, by: version) else {
      return .failure(try refusal(object.key, expected: object.version))
    }
    return .success(try record(.updated, object, prior: object.version, as: version))
  }

  /// False where another version is there, or none.
  private func replace(_ object: StoredObject, by version: UInt64) throws(SQLiteError) -> Bool {
    let key = object.key
    // Owner and partition hardly ever change, and naming them writes the indexes anew.
    let changed = try updateVersion.run(
      .version(version), .text(key.kind), .text(key.namespace), .text(key.name),
      .version(object.version), .text(object.owner), .text(object.partition))
    if changed == 1 { return true }
    return try updateObject.run(
      .version(version), .text(object.owner), .text(object.partition), .text(key.kind),
      .text(key.namespace), .text(key.name), .version(object.version)) == 1
  }

  private func delete(_ key: ObjectKey, _ expected: UInt64, as version: UInt64)
    throws(SQLiteError) -> Outcome
  {
    guard let object = try reader.get(key) else { return .failure(.notFound(key)) }
    guard object.version == expected else {
      return .failure(.conflict(key, expected: expected, actual: object.version))
    }
    try deleteObject.run(
      .text(key.kind), .text(key.namespace), .text(key.name), .version(expected))
    return .success(try record(.deleted, object, prior: expected, as: version))
  }

  private func refusal(_ key: ObjectKey, expected: UInt64) throws(SQLiteError) -> StoreError {
    guard let object = try reader.get(key) else { return .notFound(key) }
    return .conflict(key, expected: expected, actual: object.version)
  }

  private func record(
    _ kind: ObjectChange.Kind, _ object: StoredObject, prior: UInt64, as version: UInt64
  ) throws(SQLiteError) -> ObjectChange {
    try insertRevision.run(
      .version(version), .integer(kind.code), .version(prior), .text(object.key.kind),
      .text(object.key.namespace), .text(object.key.name), .text(object.uid), .text(object.owner),
      .text(object.partition), .blob(kind == .deleted ? [] : object.body))
    var written = object
    written.version = version
    return ObjectChange(kind: kind, object: written)
  }

  /// Drops what watchers from `floor` on do not need: it costs what was written between the floors,
  /// never what is kept.
  func compact(from oldFloor: UInt64, to floor: UInt64) throws(SQLiteError) {
    try deleteSuperseded.run(.version(oldFloor), .version(floor))
    try deleteDeletions.run(.version(oldFloor), .version(floor))
    try updateFloor.run(.version(floor))
  }
}

/// One write of one object.
enum StoreWrite: Sendable {
  case create(StoredObject)
  case update(StoredObject)
  case delete(ObjectKey, version: UInt64)

  var isDeletion: Bool { if case .delete = self { true } else { false } }
}
