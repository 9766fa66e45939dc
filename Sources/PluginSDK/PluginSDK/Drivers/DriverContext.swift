public import JSON
public import TTRPC

/// What a driver gets when it starts; it keeps it.
public struct DriverContext: Sendable {
  /// Tells the host what changed, so that nobody has to poll.
  public var updates: DriverUpdates
  /// The `config` of plugin.yaml.
  public var config: JSONValue
  /// A directory of the plugin's own that outlives it; its names must not begin with "journal".
  public var stateDirectory: String
  /// Where the driver's calls run, and where it may wait for time and descriptors.
  public var loop: EventLoop
  /// Writes to the plugin's log.
  public var log: PluginLog

  public init(
    updates: DriverUpdates = DriverUpdates(), config: JSONValue = [:], stateDirectory: String,
    loop: EventLoop, log: PluginLog = PluginLog()
  ) {
    self.updates = updates
    self.config = config
    self.stateDirectory = stateDirectory
    self.loop = loop
    self.log = log
  }
}

/// Tells the host that a target or intents on it changed, from any thread.
public struct DriverUpdates: Sendable {
  private let push: @Sendable (_ target: TargetState, _ changed: [IntentKey]) -> Void

  /// - Parameter push: takes each change in turn; a test collects them, the default drops them.
  public init(
    _ push: @escaping @Sendable (_ target: TargetState, _ changed: [IntentKey]) -> Void = { _, _ in
    }
  ) {
    self.push = push
  }

  /// The target became reachable or unreachable.
  public func reachability(_ target: TargetState) { push(target, []) }

  /// What these intents observe may have changed: the host verifies them and wakes who waits on them.
  ///
  /// - Parameter target: the reachable target that all of them are on.
  public func changed(_ intents: [IntentKey], on target: String) {
    if !intents.isEmpty { push(TargetState(target), intents) }
  }
}
