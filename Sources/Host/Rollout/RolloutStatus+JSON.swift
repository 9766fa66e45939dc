public import JSON
public import Model

extension RolloutStatus: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    attempt = try reader.member("attempt").map { value throws(MappingError) in
      try AttemptStatus(value)
    }
    revisions = try reader.list("revisions", of: RevisionRecord.self)
    attempts = try reader.list("attempts", of: AttemptRecord.self)
    lastRevision = try reader.member("lastRevision")?.integer() ?? 0
    totals = [:]
    guard let counts = try reader.member("totals") else { return }
    for state in RolloutState.allCases {
      totals[state] = try counts.member(state.rawValue)?.integer()
    }
  }

  public var json: JSONValue {
    var object = JSONObject()
    if let attempt { object["attempt"] = attempt.json }
    if !attempts.isEmpty { object["attempts"] = .array(attempts.map(\.json)) }
    if !revisions.isEmpty { object["revisions"] = .array(revisions.map(\.json)) }
    object["lastRevision"] = .integer(lastRevision)
    let counts = RolloutState.allCases.compactMap { state in
      totals[state].map { (name: state.rawValue, value: JSONValue.integer($0)) }
    }
    if !counts.isEmpty { object["totals"] = .object(JSONObject(counts)) }
    return .object(object)
  }
}

extension RevisionRecord: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    number = try reader.required("number").integer()
    template = try RolloutSpec.Template(try reader.required("template"))
    appliedAt = try reader.required("appliedAt").timestamp()
  }

  public var json: JSONValue {
    [
      "number": .integer(number), "appliedAt": .string(appliedAt.description),
      "template": template.json,
    ]
  }
}

extension AttemptStatus: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    number = try reader.required("number").integer()
    revision = try reader.required("revision").integer()
    replicas = Int(try reader.required("replicas").integer())
    onFailure = FailurePolicy(try reader.member("onFailure")?.string() ?? "")
    state = try reader.required("state").choice(RolloutState.self)
    isHeld = try reader.member("held")?.bool() ?? false
    startedAt = try reader.required("startedAt").timestamp()
    completedAt = try reader.member("completedAt")?.timestamp()
    detail = try reader.member("detail")?.string() ?? ""
    isPromoted = try reader.member("promoted")?.bool() ?? false
    isAnnounced = try reader.member("announced")?.bool() ?? false
    guard state.isTerminal == (completedAt != nil) else {
      throw reader.fail("completedAt is set exactly while the state is terminal")
    }
  }

  public var json: JSONValue {
    var object = JSONObject()
    object["number"] = .integer(number)
    object["revision"] = .integer(revision)
    object["replicas"] = .integer(Int64(replicas))
    object["onFailure"] = .string(onFailure.text)
    object["state"] = .string(state.rawValue)
    if isHeld { object["held"] = true }
    object["startedAt"] = .string(startedAt.description)
    if let completedAt { object["completedAt"] = .string(completedAt.description) }
    if !detail.isEmpty { object["detail"] = .string(detail) }
    if isPromoted { object["promoted"] = true }
    if isAnnounced { object["announced"] = true }
    return .object(object)
  }
}

extension AttemptRecord: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    number = try reader.required("number").integer()
    revision = try reader.required("revision").integer()
    state = try reader.required("state").choice(RolloutState.self)
    onFailure = FailurePolicy(try reader.member("onFailure")?.string() ?? "")
    startedAt = try reader.required("startedAt").timestamp()
    completedAt = try reader.required("completedAt").timestamp()
    complete = Int(try reader.required("complete").integer())
    failed = Int(try reader.required("failed").integer())
    replicas = Int(try reader.required("replicas").integer())
    detail = try reader.member("detail")?.string() ?? ""
    isAnnounced = try reader.member("announced")?.bool() ?? false
  }

  public var json: JSONValue {
    var object = JSONObject()
    object["number"] = .integer(number)
    object["revision"] = .integer(revision)
    object["state"] = .string(state.rawValue)
    object["onFailure"] = .string(onFailure.text)
    object["startedAt"] = .string(startedAt.description)
    object["completedAt"] = .string(completedAt.description)
    object["complete"] = .integer(Int64(complete))
    object["failed"] = .integer(Int64(failed))
    object["replicas"] = .integer(Int64(replicas))
    if !detail.isEmpty { object["detail"] = .string(detail) }
    if isAnnounced { object["announced"] = true }
    return .object(object)
  }
}
