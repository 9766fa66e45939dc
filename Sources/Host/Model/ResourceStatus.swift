public import JSON

/// What became of a resource: written only by the reconciler's single flush.
public struct ResourceStatus: Sendable {
  public var phase: String
  /// The generation that the last ended plan, or the steady state, answers to.
  public var observedGeneration: Int64
  public var conditions: [Condition]
  public var plan: Plan?
  /// Newest first, at most `historyLimit`.
  public var history: [PlanRecord]
  public var retry: PlanRetry?
  /// The plan that is to be, or is being, undone, or that failed and may still be; of a TaskRun the last
  /// one that ended.
  public var forward: Plan?
  /// What became of undoing it.
  public var revert: PlanRevert?
  /// What outputs were mapped to; the names above are not available to a blueprint.
  public var fields: JSONObject

  public static let historyLimit = 10
  public static let reservedNames: Set<String> = [
    "phase", "observedGeneration", "conditions", "plan", "history", "retry", "forward",
    "revert",
  ]

  public init() {
    phase = ""
    observedGeneration = 0
    conditions = []
    history = []
    fields = JSONObject()
  }

  /// Nothing was ever written into it: every pass that writes sets a condition at least.
  public var isBlank: Bool { phase.isEmpty && conditions.isEmpty && plan == nil && history.isEmpty }

  /// As references, printer columns and drift see it.
  public var document: JSONValue {
    var object = fields
    object["phase"] = .string(phase)
    object["observedGeneration"] = .integer(observedGeneration)
    return .object(object)
  }

  /// Notes how a plan ended; the oldest record goes.
  public mutating func addToHistory(_ plan: Plan, at now: Timestamp) {
    if !history.isEmpty { history[0].tasks = [] }
    history.insert(
      PlanRecord(
        id: plan.id, name: plan.name, phase: plan.phase, generation: plan.generation,
        startedAt: plan.startedAt, endedAt: plan.endedAt ?? now, detail: plan.failedTaskDetail,
        tasks: plan.tasks.compactMap(TaskRecord.init)),
      at: 0)
    history = Array(history.prefix(Self.historyLimit))
  }
}

/// How a plan ended, for whoever looks later.
public struct PlanRecord: Sendable, Equatable {
  public var id: String
  public var name: String
  public var phase: PlanPhase
  public var generation: Int64
  public var startedAt: Timestamp
  public var endedAt: Timestamp
  /// The failed task and its error, or the one that would not be cancelled; else empty.
  public var detail: String
  /// Those that were begun; kept of the last plan alone.
  public var tasks: [TaskRecord]

  public init(
    id: String, name: String, phase: PlanPhase, generation: Int64, startedAt: Timestamp,
    endedAt: Timestamp, detail: String, tasks: [TaskRecord] = []
  ) {
    self.id = id
    self.name = name
    self.phase = phase
    self.generation = generation
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.detail = detail
    self.tasks = tasks
  }
}

/// What a failed plan leaves behind: no plan is stamped for this generation before `notBefore`.
public struct PlanRetry: Sendable, Equatable {
  public var generation: Int64
  public var count: Int64
  public var notBefore: Timestamp

  public init(generation: Int64, count: Int64, notBefore: Timestamp) {
    self.generation = generation
    self.count = count
    self.notBefore = notBefore
  }
}

extension PlanRecord: JSONWritable {
  public init(_ reader: JSONReader) throws(MappingError) {
    id = try reader.required("id").string()
    name = try reader.required("name").string()
    phase = try reader.required("phase").choice(PlanPhase.self)
    generation = try reader.required("generation").integer()
    startedAt = try reader.required("startedAt").timestamp()
    endedAt = try reader.required("endedAt").timestamp()
    detail = try reader.member("detail")?.string() ?? ""
    tasks = try reader.list("tasks", of: TaskRecord.self)
  }

  public func writeMembers(to object: inout JSONMembers) {
    object.put("id", id)
    object.put("name", name)
    object.put("phase", phase.rawValue)
    object.set("generation", generation)
    object.set("startedAt", startedAt)
    object.set("endedAt", endedAt)
    object.set("detail", detail)
    object.set("tasks", tasks)
  }
}

extension PlanRetry: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    generation = try reader.required("generation").integer()
    count = try reader.required("count").integer()
    notBefore = try reader.required("notBefore").timestamp()
  }

  public var json: JSONValue {
    [
      "generation": .integer(generation), "count": .integer(count),
      "notBefore": .string(notBefore.description),
    ]
  }
}

extension ResourceStatus: JSONWritable {
  public init(_ reader: JSONReader) throws(MappingError) {
    phase = try reader.member("phase")?.string() ?? ""
    observedGeneration = try reader.member("observedGeneration")?.integer() ?? 0
    conditions = try reader.list("conditions", of: Condition.self)
    plan = try reader.member("plan").map { plan throws(MappingError) in try Plan(plan) }
    history = try reader.list("history", of: PlanRecord.self)
    retry = try reader.member("retry").map { retry throws(MappingError) in try PlanRetry(retry) }
    forward = try reader.member("forward").map { plan throws(MappingError) in try Plan(plan) }
    revert = try reader.member("revert").map { revert throws(MappingError) in
      try PlanRevert(revert)
    }
    fields = JSONObject(
      try reader.object().members.filter { !Self.reservedNames.contains($0.name) })
  }

  public func writeMembers(to object: inout JSONMembers) {
    object.set("phase", phase)
    object.set("observedGeneration", observedGeneration)
    for field in fields.members where !Self.reservedNames.contains(field.name) {
      object.put(field.name, field.value)
    }
    object.set("conditions", conditions)
    object.set("plan", plan)
    object.set("history", history)
    object.set("retry", retry)
    object.set("revert", revert)
    object.set("forward", forward)
  }
}
