internal import Execution
internal import JSON
internal import Model

/// The engine's way to ask what a task would do: plugins in the daemon, a script in tests.
protocol TaskRehearsal: Sendable {
  /// What a plugin that is ready says of the type; nil = none serves it.
  func offer(of type: String, range: String) -> TaskOffer?
  /// What the type says is wrong with the params, as the answer that Execute would have; nil = nothing.
  func invalidity(of delivery: TaskDelivery) async -> TaskAnswer?
  /// Execute with `dry_run`: nothing is done.
  ///
  /// - Returns: also what would be done in words, of a type that acts externally.
  func rehearse(_ delivery: TaskDelivery) async -> (TaskAnswer, preview: String)
}

/// A task type as the plugin that would carry it out describes it.
struct TaskOffer: Sendable, Equatable {
  /// `name@version`.
  var plugin: String
  var version: String
  var actsThroughIntents: Bool
  var offersDryRun: Bool
  var offersRevert: Bool

  /// Intents are reverted by the host; the rest by its plugin, if at all.
  var isRevertible: Bool { actsThroughIntents || offersRevert }
}
