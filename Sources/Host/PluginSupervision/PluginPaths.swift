/// Where a plugin's files are in the host's state directory.
struct PluginPaths: Sendable {
  let stateDirectory: String
  /// Of its folder.
  let name: String

  /// Only the host's user may enter it: whoever can reach a socket can call the plugin.
  static func socketDirectory(in state: String) -> String { "\(state)/sockets" }
  /// Tells the directory of an external plugin from those of versions.
  static let externalSuffix = "@external"
  static func identityDirectory(in state: String) -> String { "\(state)/run/plugins" }
  static func logDirectory(in state: String) -> String { "\(state)/logs/plugins" }

  var socket: String { "\(Self.socketDirectory(in: stateDirectory))/\(name).sock" }
  /// The version's own, kept over restarts: its journal.
  var ownDirectory: String { "\(stateDirectory)/plugins/\(name)" }
  /// A driver's, which all of its versions share: what it keeps there tells what it has made, and
  /// one of them is configured at a time.
  var driverDirectory: String { "\(stateDirectory)/plugins/\(name.prefix { $0 != "@" })" }
  var log: String { "\(Self.logDirectory(in: stateDirectory))/\(name).log" }
  var identity: String { "\(Self.identityDirectory(in: stateDirectory))/\(name).json" }
  /// The plugin's process writes its pid here before it executes.
  var pid: String { "\(Self.identityDirectory(in: stateDirectory))/\(name).pid" }
}
