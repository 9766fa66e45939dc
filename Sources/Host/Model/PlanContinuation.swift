public import JSON

/// What a plan takes over from the one of the same name before it that failed or was ended and stayed half
/// done: undoing it brings back what was before both.
public struct PlanContinuation: Sendable, Equatable {
  /// Of the first of them; intents remember the changes of all under it.
  public var changeSet: String
  /// How many tasks of the earlier ones, counted from their first, may have changed intents.
  public var taskCount: Int

  public init(changeSet: String, taskCount: Int) {
    self.changeSet = changeSet
    self.taskCount = taskCount
  }
}

extension PlanContinuation: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    changeSet = try reader.required("changeSet").string()
    taskCount = Int(clamping: try reader.required("taskCount").integer())
  }

  public var json: JSONValue {
    ["changeSet": .string(changeSet), "taskCount": .integer(Int64(taskCount))]
  }
}
