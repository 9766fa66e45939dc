internal import Synchronization
internal import TTRPC

/// How many logs are being read for clients.
///
/// - Isolation: a mutex.
final class LogReaders: Sendable {
  /// Logs at once, of all clients: one that is followed holds a descriptor here or a call at a driver.
  static let limit = 64

  private let count = Mutex(0)

  /// Takes a place for each log; `leave` is owed for as many.
  ///
  /// - Throws: RESOURCE_EXHAUSTED where they are not free.
  func enter(_ logs: Int) throws(RPCError) {
    let isFull = count.withLock { count in
      if count + logs > Self.limit { return true }
      count += logs
      return false
    }
    guard isFull else { return }
    throw RPCError(
      .resourceExhausted, reason: "TooManyLogReaders",
      message:
        "the host reads \(Self.limit) logs for clients at once, and \(logs) more would be too "
        + "many; end some mortise logs -f, or name a process with --process")
  }

  func leave(_ logs: Int) { count.withLock { $0 -= logs } }
}
