/// A task type that is long enough to be carried out in phases, and says which.
public protocol ExpandableTask: TaskType {
  /// The phases in their order; nothing is done.
  ///
  /// - Throws: `TaskFailure` where there are none for these params; `TaskRefusal` asks to be called again
  ///   later.
  func expand(_ params: Params, _ resource: ResourceReference) async throws -> [TaskPhase]
}

/// A part of a long task.
public struct TaskPhase: Sendable, Equatable {
  /// Unique within the task.
  public var name: String
  /// Whether what it does can be undone.
  public var isRevertible: Bool
  /// What nobody else may hold while it runs.
  public var exclusiveKeys: [String]

  public init(_ name: String, isRevertible: Bool = false, exclusiveKeys: [String] = []) {
    self.name = name
    self.isRevertible = isRevertible
    self.exclusiveKeys = exclusiveKeys
  }
}
