/// A request to a sidecar's agent.
struct HTTPRequest: Sendable, Equatable {
  var method: String
  var url: String
  /// JSON; empty where the method has no body.
  var body: [UInt8] = []
  /// From the first connection attempt to the last byte of the answer.
  var timeoutMS: Int
}

/// What came back, whatever its status.
struct HTTPResponse: Sendable, Equatable {
  var status: Int
  var body: [UInt8]
}

/// No answer came back.
struct HTTPFailure: Error, Equatable {
  /// A byte of the request was written: the peer may have acted on it.
  var mayHaveBeenReceived: Bool
  var message: String
}
