import JSON

/// A refusal that a client can act on: HTTP status, stable reason, what to do.
struct APIError: Error, Sendable, Equatable {
  var status: UInt32
  /// CamelCase, stable: clients decide by it.
  var reason: String
  var message: String
  var headers: [String: String] = [:]

  static func badRequest(_ reason: String, _ message: String) -> APIError {
    APIError(status: 400, reason: reason, message: message)
  }

  /// Nothing was done: the same request may come again.
  static func unavailable(_ reason: String, _ message: String) -> APIError {
    APIError(status: 503, reason: reason, message: message, headers: ["Retry-After": "1"])
  }

  var response: HTTPResponse {
    HTTPResponse(
      status: status,
      json: ["error": ["reason": .string(reason), "message": .string(message)]], headers: headers)
  }
}
