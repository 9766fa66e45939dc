/// The errors that this module itself gives, each with its one code and reason.
///
/// - SeeAlso: proto/PROTOCOL.md, "Errors of the protocol itself".
extension RPCError {
  static func connectionLost(_ why: String) -> RPCError {
    RPCError(.unavailable, reason: "ConnectionLost", message: why)
  }

  static let callCancelled = RPCError(
    .cancelled, reason: "CallCancelled", message: "the caller stopped waiting")

  static let deadlineExceeded = RPCError(
    .deadlineExceeded, reason: "DeadlineExceeded", message: "no answer within the call's timeout")

  static func requestTooLarge(_ limit: Int) -> RPCError {
    RPCError(
      .resourceExhausted, reason: "RequestTooLarge",
      message: "the request is longer than a frame may be (\(limit) bytes)", delivery: .notSent)
  }

  static func replyTooLarge(_ limit: Int) -> RPCError {
    RPCError(
      .resourceExhausted, reason: "ReplyTooLarge",
      message: "the reply is longer than a frame may be (\(limit) bytes)")
  }

  static func frameTooLarge(_ length: Int, _ limit: Int) -> RPCError {
    RPCError(
      .resourceExhausted, reason: "FrameTooLarge",
      message: "a frame of \(length) bytes exceeds the maximum of \(limit)")
  }

  static func tooManyCalls(_ limit: Int) -> RPCError {
    RPCError(
      .resourceExhausted, reason: "TooManyCalls",
      message: "\(limit) calls are in flight on this connection; try again when some have ended",
      delivery: .notSent)
  }

  static func outboundQueueFull(_ limit: Int) -> RPCError {
    RPCError(
      .resourceExhausted, reason: "OutboundQueueFull",
      message: "more than \(limit) bytes wait to be written to the peer", delivery: .notSent)
  }

  static func streamBufferFull(_ limits: Limits) -> RPCError {
    RPCError(
      .resourceExhausted, reason: "StreamBufferFull",
      message: "the stream's reader fell behind by \(limits.streamBufferMessages) messages or "
        + "\(limits.streamBufferBytes) bytes")
  }

  static let streamIDsExhausted = RPCError(
    .unavailable, reason: "StreamIDsExhausted",
    message: "the connection has no stream numbers left; connect anew", delivery: .notSent)

  static func protocolViolation(_ what: String) -> RPCError {
    RPCError(.internal, reason: "ProtocolViolation", message: what)
  }

  static func malformedReply(_ what: String) -> RPCError {
    RPCError(.internal, reason: "MalformedReply", message: what)
  }

  static func malformedRequest(_ what: String) -> RPCError {
    RPCError(.invalidArgument, reason: "MalformedRequest", message: what)
  }

  static func badStream(_ reason: String, _ message: String) -> RPCError {
    RPCError(.invalidArgument, reason: reason, message: message)
  }

  static let clientStreaming = RPCError(
    .unimplemented, reason: "ClientStreaming",
    message: "no method here takes a stream from its caller")

  static func unknownMethod(_ service: String, _ method: String) -> RPCError {
    RPCError(
      .unimplemented, reason: "UnknownMethod", message: "no method \(service)/\(method) here")
  }

  static func notAStream(_ service: String, _ method: String) -> RPCError {
    RPCError(
      .invalidArgument, reason: "StreamExpected",
      message: "\(service)/\(method) answers with a stream; the request says unary")
  }

  static let shuttingDown = RPCError(
    .unavailable, reason: "ShuttingDown", message: "the server takes no new calls")

  static let handlerFailed = RPCError(
    .internal, reason: "HandlerFailed",
    message: "the method failed unexpectedly; the server's log has the cause")
}
