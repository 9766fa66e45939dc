public import PluginProto

/// Which handler answers which method.
///
/// A handler runs as a task on the connection's loop, so it must not block. It throws `RPCError`
/// to answer with that error; any other error is reported on the server's side and answered with
/// INTERNAL, telling the caller nothing of it. Its task is cancelled when the deadline passes or
/// the connection closes.
public struct Router: Sendable {
  /// Takes a request's payload, gives the response's.
  typealias Unary = @Sendable ([UInt8], ServerContext) async throws -> [UInt8]
  typealias Streaming = @Sendable ([UInt8], ServerContext, ServerStream) async throws -> Void

  enum Handler: Sendable {
    case unary(Unary)
    case streaming(Streaming)
  }

  private var services: [String: [String: Handler]] = [:]

  /// Answers nothing yet: every call is UNIMPLEMENTED.
  public init() {}

  /// Answers a unary method. A method has one handler.
  public mutating func handle<Request, Reply>(
    _ method: Method<Request, Reply>,
    _ body: @escaping @Sendable (Request, ServerContext) async throws -> Reply
  ) {
    add(method) {
      .unary { payload, context in
        try await body(try Self.decode(payload), context).serialized()
      }
    }
  }

  /// Answers a method with a stream, which ends when `body` returns.
  public mutating func stream<Request, Reply>(
    _ method: Method<Request, Reply>,
    _ body: @escaping @Sendable (Request, ServerContext, ResponseWriter<Reply>) async throws -> Void
  ) {
    add(method) {
      .streaming { payload, context, stream in
        try await body(try Self.decode(payload), context, ResponseWriter(stream))
      }
    }
  }

  func handler(_ service: String, _ method: String) -> Handler? { services[service]?[method] }

  private mutating func add<Request, Reply>(
    _ method: Method<Request, Reply>, _ handler: () -> Handler
  ) {
    let previous = services[method.service, default: [:]].updateValue(
      handler(), forKey: method.name)
    precondition(previous == nil, "\(method.service)/\(method.name) has two handlers")
  }

  private static func decode<Request: ProtoMessage>(
    _ payload: [UInt8]
  ) throws(RPCError) -> Request {
    do throws(ProtoDecodingError) {
      return try Request(serialized: payload)
    } catch {
      throw .malformedRequest(error.description)
    }
  }
}
