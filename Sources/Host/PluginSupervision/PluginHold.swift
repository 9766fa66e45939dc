/// What an operator has ordered of a plugin, over restarts of the host.
public enum PluginHold: String, Sendable, CaseIterable {
  /// Takes no new tasks; ends when those that it began are done.
  case draining = "Draining"
  /// Does not run; what it began waits.
  case disabled = "Disabled"
}
