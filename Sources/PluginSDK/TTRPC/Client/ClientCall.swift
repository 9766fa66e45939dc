internal import LinuxSystem

/// A call as its connection sees it, whatever its reply's type.
///
/// - Isolation: the loop's thread.
class ClientCall {
  /// Its stream, once started.
  var stream: StreamID?
  /// Where its request begins in what the connection ever queued.
  var queuedAt: UInt64 = 0
  var timer: LoopTimer?
  /// The caller stopped waiting before the call began.
  var isCancelled = false
  var isStreaming: Bool { false }

  /// The response's payload, valid during the call alone: what ends a unary call.
  func finish(_ payload: UnsafeRawBufferPointer) { preconditionFailure("overridden by every call") }
  func fail(_ error: RPCError) { preconditionFailure("overridden by every call") }
  /// A stream's message.
  func deliver(_ message: UnsafeRawBufferPointer) throws(RPCError) {}
  func end() {}
}

/// A unary call that a task waits for. It takes the reply undecoded, so that it is one type for all
/// replies: the Swift runtime would look up a type for each of them, call after call.
///
/// - Isolation: the loop's thread.
final class UnaryCall: ClientCall {
  // Unsafe saves an allocation a call. It is resumed once: `settle` takes it.
  private var continuation: UnsafeContinuation<Result<[UInt8], RPCError>, Never>?

  func begin(_ continuation: UnsafeContinuation<Result<[UInt8], RPCError>, Never>) {
    self.continuation = continuation
  }

  override func finish(_ payload: UnsafeRawBufferPointer) { settle(.success(Array(payload))) }

  override func fail(_ error: RPCError) { settle(.failure(error)) }

  private func settle(_ outcome: Result<[UInt8], RPCError>) {
    continuation.take()?.resume(returning: outcome)
  }
}
