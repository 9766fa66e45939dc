internal import LinuxSystem
public import PluginProto

extension Client {
  /// Calls a method that answers once.
  ///
  /// - Parameter timeout: sent to the peer as its deadline and kept here as well; nil waits as
  ///   long as the connection lives.
  /// - Cancellation: ends the wait with CANCELLED. ttrpc has no frame that says so to the peer,
  ///   which works on.
  /// - Throws: the peer's error; DEADLINE_EXCEEDED, CANCELLED or UNAVAILABLE of this side. Where
  ///   `delivery` is `notSent` the call may be repeated whatever it does.
  public func call<Request, Reply>(
    _ method: Method<Request, Reply>, _ request: Request, timeout: Duration? = nil
  ) async throws(RPCError) -> Reply {
    let deadline = try deadline(timeout)
    let call = LoopBound(UnaryCall(), on: loop)
    let outcome = await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        withConnection { connection in
          call.value.begin(continuation)
          connection.start(call.value, deadline: deadline) { bytes in
            Self.append(method, request, timeout, to: &bytes)
          }
        }
      }
    } onCancel: {
      cancel(call)
    }
    let payload = try outcome.get()
    do throws(ProtoDecodingError) {
      return try Reply(serialized: payload)
    } catch {
      throw .malformedReply(error.description)
    }
  }

  /// Calls a method that answers with a stream of messages.
  ///
  /// Returns as soon as the request is on its way; errors of the call come out of the stream.
  ///
  /// - Parameter timeout: bounds the whole stream.
  public func openStream<Request, Reply>(
    _ method: Method<Request, Reply>, _ request: Request, timeout: Duration? = nil
  ) async throws(RPCError) -> ResponseStream<Reply> {
    let deadline = try deadline(timeout)
    let call = LoopBound(StreamCall<Reply>(limits: limits), on: loop)
    withConnection { connection in
      connection.start(call.value, deadline: deadline) { bytes in
        Self.append(method, request, timeout, to: &bytes)
      }
    }
    return ResponseStream(call, of: self)
  }

  /// When a call with this timeout ends; nil = never.
  private func deadline(_ timeout: Duration?) throws(RPCError) -> MonotonicTime? {
    if Task.isCancelled { throw .callCancelled.with(.notSent) }
    guard let timeout else { return nil }
    if timeout <= .zero { throw .deadlineExceeded.with(.notSent) }
    return .now() + timeout
  }

  private static func append<Request, Reply>(
    _ method: Method<Request, Reply>, _ request: Request, _ timeout: Duration?,
    to bytes: inout [UInt8]
  ) {
    RequestEnvelope.append(
      method, request, timeoutNano: timeout.map { Int64(clamping: $0.wholeNanoseconds) } ?? 0,
      to: &bytes)
  }
}
