internal import CSQLite

/// What SQLite answered instead of doing something.
struct SQLiteError: Error {
  /// The extended result code.
  var code: Int32
  /// SQLite's words.
  var message: String
  /// What was being done: "commit", or the statement.
  var action: String

  /// The result code without its refinement.
  var primaryCode: Int32 { code & 0xFF }

  var isFull: Bool { primaryCode == SQLITE_FULL }
  var isCorruption: Bool { primaryCode == SQLITE_CORRUPT || primaryCode == SQLITE_NOTADB }

  /// In the words of who runs the host: what happened to which file, and what to do.
  func explained(path: String) -> String {
    switch primaryCode {
    case SQLITE_FULL:
      """
      the disk that holds \(path) is full, or the store has grown to its limit: free some space; \
      nothing that was acknowledged is lost, and writes go on by themselves
      """
    case SQLITE_CORRUPT, SQLITE_NOTADB:
      "\(path) is damaged (\(message)): stop the host and restore the last backup"
    case SQLITE_IOERR:
      "the disk that holds \(path) failed (\(message), code \(code)): check it before going on"
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN, SQLITE_AUTH:
      "\(path) can't be written (\(message)): check its owner and permissions"
    default:
      "\(path): \(message) (code \(code)) at: \(action)"
    }
  }
}
