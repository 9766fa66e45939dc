internal import Execution
internal import JSON
internal import Model

/// The engine's way to task types: plugins in the daemon, recorders in tests.
///
/// No member throws: whatever goes wrong is an answer, and `Disposition` decides what it means.
protocol TaskDispatcher: Sendable {
  /// Who carries out a task of the type that has not begun.
  ///
  /// - Parameter range: of the type's version; empty = any.
  func prospect(ofType type: String, range: String) -> TaskProspect
  func execute(_ delivery: TaskDelivery) async -> (TaskAnswer, from: TaskProvider?)
  func recover(_ delivery: TaskDelivery) async -> RecoveryAnswer
  /// Asks for the end of the task, which is told as any other end.
  ///
  /// - Returns: false where no plugin is there; else true, even where the call was lost.
  func cancel(_ delivery: TaskDelivery) async -> Bool
  /// What a plugin pushed of the delivered task, held against what its type declares and what the
  /// plugin may do; nil where no plugin serves the type now.
  func checked(_ answer: TaskAnswer, of delivery: TaskDelivery) -> TaskAnswer?
  /// The phases of a run; nothing is done.
  func expand(_ run: TaskRun, of resource: Resource) async -> TaskExpansion
  /// Kinds of intents that the task is shown; empty where its plugin is away.
  func intentKinds(of task: PlannedTask) -> Set<String>
  /// All that the host had to recover from this version is recovered.
  ///
  /// - Parameter id: `name@version`.
  /// - Returns: whether the plugin was told, or can't be.
  func recoveryComplete(_ id: String) async -> Bool
  /// Best effort: these tasks are never asked about again.
  func forget(_ taskIDs: [String], types: Set<String>) async
}

/// One delivery: (task id, attempt, step) with all that a plugin needs.
struct TaskDelivery: Sendable {
  var task: PlannedTask
  var params: JSONValue
  var resource: ObjectKey
  var resourceUID: String
  var target: String
  /// All intents of the resource; a task type receives those that it declares.
  var intents: [Intent]
}
