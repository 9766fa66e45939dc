/// An external task that can say what it would do. (`IntentTask`s can by nature.)
public protocol PreviewableTask: ExternalTask {
  // Named again, so that it is inferred from `execute`.
  associatedtype Params

  /// Says, for people, what `execute` would do now; does nothing. Nothing of it is journalled.
  ///
  /// - Throws: `TaskFailure` where it would fail, and why.
  func preview(_ params: Params, _ context: TaskContext) async throws -> String
}
