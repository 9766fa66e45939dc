internal import LinuxSystem
internal import PluginProto

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

  /// The response's payload: what ends a unary call.
  func finish(_ payload: [UInt8]) { preconditionFailure("overridden by every call") }
  func fail(_ error: RPCError) { preconditionFailure("overridden by every call") }
  /// A stream's message.
  func deliver(_ message: UnsafeRawBufferPointer) throws(RPCError) {}
  func end() {}
}

/// A unary call that a task waits for.
///
/// - Isolation: the loop's thread.
final class UnaryCall<Reply: ProtoMessage>: ClientCall {
  // Unsafe saves an allocation a call. It is resumed once: `settle` takes it.
  private var continuation: UnsafeContinuation<Result<Reply, RPCError>, Never>?

  func begin(_ continuation: UnsafeContinuation<Result<Reply, RPCError>, Never>) {
    self.continuation = continuation
  }

  override func finish(_ payload: [UInt8]) {
    do throws(ProtoDecodingError) {
      settle(.success(try Reply(serialized: payload)))
    } catch {
      settle(.failure(.malformedReply(error.description)))
    }
  }

  override func fail(_ error: RPCError) { settle(.failure(error)) }

  private func settle(_ outcome: Result<Reply, RPCError>) {
    continuation.take()?.resume(returning: outcome)
  }
}
