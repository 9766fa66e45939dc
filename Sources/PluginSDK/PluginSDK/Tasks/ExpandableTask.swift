/// A task type that is long enough to be carried out in phases, and says which.
///
/// Each phase is a task of its own, with its own id: `execute` is called with `TaskContext.phase`, and
/// the host stores how far it has come before the next phase begins.
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
  /// Whether cancelling and rolling back are refused from the moment at which this phase is reached.
  public var isPointOfNoReturn: Bool
  /// Intents that may be there afterwards and need room on their targets: the host holds them against
  /// the drivers' capacity before the first phase. An empty target is the task's own.
  public var adds: [IntentKey]

  public init(
    _ name: String, isRevertible: Bool = false, exclusiveKeys: [String] = [],
    isPointOfNoReturn: Bool = false, adds: [IntentKey] = []
  ) {
    self.name = name
    self.isRevertible = isRevertible
    self.exclusiveKeys = exclusiveKeys
    self.isPointOfNoReturn = isPointOfNoReturn
    self.adds = adds
  }
}
