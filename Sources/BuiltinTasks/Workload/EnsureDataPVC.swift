import JSON
import PluginSDK

/// Makes sure that the resource has its data volume: a new one, or one that is imported.
///
/// A volume that belongs to another resource is a terminal error: no retry gives it away.
struct EnsureDataPVC: IntentTask {
  static let name = "ensure-data-pvc"
  static let version = "1.0.0"
  static let intentKinds = [WorkloadKind.volumeClaim]

  struct Params: Codable, Sendable, Equatable {
    var name: String
    /// A quantity: "64Mi".
    var storage: String
    /// An absolute path that exists already; it is validated and never deleted.
    var `import`: String?
  }

  struct Outputs: Codable, Sendable, Equatable {
    var claim: String
    var path: String
    var capacityBytes: Int64
    var imported: Bool
  }

  static let paramsSchema: JSONValue = [
    "type": "object", "required": ["name", "storage"],
    "properties": [
      "name": .objectName,
      "storage": .text,
      "import": ["type": "string", "pattern": "^/"],
    ],
  ]

  static let outputsSchema: JSONValue = [
    "type": "object", "required": ["claim", "path", "capacityBytes", "imported"],
    "properties": [
      "claim": ["type": "string"], "path": ["type": "string"],
      "capacityBytes": ["type": "integer"], "imported": ["type": "boolean"],
    ],
  ]

  func execute(
    _ params: Params, _ context: TaskContext
  ) async throws -> TaskOutcome<Outputs> {
    let key = context.key(WorkloadKind.volumeClaim, params.name)
    try refuseForeign(key, context)
    guard let intent = context.committed(key) else {
      var spec = JSONObject([("storage", .string(params.storage))])
      spec["import"] = params.import.map { .string($0) }
      return .wait(Wait(set: [IntentWrite(key, spec: .object(spec))], until: .committed(key)))
    }
    guard let path = intent.observed?["path"]?.string else {
      throw TaskFailure.incomplete(intent, "path")
    }
    return .complete(
      Outputs(
        claim: key.key, path: path,
        capacityBytes: intent.observed?["capacityBytes"]?.integer ?? 0,
        imported: intent.observed?["imported"]?.bool ?? (params.import != nil)))
  }

  private func refuseForeign(_ key: IntentKey, _ context: TaskContext) throws(TaskFailure) {
    guard context.step > 1, let intent = context.intent(key.kind, key.key),
      intent.state == .commitFailed, intent.error.contains("OwnedByAnother")
    else { return }
    throw .terminal(
      "OwnedByAnother",
      "the volume of \(key) belongs to another resource: \(intent.error); choose another name")
  }
}
