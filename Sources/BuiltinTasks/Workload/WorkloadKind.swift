import JSON
import PluginSDK

/// The kinds of intents that these tasks set; which driver converges them is not their concern.
enum WorkloadKind {
  static let volumeClaim = "PersistentVolumeClaim"
  static let statefulSet = "StatefulSet"
  static let service = "Service"
  static let podEviction = "PodEviction"
}

extension TaskContext {
  /// The key of something of that name in the resource's own namespace.
  ///
  /// A task gets no namespace as a parameter, so that a blueprint can't reach into another one.
  func key(_ kind: String, _ name: String) -> IntentKey {
    IntentKey(kind, "\(resource.namespace)/\(name)", target: target)
  }

  /// The intent as the gate of the step before found it: confirmed by its driver and observed.
  ///
  /// Nil on the first step, where whatever is there was verified for somebody else.
  func committed(_ key: IntentKey) -> Intent? {
    guard step > 1, let intent = intent(key.kind, key.key), intent.state == .committed,
      intent.observed != nil
    else { return nil }
    return intent
  }
}

extension TaskFailure {
  /// A driver broke its word: it confirmed the intent, but what it observed lacks a field.
  static func incomplete(_ intent: Intent, _ field: String) -> TaskFailure {
    .transient(
      "ObservedIncomplete",
      "the driver confirmed \(intent.key) but reports no \(field): \(intent.observed ?? .null)")
  }
}
