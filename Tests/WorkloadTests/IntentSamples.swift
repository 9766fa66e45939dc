import JSON
import PluginSDK

/// Calls as the host makes them: for node default/cache on the target local.
enum Sample {
  static func context(step: Int = 1, _ intents: Intent...) -> TaskContext {
    TaskContext(
      step: step,
      resource: ResourceReference(
        kind: "StatefulNode", namespace: "default", name: "cache", uid: "u"),
      target: "local", intents: intents)
  }

  static func key(_ kind: String, _ key: String = "default/cache") -> IntentKey {
    IntentKey(kind, key, target: "local")
  }

  static let claim = key("PersistentVolumeClaim")
  static let set = key("StatefulSet")
  static let service = key("Service")

  static func eviction(_ pod: String) -> IntentKey { key("PodEviction", "default/\(pod)") }

  static func committed(
    _ key: IntentKey, spec: JSONValue = [:], generation: UInt64 = 1, _ observed: JSONValue
  ) -> Intent {
    Intent(
      key, spec: spec, generation: generation, state: .committed, observed: observed,
      verifiedUnixMS: 1)
  }

  /// A StatefulSet of revision "new" with pods of these revisions.
  static func statefulSet(
    _ revisions: String..., replicas: Int64 = 1, generation: UInt64 = 1, observed: Int64 = 1
  ) -> Intent {
    let pods = revisions.enumerated().map { ordinal, revision -> JSONValue in
      [
        "name": .string("cache-\(ordinal)"), "uid": .string("\(revision)-\(ordinal)"),
        "revision": .string(revision), "ip": .string("127.77.0.\(ordinal + 1)"), "ready": false,
      ]
    }
    return committed(
      set,
      spec: [
        "replicas": .integer(replicas),
        "template": [
          "containers": [["name": "server", "image": "redis:7.0"]],
          "initContainers": [["name": "sidecar", "image": "sidecar:1.0"]],
        ],
      ], generation: generation,
      [
        "observedGeneration": .integer(observed), "updateRevision": "new",
        "updatedReplicas": .integer(Int64(revisions.count { $0 == "new" })),
        "pods": .array(pods),
      ])
  }
}

extension TaskOutcome {
  var asWait: Wait? { if case .wait(let wait) = self { wait } else { nil } }
  var outputs: Outputs? { if case .complete(let outputs) = self { outputs } else { nil } }
}
