internal import Model

/// What came of asking for a task's phases.
enum TaskExpansion: Sendable, Equatable {
  /// A type that does not expand has one phase without a name.
  case phases([TaskPhase], revertedBy: RevertMeans)
  /// It can't be asked now: whoever can change that wakes the resource.
  case absent(String)
  /// Asked again after a back-off: nothing is done by it.
  case lost(TaskError)
  case failed(TaskError)
}
