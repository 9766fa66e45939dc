public import JSON

extension PlanPreview: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    resources = try reader.list("resources", of: ResourcePreview.self)
  }

  public var json: JSONValue { ["resources": .array(resources.map(\.json))] }
}

extension ResourcePreview: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    resource = try ObjectKey(try reader.required("resource"))
    action = try reader.required("action").choice(Action.self)
    plan = try reader.member("plan")?.string() ?? ""
    because = try reader.member("because")?.string() ?? ""
    target = try reader.member("target")?.string() ?? ""
    tasks = try reader.list("tasks", of: TaskPreview.self)
  }

  public var json: JSONValue {
    var object = JSONObject()
    object["resource"] = resource.json
    object["action"] = .string(action.rawValue)
    object.set("plan", plan)
    object.set("because", because)
    object.set("target", target)
    object.set("tasks", tasks)
    return .object(object)
  }
}

extension TaskPreview: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    name = try reader.required("name").string()
    type = try reader.required("type").string()
    plugin = try reader.member("plugin")?.string() ?? ""
    isRevertible = try reader.required("revertible").bool()
    params = try reader.member("params")?.value ?? .null
    intents = try reader.list("intents", of: IntentPreview.self)
    note = try reader.member("note")?.string() ?? ""
  }

  public var json: JSONValue {
    var object = JSONObject()
    object["name"] = .string(name)
    object["type"] = .string(type)
    object.set("plugin", plugin)
    object["revertible"] = .bool(isRevertible)
    if !params.isNull { object["params"] = params }
    object.set("intents", intents)
    object.set("note", note)
    return .object(object)
  }
}

extension IntentPreview: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    key = try IntentKey(reader)
    action = try reader.required("action").choice(Action.self)
    differences = try reader.list("differences", of: Difference.self)
  }

  public var json: JSONValue {
    var object = key.json.object ?? JSONObject()
    object["action"] = .string(action.rawValue)
    object.set("differences", differences)
    return .object(object)
  }
}

extension IntentPreview.Difference: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    path = try reader.required("path").string()
    present = try reader.member("present")?.value ?? .null
    planned = try reader.member("planned")?.value ?? .null
  }

  public var json: JSONValue {
    ["path": .string(path), "present": present, "planned": planned]
  }
}
