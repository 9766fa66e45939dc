public import PluginProto

/// Sends the messages of a streaming answer.
public struct ResponseWriter<Reply: ProtoMessage>: Sendable {
  private let stream: ServerStream

  init(_ stream: ServerStream) { self.stream = stream }

  /// Sends one message; waits while the connection has more to write than it should hold.
  ///
  /// - Cancellation: a deadline or a lost connection ends the wait with an error.
  /// - Throws: DEADLINE_EXCEEDED or UNAVAILABLE once nobody takes the stream any more;
  ///   RESOURCE_EXHAUSTED for a message longer than a frame, after which the stream goes on.
  public func send(_ message: Reply) async throws(RPCError) {
    try await stream.send(message.serialized())
  }
}

/// A streaming answer, whatever its messages' type.
struct ServerStream: Sendable {
  let id: StreamID
  let connection: LoopBound<ServerConnection>

  func send(_ message: [UInt8]) async throws(RPCError) {
    let loop = connection.loop
    if loop.isOnLoop, let outcome = connection.value.sendNow(id, message) {
      return try outcome.get()
    }
    try await withCheckedContinuation { continuation in
      loop.execute { connection.value.send(id, message, continuation) }
    }.get()
  }
}
