/// Where a plugin is in its life. Legal transitions stand with each case.
///
/// - SeeAlso: `docs/plugin-lifecycle.md`.
public enum PluginPhase: String, Sendable, Equatable, CaseIterable {
  /// Its plugin.yaml is read; its executable is not verified yet.
  /// → verified, quarantined, stopped
  case discovered = "Discovered"

  /// Its executable is the one that plugin.yaml promises; its process is being made.
  /// → starting, backoff, quarantined, draining
  case verified = "Verified"

  /// Its process is being made or introduces itself.
  /// → ready, backoff, quarantined, draining
  case starting = "Starting"

  /// It takes calls.
  /// → degraded, backoff, quarantined, draining
  case ready = "Ready"

  /// Its process lives, its connection does not; a new one is being made.
  /// → ready, backoff, quarantined, draining
  case degraded = "Degraded"

  /// Asked to end.
  /// → stopped
  case draining = "Draining"

  /// Ended because it was asked to.
  /// → discovered
  case stopped = "Stopped"

  /// Crashed; started again when its delay is over.
  /// → starting, stopped
  case backoff = "Backoff"

  /// Not started again until an operator resets it.
  /// → discovered, stopped
  case quarantined = "Quarantined"
}
