internal import JSON

extension Blueprint {
  /// The shape of a Blueprint's spec: held against it at apply, and its reference page is made of it.
  ///
  /// - Invariant: it names what `init(spec:)` reads, no more and no less (guarded by
  ///   `BlueprintSchemaTests`). What goes beyond shape is checked there.
  public static let schema: Schema = {
    do throws(SchemaError) {
      return try Schema(json(spec, ofKind: "object"))
    } catch {
      preconditionFailure("the schema of blueprints: \(error)")
    }
  }()

  private typealias Members = [(name: String, schema: JSONValue)]

  private static func json(
    _ members: Members, ofKind type: String,
    required: [String] = [
      "kind", "target", "schema",
    ]
  ) -> JSONValue {
    [
      "type": .string(type), "required": .array(required.map { .string($0) }),
      "properties": .object(JSONObject(uniqueMembers: members.map { ($0.name, $0.schema) })),
    ]
  }

  private static func object(
    _ description: String, required: [String] = [], _ members: Members
  ) -> JSONValue {
    var schema = json(members, ofKind: "object", required: required).object ?? JSONObject()
    schema["description"] = .string(description)
    return .object(schema)
  }

  private static func list(_ description: String, of items: JSONValue) -> JSONValue {
    ["type": "array", "description": .string(description), "items": items]
  }

  private static func text(_ description: String) -> JSONValue {
    ["type": "string", "description": .string(description)]
  }

  private static func name(_ description: String) -> JSONValue {
    ["type": "string", "minLength": 1, "description": .string(description)]
  }

  private static func anything(_ description: String) -> JSONValue {
    ["description": .string(description)]
  }

  private static let spec: Members = [
    ("kind", name("The kind that it teaches, CamelCase and singular.")),
    ("plural", name("The kind's plural for the command line; the kind in lower case with an s.")),
    ("initialPhase", text("The phase of a resource that has none yet; Pending where not given.")),
    ("target", name("Where the intents of its resources converge.")),
    ("targetFrom", name("Path of a field that names another target, such as spec.target.")),
    (
      "schema",
      [
        "type": "object", "additionalProperties": true,
        "description": .string(
          "The spec's schema: type, properties, required, items, enum, default, minimum, maximum, "
            + "minLength, maxLength, pattern, format, minItems, maxItems, nullable, description, "
            + "additionalProperties. Fields that it does not name are refused."),
      ]
    ),
    ("printerColumns", list("Columns of mortise get beside the usual ones.", of: printerColumn)),
    ("plans", list("What is to be done when; the first that applies is stamped.", of: plan)),
    (
      "conditions",
      list("Conditions that follow from observed fields of a resource's intents.", of: condition)
    ),
  ]

  private static let printerColumn = object(
    "", required: ["name", "path"],
    [
      ("name", name("The column's title.")),
      ("path", name("Where its value stands in the resource: status.image.")),
    ])

  private static let plan = object(
    "", required: ["name", "when", "tasks"],
    [
      ("name", name("Unique among the plans.")),
      ("when", trigger),
      ("activePhase", text("The resource's phase while the plan goes on; as it was if empty.")),
      ("targetPhase", text("The phase when it is complete; as it was if empty.")),
      ("failedPhase", text("The phase when it failed. Empty: it stays, and is tried again.")),
      (
        "onFailure",
        [
          "type": "string", "enum": ["Keep", "Rollback"],
          "description": .string(
            "Rollback: what the plan did is undone when it fails, and it is not made again until the "
              + "spec changes or replan asks for it. Keep where not given."),
        ]
      ),
      (
        "condition",
        object(
          "A condition that the plan keeps while it goes on.",
          required: ["type"],
          [
            ("type", name("The condition's type.")),
            ("started", text("Its reason when the plan begins; Started where not given.")),
            ("complete", text("Its reason when it is complete; Complete where not given.")),
            ("failed", text("Its reason when it failed; Failed where not given.")),
          ])
      ),
      ("tasks", list("What is carried out, in this order; at least one.", of: task)),
      (
        "restore",
        list(
          "What is carried out when the plan was undone, so that what came back takes effect; ${status…} "
            + "is as it was before the plan.", of: task)
      ),
    ])

  private static let trigger = object(
    "When the plan applies: all that is given must hold, and something has to be.",
    [
      ("phaseIn", list("The resource is in one of these phases.", of: name(""))),
      (
        "drift",
        list(
          "At least one pair differs; what was not observed yet is no drift.",
          of: object(
            "", required: ["desired", "observed"],
            [
              ("desired", name("Path of what is asked for: spec.image.")),
              ("observed", name("Path of what is observed: status.image.")),
            ]))
      ),
      (
        "condition",
        object(
          "A condition is so.", required: ["type", "status"],
          [
            ("type", name("The condition's type.")), ("status", conditionStatus),
            ("reason", text("Its reason; any where not given.")),
          ])
      ),
    ])

  private static let conditionStatus: JSONValue = [
    "type": "string", "enum": ["True", "False", "Unknown"],
    "description": "The condition's status.",
  ]

  private static let task = object(
    "", required: ["type"],
    [
      ("type", name("A task type that some plugin carries out.")),
      ("name", name("Unique in the plan; the type where not given.")),
      ("version", text("Versions of the type that will do, such as >=1.2 <2; any if empty.")),
      (
        "params",
        anything(
          "What the task is given. ${spec.image} stands for a value of metadata, spec or status, "
            + "${tasks.NAME.outputs.FIELD} for an output of an earlier task; a ? before the brace "
            + "leaves out what is absent.")
      ),
      ("when", name("Path that must be present in the resource, else the task is left out.")),
      (
        "maxRetries",
        [
          "type": "integer", "minimum": 0,
          "description": "Attempts after the first that failed transiently; 0 where not given.",
        ]
      ),
      (
        "timeout",
        [
          "type": "string", "format": "duration",
          "description": "How long all attempts together may take; 300s where not given.",
        ]
      ),
      (
        "outputs",
        [
          "type": "object", "additionalProperties": ["type": "string"],
          "description": "Which output goes to which status path: image: status.image.",
        ]
      ),
    ])

  private static let condition = object(
    "", required: ["type", "from", "values"],
    [
      ("type", name("The condition's type; unique.")),
      (
        "from",
        object(
          "Which observed field it follows from.", required: ["kind", "key", "path"],
          [
            ("kind", name("The intent's kind.")),
            ("key", name("The intent's key; may refer to metadata, spec and status.")),
            ("path", name("Path in what is observed of it.")),
          ])
      ),
      (
        "values",
        list(
          "What each value means; one that is not listed means Unknown.",
          of: object(
            "", required: ["status", "reason"],
            [
              ("equals", anything("The observed value; null, as when absent.")),
              ("status", conditionStatus), ("reason", name("The condition's reason.")),
            ]))
      ),
    ])
}
