public import PluginProto

/// The messages that answer a streaming call, in order, read by one task at a time.
///
/// Messages that aren't taken wait in a bounded buffer (`Limits.streamBufferMessages`,
/// `streamBufferBytes`); a reader that falls behind further loses its stream with
/// RESOURCE_EXHAUSTED, and no other call is affected.
///
/// - Cancellation: ends the stream with CANCELLED. Dropping the sequence ends it too.
public struct ResponseStream<Reply: ProtoMessage>: AsyncSequence, Sendable {
  /// A message of the stream.
  public typealias Element = Reply
  /// How the call, or this side's reading of it, failed.
  public typealias Failure = RPCError

  private let reader: StreamReader<Reply>

  init(_ call: LoopBound<StreamCall<Reply>>, of client: Client) {
    reader = StreamReader(call, of: client)
  }

  /// A reader; all readers of one stream share its messages.
  public func makeAsyncIterator() -> Iterator { Iterator(reader: reader) }

  /// Takes the messages one by one; nil is the stream's end.
  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let reader: StreamReader<Reply>

    /// The next message, nil at the end; an error ends the stream.
    public mutating func next(
      isolation actor: isolated (any Actor)? = #isolation
    ) async throws(RPCError) -> Reply? {
      try await reader.next().get()
    }
  }
}

/// Keeps the connection while its stream is read, and ends the stream when nobody can any more.
private final class StreamReader<Reply: ProtoMessage>: Sendable {
  private let call: LoopBound<StreamCall<Reply>>
  private let client: Client

  init(_ call: LoopBound<StreamCall<Reply>>, of client: Client) {
    self.call = call
    self.client = client
  }

  deinit { client.cancel(call) }

  func next() async -> Result<Reply?, RPCError> {
    if client.loop.isOnLoop, let next = call.value.take() { return next }
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        client.withConnection { [call] _ in call.value.take(continuation) }
      }
    } onCancel: {
      client.cancel(call)
    }
  }
}
