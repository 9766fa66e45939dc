internal import LinuxSystem
internal import Model
internal import Synchronization

/// Where reads run: short ones where they are asked for, long ones on a thread of their own.
///
/// A point read takes a few microseconds from SQLite's cache or the kernel's, a hop to another
/// thread and back some ninety. Both see what was committed before they began, so a caller always
/// reads its own writes.
final class StoreReads: Sendable {
  typealias Read = @Sendable (StoreReader) -> Void

  /// Nil once the store is closed.
  private let here: Mutex<StoreReader?>
  private let thread: BatchThread<Read>
  private let path: String

  /// Long reads that may wait.
  private static let queueLimit = 1024

  init(path: String) throws(StoreOpenError) {
    self.path = path
    here = Mutex(try Self.open(path))
    let reader = try Self.open(path)
    do throws(SystemError) {
      thread = try BatchThread(name: "mortise-read", limit: Self.queueLimit, batch: 1) { reads in
        for read in reads { read(reader) }
      }
    } catch {
      throw .failed("the store's reading thread can't be started: \(error)")
    }
  }

  private static func open(_ path: String) throws(StoreOpenError) -> sending StoreReader {
    try explaining(path) { () throws(SQLiteError) in
      let connection = try SQLiteConnection(path: path)
      try connection.execute("PRAGMA query_only = ON")
      return try StoreReader(connection)
    }
  }

  /// Reads on the caller's thread; for what is known to be short.
  func now<Value: Sendable>(_ body: @Sendable (StoreReader) throws(SQLiteError) -> Value)
    throws(StoreError) -> Value
  {
    let result = here.withLock { reader in
      reader.map { attempt($0, body) } ?? .failure(ChangeFeed.closed)
    }
    return try result.get()
  }

  /// Reads on the reading thread.
  func later<Value: Sendable>(
    _ body: @escaping @Sendable (StoreReader) throws(SQLiteError) -> Value
  ) async throws(StoreError) -> Value {
    let result = await withCheckedContinuation {
      (continuation: CheckedContinuation<Result<Value, StoreError>, Never>) in
      let submission = thread.submit { [self] reader in
        continuation.resume(returning: attempt(reader, body))
      }
      switch submission {
      case .accepted: break
      case .stopped: continuation.resume(returning: .failure(ChangeFeed.closed))
      case .full:
        let message = "\(Self.queueLimit) long reads wait already; try again later"
        continuation.resume(returning: .failure(.unavailable(message)))
      }
    }
    return try result.get()
  }

  private func attempt<Value>(
    _ reader: StoreReader, _ body: (StoreReader) throws(SQLiteError) -> Value
  ) -> Result<Value, StoreError> {
    do throws(SQLiteError) {
      return .success(try body(reader))
    } catch {
      return .failure(.unavailable(error.explained(path: path)))
    }
  }

  /// Lets long reads that wait finish, then takes no more and closes the connections.
  func stop() {
    thread.stop()
    here.withLock { $0 = nil }
  }
}
