import LinuxSystem
import TTRPC

/// The deadline that a message names, beside the envelope's: the earlier of the two counts.
extension PluginRuntime {
  /// Two clocks of one moment never agree to the millisecond; where a host names it in both places
  /// the server's own timer is enough.
  private static let slack = Duration.milliseconds(50)

  /// How long the call may still take; nil where its envelope says no less.
  static func remaining(until deadlineUnixMS: Int64, _ context: ServerContext) -> Duration? {
    let remaining = Duration.milliseconds(max(deadlineUnixMS - WallTime.nowUnixMS(), 0))
    guard let deadline = context.deadline else { return remaining }
    return .now() + (remaining + slack) < deadline ? remaining : nil
  }

  /// Answers DEADLINE_EXCEEDED once the time is over.
  ///
  /// - Cancellation: of the body, when the time is over; a step of an external task goes on.
  func within<Reply: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> Reply
  ) async throws -> Reply {
    try await withThrowingTaskGroup(of: Reply.self) { group in
      group.addTask { try await body() }
      group.addTask { [loop] in
        try await loop.sleep(for: limit)
        throw RPCError(
          .deadlineExceeded, reason: "DeadlineExceeded", message: "the call's time is over")
      }
      defer { group.cancelAll() }
      guard let reply = try await group.next() else { throw CancellationError() }
      return reply
    }
  }
}
