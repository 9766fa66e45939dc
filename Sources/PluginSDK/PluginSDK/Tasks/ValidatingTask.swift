/// A task type that knows more of its params than a schema can say.
///
/// The host asks before the first Execute of a task, and when somebody wants to know what a plan would
/// do: a task with problems fails at once (InvalidParams), with nothing done and no retry.
public protocol ValidatingTask: TaskType {
  // Named again, so that it is inferred from `execute`.
  associatedtype Params

  /// What is wrong with the params beyond their schema; empty where nothing is. Does nothing else.
  ///
  /// - Cancellation: as any answer that nobody waits for any more.
  func validate(_ params: Params) async -> [String]
}
