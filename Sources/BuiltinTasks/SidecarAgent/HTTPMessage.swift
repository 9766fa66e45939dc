import JSON

/// A request as far as the agent's API looks at it.
struct HTTPRequest: Sendable {
  var method: String
  var path: String
  /// The `wait_ms` of the query, as written.
  var waitMS: String?
  var contentType: String?
  var body: [UInt8]
}

/// An answer; its body is always JSON.
struct HTTPResponse: Sendable, Equatable {
  var status: UInt32
  var json: JSONValue
  var headers: [String: String] = [:]
}
