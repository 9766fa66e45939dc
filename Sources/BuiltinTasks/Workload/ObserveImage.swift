import JSON
import PluginSDK

/// Says which images and which revision all pods are of; readiness is not its concern.
struct ObserveImage: IntentTask {
  static let name = "observe-image"
  static let version = "1.0.0"
  static let intentKinds = [WorkloadKind.statefulSet]

  struct Params: Codable, Sendable, Equatable {
    /// The name of the StatefulSet.
    var name: String
  }

  struct Outputs: Codable, Sendable, Equatable {
    var image: String
    var sidecarImage: String
    var revision: String
  }

  static let paramsSchema: JSONValue = [
    "type": "object", "required": ["name"], "properties": ["name": .objectName],
  ]

  static let outputsSchema: JSONValue = [
    "type": "object", "required": ["image", "sidecarImage", "revision"],
    "properties": [
      "image": ["type": "string"], "sidecarImage": ["type": "string"],
      "revision": ["type": "string"],
    ],
  ]

  /// The images are those of the declared template: that all pods are of its revision, verified
  /// for the intent's own generation, is what makes them the observed ones.
  func execute(
    _ params: Params, _ context: TaskContext
  ) async throws -> TaskOutcome<Outputs> {
    let key = context.key(WorkloadKind.statefulSet, params.name)
    guard let set = DeclaredStatefulSet(key, in: context) else {
      return .wait(Wait(until: DeclaredStatefulSet.gate(key, in: context)))
    }
    guard context.step > 1, set.isUpdated else {
      return .wait(Wait(until: set.updatedGate))
    }
    let template = set.intent.spec["template"]
    guard let revision = set.status.updateRevision,
      let image = template?["containers"]?.array?.first?["image"]?.string,
      let sidecarImage = template?["initContainers"]?.array?.first?["image"]?.string
    else { throw TaskFailure.incomplete(set.intent, "updateRevision, or its spec no images") }
    return .complete(Outputs(image: image, sidecarImage: sidecarImage, revision: revision))
  }
}
