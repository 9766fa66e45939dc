public import JSON

/// One aspect of a resource's state; once set it stays, and only its values change.
public struct Condition: Sendable, Equatable {
  /// Unknown is a statement of its own: nobody can tell at present.
  public enum Status: String, Sendable, CaseIterable {
    case isTrue = "True"
    case isFalse = "False"
    case unknown = "Unknown"
  }

  public var type: String
  public var status: Status
  /// CamelCase, out of a small fixed set.
  public var reason: String
  public var message: String
  public var observedGeneration: Int64
  /// When `status` changed last; a new reason or message alone does not move it.
  public var lastTransitionTime: Timestamp

  public init(
    type: String, status: Status, reason: String, message: String, observedGeneration: Int64,
    lastTransitionTime: Timestamp
  ) {
    self.type = type
    self.status = status
    self.reason = reason
    self.message = message
    self.observedGeneration = observedGeneration
    self.lastTransitionTime = lastTransitionTime
  }
}

/// Types of the conditions that the host keeps for every kind; no blueprint may name them.
public enum ConditionType {
  public static let paused = "Paused"
  /// False while references of the plan that applies have no value, or after a cancel.
  public static let plannable = "Plannable"
  public static let deleting = "Deleting"

  public static let reserved: Set<String> = [paused, plannable, deleting]
}

extension Condition: JSONWritable {
  public init(_ reader: JSONReader) throws(MappingError) {
    type = try reader.required("type").string()
    status = try reader.required("status").choice(Status.self)
    reason = try reader.required("reason").string()
    message = try reader.member("message")?.string() ?? ""
    observedGeneration = try reader.member("observedGeneration")?.integer() ?? 0
    lastTransitionTime = try reader.required("lastTransitionTime").timestamp()
  }

  public func writeMembers(to object: inout JSONMembers) {
    object.put("type", type)
    object.put("status", status.rawValue)
    object.put("reason", reason)
    object.set("message", message)
    object.set("observedGeneration", observedGeneration)
    object.set("lastTransitionTime", lastTransitionTime)
  }
}

extension ResourceStatus {
  /// The condition of that type; nil where it was never set.
  public func condition(_ type: String) -> Condition? {
    conditions.first { $0.type == type }
  }

  /// Sets a condition, keeping the transition time where the status is as before.
  public mutating func setCondition(
    _ type: String, _ status: Condition.Status, reason: String, message: String = "",
    generation: Int64, at now: Timestamp
  ) {
    let fresh = Condition(
      type: type, status: status, reason: reason, message: message,
      observedGeneration: generation, lastTransitionTime: now)
    guard let index = conditions.firstIndex(where: { $0.type == type }) else {
      conditions.append(fresh)
      return
    }
    let since = conditions[index].lastTransitionTime
    let changed = conditions[index].status != status
    conditions[index] = fresh
    if !changed { conditions[index].lastTransitionTime = since }
  }
}
