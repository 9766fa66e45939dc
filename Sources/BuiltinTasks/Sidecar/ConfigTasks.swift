import JSON
import PluginSDK

/// Writes the server's configuration file beside it.
struct ConfigApply: SidecarTask {
  static let name = "config-apply"

  struct Params: SidecarParams, Codable, Sendable, Equatable {
    var url: String
    /// Names to strings, numbers and booleans.
    var config: JSONValue
  }

  struct Outputs: Codable, Sendable, Equatable {
    /// Of the file's content.
    var hash: String
    var bytes: Int
    /// Whether the file was another one before.
    var changed: Bool
    var config: JSONValue
  }

  static let paramsSchema: JSONValue = [
    "type": "object", "required": ["url", "config"],
    "properties": [
      "url": .agentURL, "config": ["type": "object", "additionalProperties": true],
    ],
  ]

  static let outputsSchema: JSONValue = [
    "type": "object", "required": ["hash", "bytes", "changed", "config"],
    "properties": [
      "hash": ["type": "string"], "bytes": ["type": "integer"], "changed": ["type": "boolean"],
      "config": ["type": "object", "additionalProperties": true],
    ],
  ]

  let http: HTTPClient

  func agentParams(_ params: Params) -> JSONObject { JSONObject([("config", params.config)]) }

  func outputs(_ json: JSONValue) -> Outputs? {
    guard let hash = json["hash"]?.string, let bytes = json["bytes"]?.integer,
      let changed = json["changed"]?.bool, let config = json["config"]
    else { return nil }
    return Outputs(hash: hash, bytes: Int(bytes), changed: changed, config: config)
  }
}

/// Has the server's own program judge the configuration file that is there.
struct ConfigValidate: SidecarTask {
  static let name = "config-validate"

  typealias Params = AgentParams

  struct Outputs: Codable, Sendable, Equatable {
    /// Of the content that was found valid.
    var hash: String
  }

  static let paramsSchema = AgentParams.schema
  static let outputsSchema: JSONValue = [
    "type": "object", "required": ["hash"], "properties": ["hash": ["type": "string"]],
  ]

  let http: HTTPClient

  func agentParams(_ params: Params) -> JSONObject { JSONObject() }

  func outputs(_ json: JSONValue) -> Outputs? { json["hash"]?.string.map { Outputs(hash: $0) } }
}
