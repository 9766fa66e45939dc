import JSON
import PluginSDK

/// Replaces each pod that is not of the declared revision, whether it is ready or not.
///
/// It sets one eviction for each, by the pod's uid: an eviction that is carried out twice, or
/// late, never hits the successor.
struct ReplacePod: IntentTask {
  static let name = "replace-pod"
  static let version = "1.0.0"
  static let intentKinds = [WorkloadKind.statefulSet, WorkloadKind.podEviction]

  struct Params: Codable, Sendable, Equatable {
    /// The name of the StatefulSet.
    var name: String
  }

  struct Outputs: Codable, Sendable, Equatable {
    /// How many pods were replaced; 0 where all were of the revision already.
    var replaced: Int
  }

  static let paramsSchema: JSONValue = [
    "type": "object", "required": ["name"], "properties": ["name": .objectName],
  ]

  static let outputsSchema: JSONValue = [
    "type": "object", "required": ["replaced"],
    "properties": ["replaced": ["type": "integer", "minimum": 0]],
  ]

  func execute(
    _ params: Params, _ context: TaskContext
  ) async throws -> TaskOutcome<Outputs> {
    let key = context.key(WorkloadKind.statefulSet, params.name)
    guard let set = DeclaredStatefulSet(key, in: context) else {
      // Nobody knows yet which pods there are: the next step does.
      return .wait(Wait(until: DeclaredStatefulSet.gate(key, in: context)))
    }
    let evictions = context.intents.filter { $0.key.kind == WorkloadKind.podEviction }
    let outdated = set.status.outdated
    if outdated.isEmpty, set.isUpdated {
      return .complete(Outputs(replaced: context.step == 1 ? 0 : evictions.count))
    }
    let writes = outdated.map { pod in
      IntentWrite(
        context.key(WorkloadKind.podEviction, pod.name), spec: ["podUID": .string(pod.uid)])
    }
    // On the first step evictions of earlier updates go, so that those there are count this one's.
    let stale =
      context.step > 1
      ? []
      : evictions.map(\.key).filter { old in
        !writes.contains { $0.key == old }
      }
    let gate = Gate(
      writes.map { Gate.Clause($0.key, .committed) } + set.updatedGate.clauses)
    return .wait(Wait(set: writes, remove: stale, until: gate))
  }
}
