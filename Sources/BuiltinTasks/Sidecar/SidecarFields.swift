import JSON

/// Params of a task that needs nothing but the agent's address.
struct AgentParams: SidecarParams, Codable, Sendable, Equatable {
  var url: String

  static let schema: JSONValue = [
    "type": "object", "required": ["url"], "properties": ["url": .agentURL],
  ]
}

/// Whether the agent says that it is ready, after it was marked.
struct ReadinessOutputs: Codable, Sendable, Equatable {
  var ready: Bool

  static let schema: JSONValue = [
    "type": "object", "required": ["ready"], "properties": ["ready": ["type": "boolean"]],
  ]
}

extension ReadinessOutputs {
  init?(_ json: JSONValue) {
    guard let ready = json["ready"]?.bool else { return nil }
    self.ready = ready
  }
}

extension JSONValue {
  static var agentURL: JSONValue {
    ["type": "string", "pattern": "^http://[A-Za-z0-9.-]+:[0-9]+$"]
  }
}
