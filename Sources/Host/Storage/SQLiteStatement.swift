internal import CSQLite

/// A value that a statement takes.
enum SQLiteValue {
  case integer(Int64)
  case text(String)
  case blob([UInt8])

  /// Versions are unsigned in the model and far from the sign bit in fact.
  static func version(_ version: UInt64) -> SQLiteValue { .integer(Int64(clamping: version)) }
}

/// A prepared statement, used again and again by the owner of its connection.
final class SQLiteStatement {
  private let statement: OpaquePointer
  private let sql: String
  private let connection: SQLiteConnection

  init(_ statement: OpaquePointer, sql: String, of connection: SQLiteConnection) {
    self.statement = statement
    self.sql = sql
    self.connection = connection
  }

  deinit {
    sqlite3_finalize(statement)
  }

  /// Runs it for its effect. Returns how many rows changed.
  @discardableResult
  func run(_ values: SQLiteValue...) throws(SQLiteError) -> Int {
    try visit(values) { _ in false }
    return connection.changedRows
  }

  /// What `read` makes of the first row; nil where there is none.
  func first<Value>(_ values: SQLiteValue..., read: (SQLiteRow) -> Value) throws(SQLiteError)
    -> Value?
  {
    var value: Value?
    try visit(values) { row in
      value = read(row)
      return false
    }
    return value
  }

  /// Shows each row until `read` answers false.
  func each(_ values: [SQLiteValue] = [], read: (SQLiteRow) -> Bool) throws(SQLiteError) {
    try visit(values, read: read)
  }

  private func visit(_ values: [SQLiteValue], read: (SQLiteRow) -> Bool) throws(SQLiteError) {
    defer {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (index, value) in values.enumerated() { try bind(value, at: Int32(index) + 1) }
    while true {
      let code = sqlite3_step(statement)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else { throw connection.error(code, action: sql) }
      if !read(SQLiteRow(statement: statement)) {
        // A write has to run to its end; a read may be left.
        if sqlite3_stmt_readonly(statement) != 0 { return }
      }
    }
  }

  private func bind(_ value: SQLiteValue, at index: Int32) throws(SQLiteError) {
    let code =
      switch value {
      case .integer(let integer):
        sqlite3_bind_int64(statement, index, integer)
      case .text(let text):
        text.withCString { bytes in
          sqlite3_bind_text(statement, index, bytes, Int32(text.utf8.count), Self.transient)
        }
      case .blob(let bytes) where bytes.isEmpty:
        // A null pointer would bind NULL.
        sqlite3_bind_zeroblob(statement, index, 0)
      case .blob(let bytes):
        sqlite3_bind_blob64(statement, index, bytes, UInt64(bytes.count), Self.transient)
      }
    if code != SQLITE_OK { throw connection.error(code, action: sql) }
  }

  /// SQLITE_TRANSIENT, a cast in C that the importer leaves out: SQLite copies the bytes.
  private static var transient: sqlite3_destructor_type {
    unsafeBitCast(-1, to: sqlite3_destructor_type.self)
  }
}

/// The row that a statement stands at; not to be kept.
struct SQLiteRow {
  fileprivate let statement: OpaquePointer

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

  func version(_ column: Int32) -> UInt64 { UInt64(clamping: integer(column)) }

  func text(_ column: Int32) -> String {
    guard let text = sqlite3_column_text(statement, column) else { return "" }
    let count = Int(sqlite3_column_bytes(statement, column))
    return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
  }

  func blob(_ column: Int32) -> [UInt8] {
    guard let bytes = sqlite3_column_blob(statement, column) else { return [] }
    let count = Int(sqlite3_column_bytes(statement, column))
    return Array(UnsafeRawBufferPointer(start: bytes, count: count))
  }
}
