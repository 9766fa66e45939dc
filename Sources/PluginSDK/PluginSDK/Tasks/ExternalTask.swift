/// A task that touches the world itself: a database, a device, another service.
///
/// The SDK journals (task id, attempt, step) before it calls `execute` and the outcome after, so:
/// - a finished step is never run again: a repeated Execute and a Recover replay its outcome;
/// - a call for a step that runs in this process joins it;
/// - only where the plugin died between the two records does anyone have to ask `recover`.
public protocol ExternalTask: TaskType {
  // Named again, so that they are inferred from `execute`.
  associatedtype Params
  associatedtype Outputs

  /// Whether running the same attempt again does no harm, even if it ran already. The host then runs an
  /// attempt with an unknown outcome again; otherwise it parks the task for a person.
  static var isIdempotent: Bool { get }

  /// Does the work, or starts it.
  ///
  /// - Cancellation: the surrounding Swift task is cancelled when the host cancels the task. A dropped
  ///   connection does not cancel it: the outcome is journalled and found by Recover.
  /// - Throws: `TaskFailure` fails the attempt; `TaskRefusal` promises that nothing was done; any other
  ///   error fails the task with reason `UnhandledError`.
  func execute(
    _ params: Params, _ context: TaskContext
  ) async throws -> TaskOutcome<Outputs>

  /// Finds out what became of a step that began and of which the journal shows no end.
  ///
  /// Asked only then: the plugin process died during the step, or after it answered `running`.
  /// - Parameter handle: what the `running` answer carried; empty where the step never got to one.
  /// - Returns: `unknown` unless the type says better.
  func recover(
    _ params: Params, handle: [UInt8], _ context: TaskContext
  ) async throws -> Recovery<Outputs>
}

extension ExternalTask {
  public static var isIdempotent: Bool { false }

  /// By default the journal's word is all there is.
  public func recover(
    _ params: Params, handle: [UInt8], _ context: TaskContext
  ) async throws -> Recovery<Outputs> { .unknown }
}

/// What became of a step whose end was not journalled.
public enum Recovery<Outputs: Codable & Sendable>: Sendable {
  /// Nothing was done: the host executes the same attempt.
  case notStarted
  /// It ended, with this outcome; `running` where it still goes on.
  case finished(TaskOutcome<Outputs>)
  /// Nobody can tell: the host decides by `isIdempotent`.
  case unknown
}
