public import JSON

/// What became of undoing a plan; kept beside the outcome of the plan itself.
public struct PlanRevert: Sendable, Equatable {
  /// Pending → Running → Complete or Failed. Refused: the point of no return was passed.
  public enum State: String, Sendable, CaseIterable {
    case pending = "Pending"
    case running = "Running"
    case complete = "Complete"
    case failed = "Failed"
    case refused = "Refused"

    public var isEnded: Bool { self != .pending && self != .running }
  }

  public var state: State
  /// Why it failed or was refused; else empty.
  public var message: String
  /// Tasks that could not be undone, by name.
  public var skipped: [String]
  /// Of the plan that undoes; empty where there is none.
  public var planID: String
  /// Of the plan that is undone; empty where none was made.
  public var undoneID: String
  /// Plans of the resource's blueprint, by name, that are not made again of this generation.
  public var barred: [String]
  /// The resource's generation that the undone plan carried out.
  public var generation: Int64
  public var startedAt: Timestamp
  public var endedAt: Timestamp?

  public init(_ state: State, of plan: Plan?, message: String = "", at now: Timestamp) {
    self.state = state
    self.message = message
    skipped = []
    planID = ""
    undoneID = plan?.id ?? ""
    barred = []
    generation = plan?.generation ?? 0
    startedAt = now
    endedAt = state.isEnded ? now : nil
  }

  /// It is over.
  public mutating func end(_ state: State, message: String = "", at now: Timestamp) {
    self.state = state
    self.message = message
    endedAt = now
  }
}

extension PlanRevert: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    state = try reader.required("state").choice(State.self)
    message = try reader.member("message")?.string() ?? ""
    skipped = try reader.strings("notReverted")
    planID = try reader.member("plan")?.string() ?? ""
    undoneID = try reader.member("undoes")?.string() ?? ""
    barred = try reader.strings("barred")
    generation = try reader.member("generation")?.integer() ?? 0
    startedAt = try reader.required("startedAt").timestamp()
    endedAt = try reader.member("endedAt")?.timestamp()
  }

  public var json: JSONValue {
    var object = JSONObject()
    object["state"] = .string(state.rawValue)
    object.set("message", message)
    object.set("notReverted", skipped)
    object.set("plan", planID)
    object.set("undoes", undoneID)
    object.set("barred", barred)
    object.set("generation", generation)
    object.set("startedAt", startedAt)
    object.set("endedAt", endedAt)
    return .object(object)
  }
}
