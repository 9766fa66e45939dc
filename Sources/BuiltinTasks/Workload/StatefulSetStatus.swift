import JSON
import PluginSDK

/// What a driver observes of a StatefulSet, as far as these tasks look.
struct StatefulSetStatus: Equatable {
  struct Pod: Equatable {
    var name: String
    var uid: String
    /// The template that it was made from.
    var revision: String
    var ip: String?
  }

  /// The intent's generation that was observed; nil where the driver doesn't tell.
  var observedGeneration: UInt64?
  var updateRevision: String?
  var updatedReplicas: Int64
  /// Those that have a name and a uid, in the driver's order.
  var pods: [Pod]

  init(_ intent: Intent) {
    let observed = intent.observed ?? .null
    observedGeneration = observed["observedGeneration"]?.integer.flatMap { UInt64(exactly: $0) }
    updateRevision = observed["updateRevision"]?.string
    updatedReplicas = observed["updatedReplicas"]?.integer ?? 0
    pods = (observed["pods"]?.array ?? []).compactMap { pod in
      guard let name = pod["name"]?.string, let uid = pod["uid"]?.string else { return nil }
      return Pod(
        name: name, uid: uid, revision: pod["revision"]?.string ?? "", ip: pod["ip"]?.string)
    }
  }

  /// Pods of another revision than the declared one, whether ready or not.
  var outdated: [Pod] { pods.filter { $0.revision != updateRevision } }
}
