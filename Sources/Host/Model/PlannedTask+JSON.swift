public import JSON

extension PlannedTask: JSONWritable {
  public init(_ reader: JSONReader) throws(MappingError) {
    id = try reader.required("id").string()
    name = try reader.required("name").string()
    type = try reader.required("type").string()
    versionRange = try reader.member("versionRange")?.string() ?? ""
    plugin = try reader.member("plugin")?.string() ?? ""
    pluginDigest = try reader.member("pluginDigest")?.string() ?? ""
    params = try reader.member("params")?.value ?? .null
    outputPaths = try reader.stringMap("outputPaths")
    state = try reader.required("state").choice(TaskState.self)
    attempt = try reader.member("attempt")?.integer() ?? 1
    step = try reader.member("step")?.integer() ?? 1
    retriesLeft = try reader.member("retriesLeft")?.integer() ?? 0
    timeout = Milliseconds(try reader.required("timeoutMilliseconds").integer())
    submittedAt = try reader.member("submittedAt")?.timestamp()
    deadline = try reader.member("deadline")?.timestamp()
    nextAttemptAt = try reader.member("nextAttemptAt")?.timestamp()
    refusals = try reader.member("refusals")?.integer() ?? 0
    outcomeUnknown = try reader.member("outcomeUnknown")?.bool() ?? false
    park = try reader.member("park").map { park throws(MappingError) in try Park(park) }
    progress = try reader.member("progress").map { progress throws(MappingError) in
      try TaskProgress(progress)
    }
    handle = try reader.member("handle").map { handle throws(MappingError) in
      try TaskHandle(handle)
    }
    wait = try reader.member("wait").map { wait throws(MappingError) in try PendingWait(wait) }
    outputs = try reader.member("outputs")?.value ?? .null
    error = try reader.member("error").map { error throws(MappingError) in try TaskError(error) }
    endedAt = try reader.member("endedAt")?.timestamp()
    phase = try reader.member("phase").map { phase throws(MappingError) in try TaskPhase(phase) }
    revertMeans = try reader.member("revertBy")?.choice(RevertMeans.self)
    reverts = try reader.member("reverts").map { reverts throws(MappingError) in
      try RevertedTask(reverts)
    }
    if state == .waiting, wait == nil { throw reader.fail("a Waiting task says what it waits for") }
  }

  public func writeMembers(to object: inout JSONMembers) {
    object.put("id", id)
    object.put("name", name)
    object.put("type", type)
    object.set("versionRange", versionRange)
    object.set("plugin", plugin)
    object.set("pluginDigest", pluginDigest)
    object.put("params", params)
    object.set("outputPaths", outputPaths)
    object.put("state", state.rawValue)
    object.set("attempt", attempt)
    object.set("step", step)
    object.set("retriesLeft", retriesLeft)
    object.set("timeoutMilliseconds", timeout.count)
    object.set("submittedAt", submittedAt)
    object.set("deadline", deadline)
    object.set("nextAttemptAt", nextAttemptAt)
    if refusals > 0 { object.set("refusals", refusals) }
    if outcomeUnknown { object.put("outcomeUnknown", true) }
    object.set("park", park)
    object.set("progress", progress)
    object.set("handle", handle)
    object.set("wait", wait)
    if !outputs.isNull { object.put("outputs", outputs) }
    object.set("error", error)
    object.set("endedAt", endedAt)
    object.set("phase", phase)
    object.set("revertBy", revertMeans?.rawValue)
    object.set("reverts", reverts)
  }
}

extension Park: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    reason = try reader.required("reason").choice(Reason.self)
    message = try reader.member("message")?.string() ?? ""
    since = try reader.required("since").timestamp()
  }

  public var json: JSONValue {
    [
      "reason": .string(reason.rawValue), "message": .string(message),
      "since": .string(since.description),
    ]
  }
}

extension TaskProgress: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    message = try reader.member("message")?.string() ?? ""
    percent = try reader.member("percent")?.integer() ?? 0
  }

  public var json: JSONValue { ["message": .string(message), "percent": .integer(percent)] }
}

extension TaskHandle: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    data = try reader.member("data")?.string() ?? ""
    version = try reader.member("version")?.integer() ?? 0
  }

  public var json: JSONValue { ["data": .string(data), "version": .integer(version)] }
}

extension TaskError: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    reason = try reader.required("reason").string()
    message = try reader.member("message")?.string() ?? ""
  }

  public var json: JSONValue { ["reason": .string(reason), "message": .string(message)] }
}
