internal import JSON
public import Model

/// The kind whose planner is this module: a template fanned out over children of another kind.
public enum NodeDeployment {
  public static let kind = "NodeDeployment"
  /// The condition that tells of failures while the rollout goes on.
  public static let degraded = "Degraded"
  /// Of the condition Paused, while all but the canaries wait.
  public static let canaryReached = "CanaryReached"
  /// Children of one rollout at most.
  public static let replicasLimit: Int64 = 10_000
  /// On each child: the name of its rollout, by which an orphaned one is adopted again.
  public static let label = "mortise.dev/deployment"

  /// The kind as the host's catalogue has it: admission, lists and defaults follow from it.
  ///
  /// - Invariant: its schema names what `RolloutSpec` reads (guarded by `RolloutSpecTests`).
  public static let blueprint: Blueprint = {
    do throws(MappingError) {
      return try Blueprint(
        spec: JSONReader(
          ["kind": .string(kind), "target": "host", "schema": schema, "plans": []]),
        isOfTheHost: true)
    } catch {
      preconditionFailure("the blueprint of \(kind): \(error)")
    }
  }()

  /// The name of the child with that number.
  public static func childName(_ ordinal: Int, of deployment: String) -> String {
    "\(deployment)-\(ordinal)"
  }

  /// The number of the child of that name; nil where the deployment gives no such name.
  public static func ordinal(ofChild name: String, of deployment: String) -> Int? {
    guard name.hasPrefix(deployment + "-"), let ordinal = Int(name.dropFirst(deployment.count + 1)),
      (0..<Int(replicasLimit)).contains(ordinal), childName(ordinal, of: deployment) == name
    else { return nil }
    return ordinal
  }

  private static func text(_ description: String, _ more: [JSONObject.Member] = []) -> JSONValue {
    .object(
      JSONObject([("type", "string"), ("description", .string(description))] + more))
  }

  private static func count(
    _ description: String, from minimum: Int64, to maximum: Int64, default usual: Int64
  ) -> JSONValue {
    [
      "type": "integer", "minimum": .integer(minimum), "maximum": .integer(maximum),
      "default": .integer(usual), "description": .string(description),
    ]
  }

  private static func choice(_ description: String, _ words: [String]) -> JSONValue {
    text(
      description,
      [("enum", .array(words.map { .string($0) })), ("default", .string(words[0]))])
  }

  private static func length(_ description: String, default usual: String) -> JSONValue {
    text(description, [("format", "duration"), ("default", .string(usual))])
  }

  private static func words(_ description: String) -> JSONValue {
    [
      "type": "object", "additionalProperties": ["type": "string"],
      "description": .string(description),
    ]
  }

  private static let template: JSONValue = [
    "type": "object", "required": ["kind", "spec"],
    "description": "What each child is made of.",
    "properties": [
      "kind": text("A kind that a blueprint teaches.", [("minLength", 1)]),
      "metadata": [
        "type": "object", "description": "What each child's metadata has beside its name.",
        "properties": [
          "labels": words("Labels of each child."),
          "annotations": words("Annotations of each child."),
        ],
      ],
      "spec": [
        "type": "object", "additionalProperties": true,
        "description": "The spec of each child, held against its kind's schema.",
      ],
    ],
  ]

  private static let schema: JSONValue = [
    "type": "object", "required": ["replicas", "template"],
    "properties": [
      "replicas": [
        "type": "integer", "minimum": 0, "maximum": .integer(replicasLimit),
        "description": "How many children there are.",
      ],
      "maxParallel": count(
        "How many children's turns go on at once.", from: 1, to: replicasLimit, default: 1),
      "minReadySeconds": count(
        "How long a child has to be as it should be before it counts.", from: 0, to: 86_400,
        default: 0),
      "readyCondition": text(
        "A condition of the child that has to be True for it to count; Unknown never does.",
        [("minLength", 1)]),
      "progressDeadline": length("How long one child's turn may take.", default: "600s"),
      "canary": count(
        "So many children first; the others wait for rollout resume.", from: 0, to: replicasLimit,
        default: 0),
      "onFailure": choice(
        "What a child's failure means: halt and pause end the attempt, continue lets the others go "
          + "on.", ["halt", "pause", "continue"]),
      "inFlight": choice(
        "What becomes of turns under way when a failure ends the attempt.", ["finish", "cancel"]),
      "onDelete": choice(
        "What becomes of the children when this goes.", ["delete", "orphan"]),
      "template": template,
    ],
  ]
}
