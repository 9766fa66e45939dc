public import JSON

/// Tells the host about a task that answered `running`, from any thread.
public struct TaskUpdates: Sendable {
  /// What is told: the outputs are JSON already, because one channel serves all types.
  public enum Update: Sendable {
    case progress(Progress)
    case complete(outputs: JSONValue)
    case failed(TaskFailure)
  }

  private let push: @Sendable (Update) -> Void

  /// - Parameter push: takes each update in turn; a test collects them, the default drops them.
  public init(_ push: @escaping @Sendable (Update) -> Void = { _ in }) {
    self.push = push
  }

  /// Shows how far the task is. It is not journalled and may be dropped for a newer one.
  public func report(_ progress: Progress) { push(.progress(progress)) }

  /// Ends the task: the outcome is journalled, then pushed. Only the first end of a step counts.
  public func finish(outputs: JSONValue = [:]) { push(.complete(outputs: outputs)) }

  /// Ends the task as failed, as `finish` does.
  public func fail(_ failure: TaskFailure) { push(.failed(failure)) }
}
