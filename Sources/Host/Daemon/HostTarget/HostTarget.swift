internal import JSON
internal import Model

/// The target that is the host itself: an intent on it is a resource, its kind the resource's, its key
/// NAMESPACE/NAME, its spec `{"spec": …, "labels": …}`.
enum HostTarget {
  static let name = "host"

  /// On a resource that an intent made: the intent's uid. Others are left alone.
  static let intentAnnotation = "mortise.dev/intent"

  static func intent(of resource: ObjectKey) -> IntentKey {
    IntentKey(
      target: name, kind: resource.kind, key: "\(resource.namespace)/\(resource.name)")
  }

  /// Nil where the key is not NAMESPACE/NAME.
  static func resource(of intent: IntentKey) -> ObjectKey? {
    let parts = intent.key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    return ObjectKey(kind: intent.kind, namespace: parts[0], name: parts[1])
  }
}

extension Resource {
  /// Whether that intent made it.
  func isOf(_ intent: Intent) -> Bool {
    metadata.annotations.contains { $0 == (HostTarget.intentAnnotation, intent.uid) }
  }

  /// What gates see: how far it is, its conditions by type, and its status.
  var observedByIntents: JSONValue {
    let isSteady =
      status.plan == nil && status.retry == nil && metadata.deletionTimestamp == nil
      && status.observedGeneration >= metadata.generation
    var conditions = JSONObject()
    for condition in status.conditions {
      conditions[condition.type] = [
        "status": .string(condition.status.rawValue), "reason": .string(condition.reason),
        "message": .string(condition.message),
      ]
    }
    return [
      "uid": .string(metadata.uid), "generation": .integer(metadata.generation),
      "steady": .bool(isSteady), "conditions": .object(conditions),
      "status": status.document,
    ]
  }
}
