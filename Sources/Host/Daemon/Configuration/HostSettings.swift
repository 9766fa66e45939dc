public import Diagnostics

/// Where a host keeps its things, how it talks and what it may use.
public struct HostSettings: Sendable, Equatable {
  /// Store, plugin sockets, journals and logs; one host at a time holds it.
  public var stateDirectory: String
  /// A folder for each plugin, with its plugin.yaml.
  public var pluginDirectory: String
  /// Where the host's own API listens.
  public var socketPath: String
  public var logLevel: LogLevel
  /// Nil = text on a terminal, JSON lines elsewhere.
  public var logFormat: LogFormat?
  /// From SIGTERM to the end at the latest; what has not ended by then is killed.
  public var stopGrace = Self.stopGraceDefault
  /// How long a plugin that others start may take until it takes calls; nil = as the host has it.
  public var externalAcceptance: Duration?
  /// No task is delivered before an operator unparks them.
  public var startParked = false
  /// Nil = as much as the store takes by itself.
  public var storeBytesMax: Int64?
  /// Changes that are kept for watchers; nil = as many as the store keeps by itself.
  public var storeHistory: Int?
  /// Watches that may wait at once; nil = as many as the store serves by itself.
  public var storeWatches: Int?

  public static let stopGraceDefault = Duration.seconds(10)

  public init(
    stateDirectory: String, pluginDirectory: String, socketPath: String,
    logLevel: LogLevel = .info, logFormat: LogFormat? = nil
  ) {
    self.stateDirectory = stateDirectory
    self.pluginDirectory = pluginDirectory
    self.socketPath = socketPath
    self.logLevel = logLevel
    self.logFormat = logFormat
  }
}

/// What another configuration means for a host that runs.
struct SettingsChange: Sendable, Equatable {
  /// In force at once, by their names in mortise.yaml.
  var applied: [String] = []
  /// In force only after a restart.
  var waiting: [String] = []

  init(from old: HostSettings, to new: HostSettings) {
    func note(_ name: String, _ list: inout [String], _ isSame: Bool) {
      if !isSame { list.append(name) }
    }
    note("log.level", &applied, old.logLevel == new.logLevel)
    note("stop.grace", &applied, old.stopGrace == new.stopGrace)
    note("state", &waiting, old.stateDirectory == new.stateDirectory)
    note("plugins", &waiting, old.pluginDirectory == new.pluginDirectory)
    note("socket", &waiting, old.socketPath == new.socketPath)
    note("log.format", &waiting, old.logFormat == new.logFormat)
    note("external.acceptance", &waiting, old.externalAcceptance == new.externalAcceptance)
    note("store.size", &waiting, old.storeBytesMax == new.storeBytesMax)
    note("store.history", &waiting, old.storeHistory == new.storeHistory)
    note("store.watches", &waiting, old.storeWatches == new.storeWatches)
  }
}
