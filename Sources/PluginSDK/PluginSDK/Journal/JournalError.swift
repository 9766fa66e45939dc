import LinuxSystem

/// Why the journal can't be opened or kept.
enum JournalError: Error, Equatable, CustomStringConvertible {
  /// Another process of the plugin has it open.
  case inUse(path: String)
  /// A record in the middle of the file was changed since it was written.
  case damaged(path: String, offset: Int)
  /// More is remembered than a journal may hold.
  case full(limit: Int)
  /// It was closed by this process.
  case closed
  /// The system refused; from then on the journal takes nothing more.
  case failed(SystemError)

  var description: String {
    switch self {
    case .inUse(let path):
      "journal \(path) is in use by another process of this plugin; stop that one first"
    case .damaged(let path, let offset):
      "journal \(path) is damaged at byte \(offset); what tasks did can't be told from it. Restore it, "
        + "or move it away to let every task in flight be judged anew"
    case .full(let limit):
      "the journal holds \(limit) bytes of outcomes that the host has not yet told it to forget"
    case .closed: "the journal is closed"
    case .failed(let error): "the journal can't be written: \(error)"
    }
  }
}
