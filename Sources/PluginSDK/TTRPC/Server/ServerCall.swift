internal import LinuxSystem

/// A call that a handler works on.
///
/// - Isolation: the loop's thread.
final class ServerCall {
  let isStreaming: Bool
  var task: Task<Void, Never>?
  var timer: LoopTimer?

  init(isStreaming: Bool) { self.isStreaming = isStreaming }
}

/// A stream's message that waits for room.
struct BlockedMessage {
  let stream: StreamID
  let message: [UInt8]
  let continuation: CheckedContinuation<Result<Void, RPCError>, Never>
}
