import JSON
import PluginSDK

/// Gives the server a stable address that refuses connections until a pod is ready.
struct ApplyService: IntentTask {
  static let name = "apply-service"
  static let version = "1.0.0"
  static let intentKinds = [WorkloadKind.service]

  struct Params: Codable, Sendable, Equatable {
    var name: String
    /// The name of the StatefulSet whose pods serve.
    var statefulSet: String
    /// The port of the address; the server's own where absent.
    var port: Int?
    /// The server's port.
    var targetPort: Int
  }

  struct Outputs: Codable, Sendable, Equatable {
    var address: String
    var port: Int
  }

  static let paramsSchema: JSONValue = [
    "type": "object", "required": ["name", "statefulSet", "targetPort"],
    "properties": [
      "name": .objectName, "statefulSet": .objectName, "port": .portNumber,
      "targetPort": .portNumber,
    ],
  ]

  static let outputsSchema: JSONValue = [
    "type": "object", "required": ["address", "port"],
    "properties": ["address": ["type": "string"], "port": .portNumber],
  ]

  func execute(
    _ params: Params, _ context: TaskContext
  ) async throws -> TaskOutcome<Outputs> {
    let key = context.key(WorkloadKind.service, params.name)
    let port = params.port ?? params.targetPort
    guard let intent = context.committed(key) else {
      let pods = context.key(WorkloadKind.statefulSet, params.statefulSet)
      let spec: JSONValue = [
        "selector": .string(pods.key), "port": .integer(Int64(port)),
        "targetPort": .integer(Int64(params.targetPort)),
      ]
      let write = IntentWrite(key, spec: spec, references: [pods])
      return .wait(Wait(set: [write], until: .committed(key)))
    }
    guard let address = intent.observed?["address"]?.string else {
      throw TaskFailure.incomplete(intent, "address")
    }
    let observedPort = intent.observed?["port"]?.integer.map { Int($0) }
    return .complete(Outputs(address: address, port: observedPort ?? port))
  }
}
