/// How long the host waits for a plugin: before it takes one for hung, for not acceptable or for not
/// needed any more.
public struct PluginPatience: Sendable, Equatable {
  /// How long a plugin may hold an Updates call that has nothing to tell.
  public var updatesWait: Duration = .seconds(30)

  /// How much later than that the answer may come; then the host connects anew.
  public var updatesSlack: Duration = .seconds(10)

  /// How long Health may take; then the host connects anew.
  public var health: Duration = .seconds(10)

  /// How long an external plugin may take from its socket's appearance until it takes calls; then it is
  /// refused.
  public var acceptance: Duration = .seconds(30)

  /// How long a version that was started for a pinned task goes on when nobody asks for it.
  public var unasked: Duration = .seconds(60)

  public init() {}
}
