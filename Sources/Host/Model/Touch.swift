public import JSON

/// What an intent remembers of a live plan's first change to it: what has to come back when that plan
/// is reverted.
///
/// Kept in the intent itself, so that one compare-and-swap changes it and remembers what was before.
/// A plan's change set is all its touches.
public struct Touch: Sendable, Equatable {
  public var plan: String
  public var order: TouchOrder
  /// Nil = the intent was not there, or on its way out.
  public var prior: IntentContent?

  public init(plan: String, order: TouchOrder, prior: IntentContent?) {
    self.plan = plan
    self.order = order
    self.prior = prior
  }
}

/// Where in its plan a change was made: changes are reverted in falling order.
public struct TouchOrder: Sendable, Hashable, Comparable {
  /// Index of the task in the plan.
  public var task: Int64
  public var attempt: Int64
  /// Of the attempt: what one Wait changed is one step, and is reverted together.
  public var step: Int64

  public init(task: Int64, attempt: Int64, step: Int64) {
    self.task = task
    self.attempt = attempt
    self.step = step
  }

  public static func < (left: TouchOrder, right: TouchOrder) -> Bool {
    (left.task, left.attempt, left.step) < (right.task, right.attempt, right.step)
  }
}

/// What an intent asks for.
public struct IntentContent: Sendable, Equatable {
  public var spec: JSONValue
  public var specVersion: Int64
  public var references: [IntentKey]

  public init(spec: JSONValue, specVersion: Int64, references: [IntentKey]) {
    self.spec = spec
    self.specVersion = specVersion
    self.references = references
  }
}

/// The plan on whose behalf an intent is changed, and where in it; carried by a write into its touch.
public struct TouchMark: Sendable, Equatable {
  public var plan: String
  public var order: TouchOrder

  public init(plan: String, order: TouchOrder) {
    self.plan = plan
    self.order = order
  }
}

extension Touch: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    plan = try reader.required("plan").string()
    order = TouchOrder(
      task: try reader.required("task").integer(),
      attempt: try reader.required("attempt").integer(),
      step: try reader.required("step").integer())
    prior = try reader.member("prior").map { prior throws(MappingError) in
      try IntentContent(prior)
    }
  }

  public var json: JSONValue {
    var object = JSONObject()
    object["plan"] = .string(plan)
    object.set("task", order.task)
    object.set("attempt", order.attempt)
    object.set("step", order.step)
    object.set("prior", prior)
    return .object(object)
  }
}

extension IntentContent: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    spec = try reader.member("desired")?.value ?? .null
    specVersion = try reader.member("version")?.integer() ?? 0
    references = try reader.list("references", of: IntentKey.self)
  }

  public var json: JSONValue {
    var object = JSONObject()
    object["desired"] = spec
    object.set("version", specVersion)
    object.set("references", references)
    return .object(object)
  }
}
