/// The one answer of a step that did not fail.
public enum TaskOutcome<Outputs: Codable & Sendable>: Sendable {
  /// The task is done.
  case complete(Outputs)

  /// The task goes on after the call (`ExternalTask` only).
  ///
  /// Give the rest of the work as `work`: it begins once this answer is journalled, its outcome is
  /// journalled and pushed to the host, and it is cancelled with the task. Without it, end the task
  /// yourself by `context.updates.finish`.
  case running(
    handle: [UInt8] = [], progress: Progress? = nil,
    work: (@Sendable () async throws -> TaskOutcome<Outputs>)? = nil)

  /// The host writes the intents, waits for the gate, and calls the next step.
  case wait(Wait)
}

extension TaskOutcome where Outputs == NoOutputs {
  /// Done, with nothing to hand on.
  public static var complete: TaskOutcome { .complete(NoOutputs()) }
}

/// How far a running task is, for people.
public struct Progress: Sendable, Equatable {
  public var message: String
  /// 0 to 100.
  public var percent: Int

  public init(_ message: String, percent: Int = 0) {
    self.message = message
    self.percent = percent
  }
}
