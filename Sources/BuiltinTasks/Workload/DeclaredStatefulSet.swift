import JSON
import PluginSDK

/// A StatefulSet whose driver took the present declaration, with what it observes of it.
struct DeclaredStatefulSet {
  let intent: Intent
  let status: StatefulSetStatus
  let replicas: Int64

  /// Nil where the host holds no such intent, or its driver has not confirmed the present spec.
  init?(_ key: IntentKey, in context: TaskContext) {
    guard let intent = context.intent(key.kind, key.key), intent.state == .committed,
      intent.observed != nil
    else { return nil }
    let status = StatefulSetStatus(intent)
    guard (status.observedGeneration ?? .max) >= intent.generation else { return nil }
    self.intent = intent
    self.status = status
    replicas = intent.spec["replicas"]?.integer ?? 1
  }

  /// Holds once there is a declared StatefulSet.
  static func gate(_ key: IntentKey, in context: TaskContext) -> Gate {
    guard let intent = context.intent(key.kind, key.key),
      StatefulSetStatus(intent).observedGeneration != nil
    else { return .committed(key) }
    let generation = JSONValue.integer(Int64(clamping: intent.generation))
    return .all(.committed(key), .atLeast(key, "observedGeneration", generation))
  }

  /// All pods are of the declared revision; they need not be ready.
  var isUpdated: Bool { status.updatedReplicas >= replicas }

  /// Holds once `isUpdated` does.
  var updatedGate: Gate {
    .all(
      .committed(intent.key), .atLeast(intent.key, "updatedReplicas", .integer(replicas)))
  }
}
