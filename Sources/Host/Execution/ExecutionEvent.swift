public import JSON
public import Model

/// What the reconciler tells the machine.
public enum ExecutionEvent: Sendable {
  /// A pass begins.
  case advance
  case recovered(RecoveryAnswer)
  /// The answer to Execute, and who gave it.
  case answered(TaskAnswer, from: TaskProvider?)
  case gate(GateVerdict)
  /// A plugin pushed the end or the progress of a running task.
  /// - Parameter step: nil where it does not say.
  case updated(taskID: String, attempt: Int64, step: Int64? = nil, TaskAnswer)
  /// Nobody is there who could be told to stop.
  case cancelUndeliverable(String)
  /// The store will never take what the pass before came to: the plan fails by that, before its tasks
  /// are carried out once more for nothing.
  case unstorable(String)
}

/// What the reconciler does next; exactly one thing at a time.
public enum ExecutionEffect: Sendable, Equatable {
  /// Ask the plugin what became of an earlier delivery; feed back `recovered`.
  case recover(Int, params: JSONValue)
  /// Deliver the task; feed back `answered`.
  case execute(Int, params: JSONValue)
  /// Persisted Wait: write its intents, register the gate, evaluate; feed back `gate`.
  case converge(Int)
  /// Tell the plugin to stop, then end the pass; feed back `cancelUndeliverable` where nobody is there.
  case cancel(Int)
  /// The pass ends: flush; go on then, or when something changes.
  case rest(until: Timestamp?)
}

/// The plugin that answered.
public struct TaskProvider: Sendable, Equatable {
  /// `name@version`.
  public var plugin: String
  public var digest: String
  /// Who can undo what it does for the task's type; nil where nobody has said.
  public var revertMeans: RevertMeans?

  public init(plugin: String, digest: String, revertMeans: RevertMeans? = nil) {
    self.plugin = plugin
    self.digest = digest
    self.revertMeans = revertMeans
  }
}
