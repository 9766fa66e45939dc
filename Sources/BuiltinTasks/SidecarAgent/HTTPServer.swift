import CMicroHTTPD
import JSON
import LinuxSystem

/// An HTTP/1.1 server for the life of the process; the only importer of libmicrohttpd.
///
/// Each connection has a thread of its own, so that a handler may block in a long poll: a pod's
/// agent has a handful of clients, and the limits below bound what a flood can cost.
/// - Isolation: the handler runs on many threads at once.
struct HTTPServer {
  typealias Handler = @Sendable (HTTPRequest) -> HTTPResponse

  /// More connections are closed at once.
  static let connectionLimit: UInt32 = 64
  /// Request line and headers.
  static let headerBytesLimit = 16 << 10
  static let bodyBytesLimit = 256 << 10
  /// Of a body that is too large this much is read, so that its sender sees the refusal.
  static let discardBytesLimit = 4 << 20
  static let idleTimeoutSeconds: UInt32 = 60
  static let stackBytes = 512 << 10

  /// Serves in threads of the library until the process ends.
  ///
  /// - Throws: `AgentError.httpServer` where the library can't start its thread.
  static func start(
    listener: Descriptor, address: String, handler: @escaping Handler
  ) throws(AgentError) {
    let context = Unmanaged.passRetained(HandlerBox(handler))
    let flags =
      MHD_USE_INTERNAL_POLLING_THREAD.rawValue | MHD_USE_THREAD_PER_CONNECTION.rawValue
      | MHD_USE_POLL.rawValue
    let daemon = mortise_http_start(
      flags, listener.number, handleRequest, releaseRequest, context.toOpaque(), connectionLimit,
      headerBytesLimit, idleTimeoutSeconds, stackBytes)
    guard daemon != nil else {
      context.release()
      throw .httpServer(address: address)
    }
    // The library owns the socket from here on.
    _ = listener.take()
  }
}

/// The handler, where C keeps it.
private final class HandlerBox: Sendable {
  let handler: HTTPServer.Handler
  init(_ handler: @escaping HTTPServer.Handler) { self.handler = handler }
}

/// The body of one request while it arrives. Touched by its connection's thread alone.
private final class BodyBox {
  var bytes: [UInt8] = []
  var discarded = 0

  /// False where the sender goes on past all bounds.
  func append(_ data: UnsafeRawBufferPointer) -> Bool {
    if discarded == 0, bytes.count + data.count <= HTTPServer.bodyBytesLimit {
      bytes += data
    } else {
      discarded += data.count
    }
    return discarded <= HTTPServer.discardBytesLimit
  }
}

/// libmicrohttpd calls this when the headers are there, for each piece of the body, and once more.
private func handleRequest(
  context: UnsafeMutableRawPointer?, connection: OpaquePointer?, url: UnsafePointer<CChar>?,
  method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?, data: UnsafePointer<CChar>?,
  dataSize: UnsafeMutablePointer<Int>?, request: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let context, let connection, let url, let method, let dataSize, let request else {
    return .NO
  }
  guard let present = request.pointee else {
    request.pointee = Unmanaged.passRetained(BodyBox()).toOpaque()
    return .YES
  }
  let body = Unmanaged<BodyBox>.fromOpaque(present).takeUnretainedValue()
  if dataSize.pointee > 0 {
    let isWithinBounds = body.append(UnsafeRawBufferPointer(start: data, count: dataSize.pointee))
    dataSize.pointee = 0
    return isWithinBounds ? .YES : .NO
  }
  guard body.discarded == 0 else {
    let limit = HTTPServer.bodyBytesLimit
    let error = APIError(
      status: 413, reason: "BodyTooLarge", message: "the body has more than \(limit) bytes")
    return send(error.response, on: connection)
  }
  let handler = Unmanaged<HandlerBox>.fromOpaque(context).takeUnretainedValue().handler
  let response = handler(
    HTTPRequest(
      method: String(cString: method), path: String(cString: url),
      waitMS: value(connection, .GET_ARGUMENT_KIND, "wait_ms"),
      contentType: value(connection, .HEADER_KIND, "Content-Type"), body: body.bytes))
  return send(response, on: connection)
}

private func releaseRequest(
  context: UnsafeMutableRawPointer?, connection: OpaquePointer?,
  request: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, why: MHD_RequestTerminationCode
) {
  guard let request, let present = request.pointee else { return }
  Unmanaged<BodyBox>.fromOpaque(present).release()
  request.pointee = nil
}

private func value(_ connection: OpaquePointer, _ kind: MHD_ValueKind, _ name: String) -> String? {
  MHD_lookup_connection_value(connection, kind, name).map { String(cString: $0) }
}

private func send(_ response: HTTPResponse, on connection: OpaquePointer) -> MHD_Result {
  var body = response.json.serialized() + [UInt8(ascii: "\n")]
  guard
    let answer = MHD_create_response_from_buffer(body.count, &body, .RESPMEM_MUST_COPY)
  else { return .NO }
  defer { MHD_destroy_response(answer) }
  MHD_add_response_header(answer, "Content-Type", "application/json")
  for (name, value) in response.headers { MHD_add_response_header(answer, name, value) }
  return MHD_queue_response(connection, response.status, answer)
}
