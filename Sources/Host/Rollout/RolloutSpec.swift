public import JSON
public import Model

/// What a NodeDeployment asks for, read from a spec that admission has let in.
public struct RolloutSpec: Sendable, Equatable {
  /// What children are made of; two templates that are equal are one revision.
  public struct Template: Sendable, Equatable {
    public var kind: String
    public var labels: JSONObject
    public var annotations: JSONObject
    public var spec: JSONValue
  }

  /// What becomes of turns under way when a failure ends the attempt.
  public enum InFlight: String, Sendable, CaseIterable { case finish, cancel }
  /// What becomes of children when the deployment goes.
  public enum OnDelete: String, Sendable, CaseIterable { case delete, orphan }

  public var replicas: Int
  public var maxParallel: Int
  public var rules: TurnRules
  /// 0 = none.
  public var canary: Int
  public var onFailure: FailurePolicy
  public var inFlight: InFlight
  public var onDelete: OnDelete
  public var template: Template
}

extension RolloutSpec {
  /// - Throws: `MappingError` where the store holds something that admission would not let in.
  public init(_ spec: JSONValue) throws(MappingError) {
    let reader = JSONReader(spec, path: "spec")
    template = try Template(try reader.required("template"))
    replicas = Int(try reader.required("replicas").integer())
    maxParallel = max(1, Int(try reader.member("maxParallel")?.integer() ?? 1))
    canary = Int(try reader.member("canary")?.integer() ?? 0)
    onFailure = FailurePolicy(try reader.member("onFailure")?.string() ?? "")
    inFlight = try reader.member("inFlight")?.choice(InFlight.self) ?? .finish
    onDelete = try reader.member("onDelete")?.choice(OnDelete.self) ?? .delete
    rules = TurnRules(
      readyCondition: try reader.member("readyCondition")?.string(),
      minReady: .seconds(try reader.member("minReadySeconds")?.integer() ?? 0),
      progressDeadline: try reader.member("progressDeadline")?.duration() ?? .seconds(600))
    guard (0...NodeDeployment.replicasLimit).contains(Int64(replicas)) else {
      throw try reader.required("replicas").fail("at most \(NodeDeployment.replicasLimit)")
    }
  }
}

extension RolloutSpec.Template: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    kind = try reader.required("kind").string()
    let metadata = try reader.member("metadata")
    labels = try metadata?.member("labels")?.object() ?? JSONObject()
    annotations = try metadata?.member("annotations")?.object() ?? JSONObject()
    spec = try reader.required("spec").value
  }

  public var json: JSONValue {
    var metadata = JSONObject()
    if !labels.isEmpty { metadata["labels"] = .object(labels) }
    if !annotations.isEmpty { metadata["annotations"] = .object(annotations) }
    var object = JSONObject()
    object["kind"] = .string(kind)
    if !metadata.isEmpty { object["metadata"] = .object(metadata) }
    object["spec"] = spec
    return .object(object)
  }
}
