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
    let (envelope, deadline) = try envelope(method, request, timeout)
    let call = LoopBound(UnaryCall<Reply>(), on: loop)
    let outcome = await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        withConnection { connection in
          call.value.begin(continuation)
          connection.start(call.value, envelope, deadline: deadline)
        }
      }
    } onCancel: {
      cancel(call)
    }
    return try outcome.get()
  }

  /// Calls a method that answers with a stream of messages.
  ///
  /// Returns as soon as the request is on its way; errors of the call come out of the stream.
  ///
  /// - Parameter timeout: bounds the whole stream.
  public func openStream<Request, Reply>(
    _ method: Method<Request, Reply>, _ request: Request, timeout: Duration? = nil
  ) async throws(RPCError) -> ResponseStream<Reply> {
    let (envelope, deadline) = try envelope(method, request, timeout)
    let call = LoopBound(StreamCall<Reply>(limits: limits), on: loop)
    withConnection { connection in
      connection.start(call.value, envelope, deadline: deadline)
    }
    return ResponseStream(call, of: self)
  }

  private func envelope<Request, Reply>(
    _ method: Method<Request, Reply>, _ request: Request, _ timeout: Duration?
  ) throws(RPCError) -> (TTRPCProto.Request, MonotonicTime?) {
    if Task.isCancelled { throw .callCancelled.with(.notSent) }
    if let timeout, timeout <= .zero { throw .deadlineExceeded.with(.notSent) }
    let envelope = TTRPCProto.Request(
      service: method.service, method: method.name, payload: request.serialized(),
      timeoutNano: timeout.map { Int64(clamping: $0.wholeNanoseconds) } ?? 0)
    return (envelope, timeout.map { .now() + $0 })
  }
}
