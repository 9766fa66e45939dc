/// What a proxy does when its state file changes. Pure.
struct ProxyMachine {
  enum Action: Equatable {
    case listen(Endpoint)
    case stopListening
    /// Ends the connections to an endpoint that is gone.
    case drop(Endpoint)
  }

  private(set) var state: ProxyState?
  private var listening: Endpoint?
  private var next = 0

  init() {}

  mutating func take(_ new: ProxyState) -> [Action] {
    var actions: [Action] = []
    let gone = (state?.endpoints ?? []).filter { !new.endpoints.contains($0) }
    let wanted =
      new.endpoints.isEmpty ? nil : Endpoint(address: new.address, port: new.port)
    if listening != wanted {
      if listening != nil { actions.append(.stopListening) }
      if let wanted { actions.append(.listen(wanted)) }
    }
    listening = wanted
    state = new
    return actions + gone.map { .drop($0) }
  }

  /// Listening failed: the next state file, or the next attempt, tries again.
  mutating func listenFailed() { listening = nil }

  /// The endpoint for the next connection, each in its turn.
  mutating func nextEndpoint() -> Endpoint? {
    guard let endpoints = state?.endpoints, !endpoints.isEmpty else { return nil }
    next = (next + 1) % endpoints.count
    return endpoints[next]
  }
}
