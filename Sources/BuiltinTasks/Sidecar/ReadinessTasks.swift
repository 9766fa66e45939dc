import JSON
import PluginSDK

/// Lets the server start and traffic in.
struct MarkReady: SidecarTask {
  static let name = "mark-ready"

  typealias Params = AgentParams
  typealias Outputs = ReadinessOutputs

  static let paramsSchema = AgentParams.schema
  static let outputsSchema = ReadinessOutputs.schema

  let http: HTTPClient

  func agentParams(_ params: Params) -> JSONObject { JSONObject() }

  func outputs(_ json: JSONValue) -> Outputs? { ReadinessOutputs(json) }
}

/// Keeps traffic out; the server goes on running.
struct MarkNotReady: SidecarTask {
  static let name = "mark-not-ready"

  typealias Params = AgentParams
  typealias Outputs = ReadinessOutputs

  static let paramsSchema = AgentParams.schema
  static let outputsSchema = ReadinessOutputs.schema

  let http: HTTPClient

  func agentParams(_ params: Params) -> JSONObject { JSONObject() }

  func outputs(_ json: JSONValue) -> Outputs? { ReadinessOutputs(json) }
}
