public import JSON

/// Active → Complete, Failed or Cancelled; nothing leaves the last three.
public enum PlanPhase: String, Sendable, CaseIterable {
  case active = "Active"
  case complete = "Complete"
  case failed = "Failed"
  case cancelled = "Cancelled"

  public var isTerminal: Bool { self != .active }
}

/// An ordered list of steps that lead a resource to a phase; persisted before its first effect.
///
/// The planner creates and clears it; the executor moves it. Nobody else writes it.
public struct Plan: Sendable, Equatable {
  public var id: String
  /// Of the blueprint's plan that it was stamped from.
  public var name: String
  public var phase: PlanPhase
  /// The resource's generation that it carries out.
  public var generation: Int64
  /// Where its intents converge.
  public var target: String
  /// The resource's phase on the pass that completes the plan; empty = unchanged.
  public var targetPhase: String
  /// The resource's phase on the pass that fails it; empty = unchanged, and it is retried.
  public var failedPhase: String
  public var condition: PlanCondition?
  public var tasks: [PlannedTask]
  public var failedTaskIndex: Int?
  public var failedTaskDetail: String
  public var startedAt: Timestamp
  /// When its end was asked for: no task begins any more.
  public var cancelRequestedAt: Timestamp?
  public var endedAt: Timestamp?
  /// The plan that this one undoes; nil = it goes forward.
  public var reverts: String?
  /// Of all intents that it may have changed, noted before the first change: where its touches are.
  public var intents: [IntentKey]
  /// When it got its exclusive keys and its room; nil = it needs none, or nothing of it was delivered.
  public var admittedAt: Timestamp?
  /// Whether what it did is undone when it fails.
  public var rollsBack: Bool
  /// What it takes over from a plan before it that stayed half done; nil = nothing.
  public var continues: PlanContinuation?
  /// Carried out when it was undone, so that what came back takes effect.
  public var restore: [PlannedTask]
  /// Nil = undoing it brings nothing of the status back.
  public var prior: PriorStatus?

  public init(
    id: String, name: String, generation: Int64, target: String, targetPhase: String,
    failedPhase: String, condition: PlanCondition?, tasks: [PlannedTask], startedAt: Timestamp
  ) {
    self.id = id
    self.name = name
    phase = .active
    self.generation = generation
    self.target = target
    self.targetPhase = targetPhase
    self.failedPhase = failedPhase
    self.condition = condition
    self.tasks = tasks
    failedTaskDetail = ""
    self.startedAt = startedAt
    intents = []
    rollsBack = false
    restore = []
  }

  /// The id under which intents remember what it changed.
  public var changeSet: String { continues?.changeSet ?? id }

  /// The first task that is not complete; tasks run in order, so all before it are.
  public var currentIndex: Int? { tasks.firstIndex { $0.state != .complete } }

  /// Whether how far it has come is stored before each of its tasks: then what its object says is never
  /// behind what was begun, and a cancel is judged on the truth.
  public var isPhased: Bool { reverts != nil || tasks.contains { $0.phase != nil } }
}

/// The condition that tells of a plan: its type, and its reason while and after the plan ran.
public struct PlanCondition: Sendable, Equatable {
  public var type: String
  public var started: String
  public var complete: String
  public var failed: String

  public init(type: String, started: String, complete: String, failed: String) {
    self.type = type
    self.started = started
    self.complete = complete
    self.failed = failed
  }
}

extension PlanCondition: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    try reader.refuseMembers(except: ["type", "started", "complete", "failed"])
    type = try reader.required("type").string()
    started = try reader.member("started")?.string() ?? "Started"
    complete = try reader.member("complete")?.string() ?? "Complete"
    failed = try reader.member("failed")?.string() ?? "Failed"
  }

  public var json: JSONValue {
    [
      "type": .string(type), "started": .string(started), "complete": .string(complete),
      "failed": .string(failed),
    ]
  }
}

extension Plan: JSONWritable {
  public init(_ reader: JSONReader) throws(MappingError) {
    id = try reader.required("id").string()
    name = try reader.required("name").string()
    phase = try reader.required("phase").choice(PlanPhase.self)
    generation = try reader.required("generation").integer()
    target = try reader.member("target")?.string() ?? ""
    targetPhase = try reader.member("targetPhase")?.string() ?? ""
    failedPhase = try reader.member("failedPhase")?.string() ?? ""
    condition = try reader.member("condition").map { condition throws(MappingError) in
      try PlanCondition(condition)
    }
    tasks = try reader.list("tasks", of: PlannedTask.self)
    failedTaskIndex = try reader.member("failedTaskIndex").map { index throws(MappingError) in
      Int(try index.integer())
    }
    failedTaskDetail = try reader.member("failedTaskDetail")?.string() ?? ""
    startedAt = try reader.required("startedAt").timestamp()
    cancelRequestedAt = try reader.member("cancelRequestedAt")?.timestamp()
    endedAt = try reader.member("endedAt")?.timestamp()
    reverts = try reader.member("reverts")?.string()
    intents = try reader.list("intents", of: IntentKey.self)
    admittedAt = try reader.member("admittedAt")?.timestamp()
    rollsBack = try reader.member("rollsBack")?.bool() ?? false
    continues = try reader.member("continues").map { continues throws(MappingError) in
      try PlanContinuation(continues)
    }
    restore = try reader.list("restore", of: PlannedTask.self)
    prior = try reader.member("prior").map { prior throws(MappingError) in
      try PriorStatus(prior)
    }
    if let failedTaskIndex, !tasks.indices.contains(failedTaskIndex) {
      throw reader.fail("failedTaskIndex \(failedTaskIndex) names no task")
    }
    if phase == .active, currentIndex == nil {
      throw reader.fail("an Active plan has a task that is not complete")
    }
  }

  public func writeMembers(to object: inout JSONMembers) {
    object.put("id", id)
    object.put("name", name)
    object.put("phase", phase.rawValue)
    object.set("generation", generation)
    object.set("target", target)
    object.set("targetPhase", targetPhase)
    object.set("failedPhase", failedPhase)
    object.set("condition", condition)
    object.set("tasks", tasks)
    object.set("failedTaskIndex", failedTaskIndex.map(Int64.init))
    object.set("failedTaskDetail", failedTaskDetail)
    object.set("startedAt", startedAt)
    object.set("cancelRequestedAt", cancelRequestedAt)
    object.set("endedAt", endedAt)
    object.set("reverts", reverts)
    object.set("intents", intents)
    object.set("admittedAt", admittedAt)
    if rollsBack { object.put("rollsBack", .bool(true)) }
    object.set("continues", continues)
    object.set("restore", restore)
    object.set("prior", prior)
  }
}
