public import JSON

extension Blueprint {
  /// Reads the spec of a Blueprint object.
  ///
  /// - Parameter isOfTheHost: whether the host itself teaches it, and may use a name of its own.
  /// - Throws: `MappingError` that names the path of the first thing that is wrong.
  public init(spec reader: JSONReader, isOfTheHost: Bool = false) throws(MappingError) {
    try reader.refuseMembers(except: [
      "kind", "plural", "initialPhase", "target", "targetFrom", "schema", "printerColumns", "plans",
      "conditions",
    ])
    let kind = try reader.required("kind")
    resourceKind = try kind.string()
    if !isOfTheHost, Self.reservedKinds.contains(resourceKind) {
      throw kind.fail("\"\(resourceKind)\" is a kind of the host's own; choose another name")
    }
    plural = try reader.member("plural")?.string() ?? resourceKind.lowercased() + "s"
    initialPhase = try reader.member("initialPhase")?.string() ?? "Pending"
    target = try reader.required("target").string()
    targetPath = try reader.member("targetFrom")?.jsonPath()
    let schemaReader = try reader.required("schema")
    do {
      schema = try Schema(schemaReader.value)
    } catch {
      let problems = error.problems.map(\.description).joined(separator: "; ")
      throw MappingError(path: schemaReader.path, message: problems)
    }
    printerColumns = try reader.list("printerColumns", of: PrinterColumn.self)
    plans = try reader.list("plans", of: PlanTemplate.self)
    conditions = try reader.list("conditions", of: ConditionRule.self)
    try refuseReservedConditions(at: reader.path)
    try refuseTwins(plans.map(\.name), at: reader.path + ".plans", what: "plan")
    try refuseTwins(
      conditions.map(\.type), at: reader.path + ".conditions", member: "type", what: "condition")
  }
}

extension Blueprint {
  /// Kinds that the host keeps itself.
  public static let reservedKinds: Set<String> = [
    Blueprint.kind, Intent.kind, Event.kind, Event.pluginSubject, "Target", Claim.kind,
    TaskRun.kind, Hold.kind, "NodeDeployment",
  ]

  /// The host owns some conditions of every kind: two writers of one would never agree.
  private func refuseReservedConditions(at path: String) throws(MappingError) {
    let named =
      plans.enumerated().compactMap { index, plan in
        plan.condition.map { ("\(path).plans[\(index)].condition.type", $0.type) }
      } + conditions.enumerated().map { ("\(path).conditions[\($0)].type", $1.type) }
    for (path, type) in named where ConditionType.reserved.contains(type) {
      throw MappingError(
        path: path, message: "the host keeps the condition \(type) itself; choose another name")
    }
  }
}

/// Names have to be unique where something else refers to them.
private func refuseTwins(
  _ names: [String], at path: String, member: String = "name", what: String
) throws(MappingError) {
  var seen: Set<String> = []
  for (index, name) in names.enumerated() where !seen.insert(name).inserted {
    throw MappingError(
      path: "\(path)[\(index)].\(member)", message: "a second \(what) named \"\(name)\"")
  }
}

extension PrinterColumn: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    try reader.refuseMembers(except: ["name", "path"])
    name = try reader.required("name").string()
    path = try reader.required("path").jsonPath()
  }

  public var json: JSONValue { ["name": .string(name), "path": .string(path.description)] }
}

extension PlanTemplate: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    try reader.refuseMembers(except: [
      "name", "when", "activePhase", "targetPhase", "failedPhase", "onFailure", "condition",
      "tasks", "restore",
    ])
    name = try reader.required("name").string()
    when = try PlanTrigger(try reader.required("when"))
    activePhase = try reader.member("activePhase")?.string() ?? ""
    targetPhase = try reader.member("targetPhase")?.string() ?? ""
    failedPhase = try reader.member("failedPhase")?.string() ?? ""
    onFailure = try reader.member("onFailure")?.choice(FailureAction.self) ?? .keep
    condition = try reader.member("condition").map { condition throws(MappingError) in
      try PlanCondition(condition)
    }
    tasks = try reader.list("tasks", of: TaskTemplate.self)
    if tasks.isEmpty { throw reader.fail("a plan needs at least one task") }
    restore = try reader.list("restore", of: TaskTemplate.self)
    for (member, tasks) in [("tasks", tasks), ("restore", restore)] {
      let path = "\(reader.path).\(member)"
      try refuseTwins(tasks.map(\.name), at: path, what: "task")
      try Self.refuseForwardReferences(tasks, at: path)
    }
  }

  /// An output can be used only after the task that makes it.
  private static func refuseForwardReferences(_ tasks: [TaskTemplate], at path: String)
    throws(MappingError)
  {
    var earlier: Set<String> = []
    for (index, task) in tasks.enumerated() {
      let references: [Reference]
      do {
        references = try Template.references(in: task.params)
      } catch {
        throw MappingError(
          path: "\(path)[\(index)].params\(error.path)", message: error.message)
      }
      for case .output(let name, _) in references.map(\.source) where !earlier.contains(name) {
        throw MappingError(
          path: "\(path)[\(index)].params",
          message: "refers to an output of \"\(name)\", which is no earlier task of this plan")
      }
      earlier.insert(task.name)
    }
  }

  public var json: JSONValue {
    var object = JSONObject()
    object["name"] = .string(name)
    object["when"] = when.json
    object.set("activePhase", activePhase)
    object.set("targetPhase", targetPhase)
    object.set("failedPhase", failedPhase)
    if onFailure != .keep { object["onFailure"] = .string(onFailure.rawValue) }
    object.set("condition", condition)
    object.set("tasks", tasks)
    object.set("restore", restore)
    return .object(object)
  }
}

extension PlanTrigger: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    try reader.refuseMembers(except: ["phaseIn", "drift", "condition"])
    phases = try reader.strings("phaseIn")
    drift = try reader.list("drift", of: Drift.self)
    condition = try reader.member("condition").map { condition throws(MappingError) in
      try ConditionMatch(condition)
    }
    if phases.isEmpty, drift.isEmpty, condition == nil {
      throw reader.fail("a plan that always applies never ends; give phaseIn, drift or condition")
    }
  }

  public var json: JSONValue {
    var object = JSONObject()
    object.set("phaseIn", phases)
    object.set("drift", drift)
    object.set("condition", condition)
    return .object(object)
  }
}

extension PlanTrigger.Drift: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    try reader.refuseMembers(except: ["desired", "observed"])
    desired = try reader.required("desired").jsonPath()
    observed = try reader.required("observed").jsonPath()
  }

  public var json: JSONValue {
    [
      "desired": .string(desired.description), "observed": .string(observed.description),
    ]
  }
}

extension PlanTrigger.ConditionMatch: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    try reader.refuseMembers(except: ["type", "status", "reason"])
    type = try reader.required("type").string()
    status = try reader.required("status").choice(Condition.Status.self)
    reason = try reader.member("reason")?.string() ?? ""
  }

  public var json: JSONValue {
    var object = JSONObject()
    object["type"] = .string(type)
    object["status"] = .string(status.rawValue)
    object.set("reason", reason)
    return .object(object)
  }
}

extension TaskTemplate: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    try reader.refuseMembers(except: [
      "name", "type", "version", "params", "when", "maxRetries", "timeout", "outputs",
    ])
    type = try reader.required("type").string()
    name = try reader.member("name")?.string() ?? type
    versionRange = ""
    if let version = try reader.member("version") {
      versionRange = try version.string()
      do throws(VersionRangeError) {
        _ = try VersionRange(versionRange)
      } catch {
        throw version.fail(error.message)
      }
    }
    params = try reader.member("params")?.value ?? .object(JSONObject())
    neededPaths = Blueprint.neededPaths(in: params)
    whenPresent = try reader.member("when")?.jsonPath()
    maxRetries = try reader.member("maxRetries")?.integer() ?? 0
    timeout =
      try reader.member("timeout").map { timeout throws(MappingError) in
        try timeout.duration()
      } ?? Self.defaultTimeout
    outputs = try reader.stringMap("outputs")
    if maxRetries < 0 {
      throw MappingError(path: reader.path + ".maxRetries", message: "must not be negative")
    }
    if timeout.count == 0 {
      throw MappingError(path: reader.path + ".timeout", message: "must be longer than nothing")
    }
    for (output, path) in outputs where !Self.isWritable(path) {
      throw MappingError(
        path: "\(reader.path).outputs.\(output)",
        message: "\"\(path)\" is no status path that a blueprint may write")
    }
  }

  /// Members of status by plain names, as the executor writes them, and none of the host's own.
  private static func isWritable(_ text: String) -> Bool {
    guard let path = try? JSONPath(text), path.components.count >= 2 else { return false }
    var names: [String] = []
    for component in path.components {
      guard case .member(let name) = component else { return false }
      names.append(name)
    }
    return names.joined(separator: ".") == text && names[0] == "status"
      && !ResourceStatus.reservedNames.contains(names[1])
  }

  public var json: JSONValue {
    var object = JSONObject()
    object["name"] = .string(name)
    object["type"] = .string(type)
    object.set("version", versionRange)
    object["params"] = params
    object.set("when", whenPresent?.description)
    object.set("maxRetries", maxRetries)
    object["timeout"] = .string("\(timeout.count)ms")
    object.set("outputs", outputs)
    return .object(object)
  }
}

extension ConditionRule: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    try reader.refuseMembers(except: ["type", "from", "values"])
    type = try reader.required("type").string()
    let from = try reader.required("from")
    try from.refuseMembers(except: ["kind", "key", "path"])
    intentKind = try from.required("kind").string()
    let key = try from.required("key")
    intentKey = try key.string()
    do {
      for case .output in try Template.references(in: .string(intentKey)).map(\.source) {
        throw key.fail("refers to an output; a condition knows metadata, spec and status alone")
      }
    } catch let error as TemplateError {
      throw key.fail(error.message)
    } catch {
      throw error as? MappingError ?? key.fail("\(error)")
    }
    path = try from.required("path").jsonPath()
    values = try reader.list("values", of: Value.self)
    if values.isEmpty { throw reader.fail("a condition needs at least one value") }
  }

  public var json: JSONValue {
    [
      "type": .string(type),
      "from": [
        "kind": .string(intentKind), "key": .string(intentKey), "path": .string(path.description),
      ],
      "values": .array(values.map(\.json)),
    ]
  }
}

extension ConditionRule.Value: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    try reader.refuseMembers(except: ["equals", "status", "reason"])
    equals = try reader.member("equals")?.value ?? .null
    status = try reader.required("status").choice(Condition.Status.self)
    reason = try reader.required("reason").string()
  }

  public var json: JSONValue {
    ["equals": equals, "status": .string(status.rawValue), "reason": .string(reason)]
  }
}

extension JSONReader {
  /// A length of time such as "30s", "5m", "250ms", "1h"; a year at most, so that no moment that
  /// is reckoned with it overflows.
  public func duration() throws(MappingError) -> Milliseconds {
    let text = try string()
    let units: [(String, Int64)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
    for (unit, factor) in units where text.hasSuffix(unit) {
      guard let count = Int64(text.dropLast(unit.count)), count >= 0 else { continue }
      let (product, overflow) = count.multipliedReportingOverflow(by: factor)
      guard !overflow, product <= Milliseconds.year.count else {
        throw fail("\"\(text)\" is longer than a year")
      }
      return Milliseconds(product)
    }
    throw fail("\"\(text)\" is no duration; write it as 250ms, 30s, 5m or 1h")
  }
}
