/// A plugin: its name, its version and what it can do.
///
/// A whole program is `Plugin(name: …, version: …, tasks: […]).run()`.
public struct Plugin: Sendable {
  public let name: String
  /// Semantic version of the plugin.
  public let version: String
  let tasks: [any TaskType]
  let driver: (any Driver)?

  /// - Parameters:
  ///   - tasks: each an `IntentTask` or an `ExternalTask`, of different names.
  ///   - driver: what converges intents, where the plugin does.
  public init(
    name: String, version: String, tasks: [any TaskType] = [], driver: (any Driver)? = nil
  ) {
    self.name = name
    self.version = version
    self.tasks = tasks
    self.driver = driver
  }
}
