public import PluginProto

/// What the supervisor tells its host, on the loop, in the order in which it happened.
public enum PluginEvent: Sendable {
  /// The plugin takes calls through this handle; also after a connection was made anew.
  case ready(PluginHandle)
  /// New work of its types goes to this version from now on, and not to the one before.
  case serves(name: String, version: String, taskTypes: Set<String>)
  /// An external plugin takes calls; it did not before.
  case joined(name: String, version: String, socket: String)
  /// An external plugin takes no calls any more; what it worked on is unknown.
  case left(name: String, version: String, reason: String)
  /// A socket is there, and what listens is not taken for a plugin.
  case notAccepted(name: String, reason: String)
  /// Several plugins offer one task type: new tasks go to the first of these, by name.
  case typeShared(type: String, plugins: [String])
  /// Several drivers would converge intents of this kind on these targets: the first of them, by name, does.
  case intentsShared(kind: String, targets: String, plugins: [String])
  /// A process ended without having been asked to: once for each process. What was in flight in it
  /// is unknown, not failed.
  case gone(name: String, exit: PluginExit)
  /// An asynchronous task of the plugin has news.
  case task(PluginV1.TaskUpdate, plugin: String)
  /// A target of the driver, or what is on it, has changed.
  case target(PluginV1.TargetChange, plugin: String)
  /// Updates were lost: treat everything of the plugin as changed.
  case updatesReset(plugin: String)
  /// The folder of a version that runs holds something else now; it goes on as it was.
  case changeRefused(name: String, reason: String)
  /// The plugin is not started again until it is reset.
  case quarantined(name: String, reason: String)
}
