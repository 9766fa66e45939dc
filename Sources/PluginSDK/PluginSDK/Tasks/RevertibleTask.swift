/// An external task whose effect can be undone.
///
/// A revert is a piece of work like any other: the host gives it a task id of its own, and the SDK
/// journals, joins, replays and cancels it as it does `execute`.
public protocol RevertibleTask: ExternalTask {
  // Named again, so that they are inferred from `execute`.
  associatedtype Params
  associatedtype Outputs

  /// Undoes what `execute` did with the same params, as far as it is still there; what isn't there is
  /// undone.
  ///
  /// - Cancellation: as for `execute`.
  /// - Throws: as `execute` does.
  func revert(_ params: Params, _ context: TaskContext) async throws -> TaskOutcome<Outputs>

  /// Finds out what became of a revert that began and of which the journal shows no end.
  ///
  /// - Returns: `unknown` unless the type says better.
  func recoverRevert(
    _ params: Params, handle: [UInt8], _ context: TaskContext
  ) async throws -> Recovery<Outputs>
}

extension RevertibleTask {
  /// By default the journal's word is all there is.
  public func recoverRevert(
    _ params: Params, handle: [UInt8], _ context: TaskContext
  ) async throws -> Recovery<Outputs> { .unknown }
}
