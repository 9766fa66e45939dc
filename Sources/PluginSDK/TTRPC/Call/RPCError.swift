/// The codes of google.rpc: what kind of error a call ended with.
public enum RPCCode: Int32, Sendable, CaseIterable {
  case ok = 0
  case cancelled = 1
  case unknown = 2
  case invalidArgument = 3
  case deadlineExceeded = 4
  case notFound = 5
  case alreadyExists = 6
  case permissionDenied = 7
  case resourceExhausted = 8
  case failedPrecondition = 9
  case aborted = 10
  case outOfRange = 11
  case unimplemented = 12
  case `internal` = 13
  case unavailable = 14
  case dataLoss = 15
  case unauthenticated = 16

  /// The name in upper case, as documents and people write it.
  public var name: String {
    switch self {
    case .ok: "OK"
    case .cancelled: "CANCELLED"
    case .unknown: "UNKNOWN"
    case .invalidArgument: "INVALID_ARGUMENT"
    case .deadlineExceeded: "DEADLINE_EXCEEDED"
    case .notFound: "NOT_FOUND"
    case .alreadyExists: "ALREADY_EXISTS"
    case .permissionDenied: "PERMISSION_DENIED"
    case .resourceExhausted: "RESOURCE_EXHAUSTED"
    case .failedPrecondition: "FAILED_PRECONDITION"
    case .aborted: "ABORTED"
    case .outOfRange: "OUT_OF_RANGE"
    case .unimplemented: "UNIMPLEMENTED"
    case .internal: "INTERNAL"
    case .unavailable: "UNAVAILABLE"
    case .dataLoss: "DATA_LOSS"
    case .unauthenticated: "UNAUTHENTICATED"
    }
  }
}

/// How a call failed: thrown by a client's calls, and by handlers to answer with an error.
public struct RPCError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Whether the peer may know of the request: what a caller that must not repeat work asks.
  public enum Delivery: Sendable, Equatable {
    /// No byte of the request left this process.
    case notSent
    /// The peer may have received it, or has answered it.
    case mayHaveBeenReceived
  }

  /// What kind of error: what a caller's retries depend on.
  public var code: RPCCode
  /// Stable and CamelCase: what programs branch on. Travels as google.rpc.ErrorInfo; empty where
  /// the peer sent none.
  public var reason: String
  /// For people: what, where, what to do.
  public var message: String
  /// Always `mayHaveBeenReceived` in an error that a handler throws.
  public var delivery: Delivery

  /// An error to throw; `code` is never `ok`.
  public init(
    _ code: RPCCode, reason: String, message: String, delivery: Delivery = .mayHaveBeenReceived
  ) {
    precondition(code != .ok, "an error is never OK")
    self.code = code
    self.reason = reason
    self.message = message
    self.delivery = delivery
  }

  /// "UNAVAILABLE (ConnectionLost): the peer closed the connection".
  public var description: String {
    reason.isEmpty ? "\(code.name): \(message)" : "\(code.name) (\(reason)): \(message)"
  }

  func with(_ delivery: Delivery) -> RPCError {
    var error = self
    error.delivery = delivery
    return error
  }
}
