public import PluginProto

/// Which handler answers which method.
///
/// A handler runs as a task on the connection's loop, so it must not block. It throws `RPCError`
/// to answer with that error; any other error is reported on the server's side and answered with
/// INTERNAL, telling the caller nothing of it. Its task is cancelled when the deadline passes or
/// the connection closes.
public struct Router: Sendable {
  /// Decodes a request where it lies in its frame, and gives the work that answers it.
  typealias Unary =
    @Sendable (UnsafeRawBufferPointer) throws(RPCError) ->
    @Sendable (ServerContext)
    async throws -> any ProtoMessage
  typealias Streaming =
    @Sendable (UnsafeRawBufferPointer) throws(RPCError) ->
    @Sendable (ServerContext, ServerStream)
    async throws -> Void

  enum Handler: Sendable {
    case unary(Unary)
    case streaming(Streaming)
  }

  private(set) var routes = RouteTable()

  /// Answers nothing yet: every call is UNIMPLEMENTED.
  public init() {}

  /// Answers a unary method. A method has one handler.
  public mutating func handle<Request, Reply>(
    _ method: Method<Request, Reply>,
    _ body: @escaping @Sendable (Request, ServerContext) async throws -> Reply
  ) {
    add(
      method,
      .unary { payload throws(RPCError) in
        let request: Request = try Self.decode(payload)
        return { context in try await body(request, context) }
      })
  }

  /// Answers a method with a stream, which ends when `body` returns.
  public mutating func stream<Request, Reply>(
    _ method: Method<Request, Reply>,
    _ body: @escaping @Sendable (Request, ServerContext, ResponseWriter<Reply>) async throws -> Void
  ) {
    add(
      method,
      .streaming { payload throws(RPCError) in
        let request: Request = try Self.decode(payload)
        return { context, stream in try await body(request, context, ResponseWriter(stream)) }
      })
  }

  private mutating func add<Request, Reply>(
    _ method: Method<Request, Reply>, _ handler: Handler
  ) {
    let isNew = routes.insert(
      Route(service: method.service, method: method.name, handler: handler))
    precondition(isNew, "\(method.service)/\(method.name) has two handlers")
  }

  private static func decode<Request: ProtoMessage>(
    _ payload: UnsafeRawBufferPointer
  ) throws(RPCError) -> Request {
    do throws(ProtoDecodingError) {
      return try Request(serialized: payload)
    } catch {
      throw .malformedRequest(error.description)
    }
  }
}
