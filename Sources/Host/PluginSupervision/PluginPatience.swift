/// How long the host waits for a plugin that is Ready before it takes it for hung.
public struct PluginPatience: Sendable, Equatable {
  /// How long a plugin may hold an Updates call that has nothing to tell.
  public var updatesWait: Duration = .seconds(30)

  /// How much later than that the answer may come; then the host connects anew.
  public var updatesSlack: Duration = .seconds(10)

  /// How long Health may take; then the host connects anew.
  public var health: Duration = .seconds(10)

  public init() {}
}
