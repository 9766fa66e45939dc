internal import PluginProto

/// A call that is answered with a stream: keeps the messages that its reader has not taken.
///
/// open → ended, with or without an error; messages that came before the end are still read.
///
/// - Isolation: the loop's thread.
final class StreamCall<Reply: ProtoMessage>: ClientCall {
  typealias Continuation = UnsafeContinuation<Result<Reply?, RPCError>, Never>

  private let limits: Limits
  private var messages: [(reply: Reply, bytes: Int)] = []
  private var head = 0
  private var bufferedBytes = 0
  private var outcome: Result<Void, RPCError>?
  // Unsafe saves an allocation a message. It is resumed once: whoever resumes it takes it.
  private var reader: Continuation?

  init(limits: Limits) { self.limits = limits }

  override var isStreaming: Bool { true }

  override func deliver(_ message: UnsafeRawBufferPointer) throws(RPCError) {
    let reply: Reply
    do throws(ProtoDecodingError) {
      reply = try Reply(serialized: message)
    } catch {
      throw .malformedReply(error.description)
    }
    if let reader = reader.take() { return reader.resume(returning: .success(reply)) }
    if messages.count - head >= limits.streamBufferMessages
      || bufferedBytes + message.count > limits.streamBufferBytes
    {
      throw .streamBufferFull(limits)
    }
    messages.append((reply, message.count))
    bufferedBytes += message.count
  }

  /// A response ends a stream too; one with a payload is its last message.
  override func finish(_ payload: UnsafeRawBufferPointer) {
    do throws(RPCError) {
      if !payload.isEmpty { try deliver(payload) }
      end()
    } catch {
      fail(error)
    }
  }

  override func end() { settle(.success(())) }

  override func fail(_ error: RPCError) { settle(.failure(error)) }

  /// The next message now, if that is known: `.success(nil)` is the end.
  func take() -> Result<Reply?, RPCError>? {
    if head < messages.count {
      let (reply, bytes) = messages[head]
      head += 1
      bufferedBytes -= bytes
      if head == messages.count {
        messages.removeAll(keepingCapacity: true)
        head = 0
      }
      return .success(reply)
    }
    return outcome?.map { nil }
  }

  /// Resumes with the next message, now or when it comes.
  func take(_ continuation: Continuation) {
    if let next = take() { return continuation.resume(returning: next) }
    precondition(reader == nil, "a response stream is read by one task at a time")
    reader = continuation
  }

  private func settle(_ outcome: Result<Void, RPCError>) {
    if self.outcome != nil { return }
    self.outcome = outcome
    reader.take()?.resume(returning: outcome.map { nil })
  }
}
