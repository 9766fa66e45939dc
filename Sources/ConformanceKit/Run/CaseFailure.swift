package import TTRPC

/// What a case expected, and what came instead.
package struct CaseFailure: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// What must hold; the message says what should have been, and what was.
package func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(CaseFailure) {
  if !condition { throw CaseFailure(message()) }
}

extension EventLoop {
  /// Runs a body for at most so long.
  ///
  /// - Throws: `CaseFailure` naming `what`, once the time is over; the body is cancelled then.
  package func within<Value: Sendable>(
    _ limit: Duration, _ what: String, _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await self.sleep(for: limit)
        throw CaseFailure("\(what): nothing came within \(limit)")
      }
      defer { group.cancelAll() }
      guard let value = try await group.next() else { throw CancellationError() }
      return value
    }
  }
}
