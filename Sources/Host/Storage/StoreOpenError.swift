/// Why the store could not be opened; each message says what to do.
public enum StoreOpenError: Error, Sendable, Equatable {
  /// The pid is 0 where the holder did not say.
  case lockedByAnotherHost(directory: String, pid: Int32)
  /// Written by a later version of Mortise.
  case newerSchema(path: String, found: Int, supported: Int)
  case corrupt(path: String, details: String)
  /// A SQLite database, but of something else.
  case foreign(path: String)
  case directoryUnusable(directory: String, reason: String)
  /// Anything else: the message names file and cause.
  case failed(String)
}

extension StoreOpenError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .lockedByAnotherHost(let directory, let pid):
      """
      the state in \(directory) is in use by another host process\(pid > 0 ? " (pid \(pid))" : ""): \
      stop it, or give this one a state directory of its own
      """
    case .newerSchema(let path, let found, let supported):
      """
      \(path) was written by a newer Mortise (its schema is \(found), this one knows up to \
      \(supported)): run that version, or restore a backup made before the upgrade
      """
    case .corrupt(let path, let details):
      """
      \(path) is damaged (\(details)): keep a copy of it, then restore the last backup with the \
      host stopped
      """
    case .foreign(let path):
      "\(path) is a database of something else: move it away, or name another state directory"
    case .directoryUnusable(let directory, let reason):
      "the state directory \(directory) can't be used: \(reason)"
    case .failed(let message):
      message
    }
  }
}
