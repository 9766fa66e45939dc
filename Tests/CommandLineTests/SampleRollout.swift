import JSON
import Model
import Rollout

@testable import MortiseCLI

/// The rollout "shop" as the host's passes leave it.
struct SampleRollout {
  var state: RolloutState? = .running
  var onFailure = FailurePolicy.halt
  var replicas = 3
  /// By state, as the host counts them.
  var children: [ChildState: Int] = [:]
  /// What the condition Degraded says; empty = it is False.
  var trouble = ""
  /// Held by a person, or behind the canaries.
  var isPaused = false
  var isBehindCanaries = false
  /// In the spec, whatever the status says of it.
  var isPauseAsked = false

  var resource: Resource {
    get throws {
      var spec = JSONObject([
        ("replicas", .integer(Int64(replicas))), ("onFailure", .string(onFailure.text)),
        ("template", ["kind": "Box", "spec": [:]]),
      ])
      if isPaused || isPauseAsked { spec["paused"] = true }
      var resource = Resource(
        apiVersion: APIVersion.current, kind: NodeDeployment.kind,
        metadata: ObjectMeta(name: "shop", uid: "uid-shop"), spec: .object(spec))
      var status = RolloutStatus()
      if let state {
        _ = status.resolve(
          try RolloutSpec(.object(spec)), isPaused: false, retry: nil, tally: ChildTally(),
          at: Sample.moment(0))
        var projection = Projection(ChildTally())
        projection.state = state
        try status.take(projection, ChildTally(), detail: trouble, at: Sample.moment(5))
      }
      resource.status.fields["rollout"] = status.json
      resource.status.fields["state"] = .string(words)
      resource.status.fields["progress"] = .string("\(children[.complete] ?? 0)/\(replicas)")
      resource.status.fields["children"] = .object(
        JSONObject(
          ChildState.allCases.map {
            ($0.rawValue.lowercased(), .integer(Int64(children[$0] ?? 0)))
          }))
      set(&resource, NodeDeployment.degraded, !trouble.isEmpty, trouble)
      set(
        &resource, ConditionType.paused, isPaused || isBehindCanaries,
        isBehindCanaries ? "the first 1 had their turns" : "")
      return resource
    }
  }

  private var words: String {
    var words = [state?.rawValue.lowercased() ?? "pending"]
    if !trouble.isEmpty, state != .failed { words.append("degraded") }
    if isPaused || isBehindCanaries { words.append("paused") }
    return words.joined(separator: ", ")
  }

  private func set(_ resource: inout Resource, _ type: String, _ isSo: Bool, _ message: String) {
    resource.status.setCondition(
      type, isSo ? .isTrue : .isFalse, reason: "Sample", message: message, generation: 1,
      at: Sample.moment(5))
  }

  /// One of its children, in its turn or after it.
  static func child(_ ordinal: Int, _ result: ChildState?, error: String = "") -> Resource {
    var metadata = ObjectMeta(name: "shop-\(ordinal)", uid: "child-\(ordinal)")
    metadata.labels = [(NodeDeployment.label, "shop")]
    metadata.ownerReferences = [
      OwnerReference(
        kind: NodeDeployment.kind, name: "shop", uid: "uid-shop", controller: true)
    ]
    var record = ChildRecord(
      attempt: 1, revision: 1, onFailure: .continue, generation: 1, after: "",
      startedAt: Sample.moment(0))
    record.result = result.map {
      ChildRecord.Result($0, task: error.isEmpty ? "" : "write", error: error, at: Sample.moment(3))
    }
    metadata.childRecord = record
    return Resource(apiVersion: APIVersion.current, kind: "Box", metadata: metadata, spec: [:])
  }
}
