import JSON
import PluginSDK

/// Declares the server and its sidecar, and learns where the sidecar will listen.
///
/// It waits until the driver took the declaration, not until anything runs: a server that can't
/// start must not keep the plan from correcting it. Pods that run are left alone (OnDelete).
struct ApplyStatefulSet: IntentTask {
  static let name = "apply-statefulset"
  static let version = "1.0.0"
  static let intentKinds = [WorkloadKind.statefulSet]

  struct Params: Codable, Sendable, Equatable {
    struct Variable: Codable, Sendable, Equatable {
      var name: String
      var value: String
    }

    struct Sidecar: Codable, Sendable, Equatable {
      var image: String
      var port: Int
      /// The file that config-apply writes and the server loads; nil where there is none.
      var configFile: String?
      var configFormat: String?
      /// Shell text that succeeds where the server accepts the file.
      var validateCommand: String?
    }

    var name: String
    /// The name of the volume claim that holds the data.
    var claim: String
    var replicas: Int?
    var image: String
    var command: [String]?
    var args: [String]?
    var env: [Variable]?
    /// Where the server accepts connections once it is ready.
    var port: Int
    var sidecar: Sidecar
    /// Part of the pod's template, so that another configuration is another revision.
    var config: JSONValue?
  }

  struct Outputs: Codable, Sendable, Equatable {
    var sidecarURL: String
    var updateRevision: String
    var podIP: String
  }

  static let paramsSchema: JSONValue = [
    "type": "object", "required": ["name", "claim", "image", "port", "sidecar"],
    "properties": [
      "name": .objectName, "claim": .objectName,
      "replicas": ["type": "integer", "minimum": 0],
      "image": .text, "command": .stringList, "args": .stringList,
      "env": [
        "type": "array",
        "items": [
          "type": "object", "required": ["name", "value"],
          "properties": ["name": .text, "value": ["type": "string"]],
        ],
      ],
      "port": .portNumber,
      "sidecar": [
        "type": "object", "required": ["image", "port"],
        "properties": [
          "image": .text, "port": .portNumber, "configFile": .text,
          "configFormat": ["type": "string", "enum": ["space", "equals", "json"]],
          "validateCommand": .text,
        ],
      ],
      "config": ["type": "object", "additionalProperties": true],
    ],
  ]

  static let outputsSchema: JSONValue = [
    "type": "object", "required": ["sidecarURL", "updateRevision", "podIP"],
    "properties": [
      "sidecarURL": ["type": "string"], "updateRevision": ["type": "string"],
      "podIP": ["type": "string"],
    ],
  ]

  func execute(
    _ params: Params, _ context: TaskContext
  ) async throws -> TaskOutcome<Outputs> {
    let key = context.key(WorkloadKind.statefulSet, params.name)
    guard let intent = context.committed(key) else {
      let claim = context.key(WorkloadKind.volumeClaim, params.claim)
      let write = IntentWrite(
        key, spec: StatefulSetTemplate(params, claim: claim.key).spec, references: [claim])
      return .wait(Wait(set: [write], until: .committed(key)))
    }
    let status = StatefulSetStatus(intent)
    guard let revision = status.updateRevision else {
      throw TaskFailure.incomplete(intent, "updateRevision")
    }
    // Tasks that follow talk to the sidecar of the first pod; it keeps its address when replaced.
    guard let address = status.pods.first?.ip else {
      throw TaskFailure.incomplete(intent, "address of a first pod")
    }
    return .complete(
      Outputs(
        sidecarURL: "http://\(address):\(params.sidecar.port)", updateRevision: revision,
        podIP: address))
  }
}
