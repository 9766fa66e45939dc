/// A task that acts through intents alone: it answers which intents should be true and what to wait
/// for, and the host does the rest.
///
/// `execute` must be a pure function of its arguments. The host calls it again with the same task id and
/// attempt and the next step each time the gate of its last `Wait` holds, and may repeat a call whose
/// answer it lost. So the SDK journals nothing, recovers such a task by calling it again, and offers dry
/// runs of it.
public protocol IntentTask: TaskType {
  // Named again, so that they are inferred from `execute`.
  associatedtype Params
  associatedtype Outputs

  /// Kinds of the resource's intents that `execute` is shown in `context.intents`.
  static var intentKinds: [String] { get }

  /// Says what is to be true next, or that all is.
  ///
  /// - Throws: `TaskFailure` fails the attempt; `TaskRefusal` asks to be called again later; any other
  ///   error fails the task with reason `UnhandledError`.
  func execute(
    _ params: Params, _ context: TaskContext
  ) async throws -> TaskOutcome<Outputs>
}
