import JSON

/// Where a pod's port is.
struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  var address: String
  var port: Int

  var description: String { "\(address):\(port)" }

  init(address: String, port: Int) {
    self.address = address
    self.port = port
  }

  init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let port = Int(parts[1]), (1...65535).contains(port) else { return nil }
    self.init(address: String(parts[0]), port: port)
  }
}

/// What the driver tells a service's proxy, in a file that it replaces.
struct ProxyState: Equatable, Sendable {
  var address: String
  var port: Int
  /// Ready pods; while there are none, connections are refused.
  var endpoints: [Endpoint]

  var document: JSONValue {
    [
      "address": .string(address), "port": .integer(Int64(port)),
      "endpoints": .array(endpoints.map { .string($0.description) }),
    ]
  }

  init(address: String, port: Int, endpoints: [Endpoint]) {
    self.address = address
    self.port = port
    self.endpoints = endpoints
  }

  init?(_ document: JSONValue) {
    guard let address = document["address"]?.string,
      let port = document["port"]?.integer.flatMap({ Int(exactly: $0) }),
      let texts = document["endpoints"]?.array?.map(\.string)
    else { return nil }
    let endpoints = texts.compactMap { $0.flatMap { Endpoint($0) } }
    guard endpoints.count == texts.count, (1...65535).contains(port) else { return nil }
    self.init(address: address, port: port, endpoints: endpoints)
  }
}

/// What a proxy says of itself, in a file beside the state.
struct ProxyStatus: Equatable, Sendable {
  /// Whose words these are: the file of a proxy that died may still lie there.
  var pid: Int64
  /// The state that it has taken up.
  var state: ProxyState
  var isListening: Bool
  /// Why it doesn't listen though it should; empty otherwise.
  var problem: String

  var document: JSONValue {
    [
      "pid": .integer(pid), "state": state.document, "listening": .bool(isListening),
      "problem": .string(problem),
    ]
  }

  init(pid: Int64, state: ProxyState, isListening: Bool, problem: String) {
    self.pid = pid
    self.state = state
    self.isListening = isListening
    self.problem = problem
  }

  init?(_ document: JSONValue) {
    guard let pid = document["pid"]?.integer,
      let state = document["state"].flatMap({ ProxyState($0) }),
      let isListening = document["listening"]?.bool, let problem = document["problem"]?.string
    else { return nil }
    self.init(pid: pid, state: state, isListening: isListening, problem: problem)
  }
}
