/// Whoever keeps one plugin going, or follows one that others keep going.
protocol PluginRunning: Actor {
  nonisolated var meter: PluginMeter { get }
  /// The plugin.yaml that it goes by; nil where there is none.
  var rules: PluginManifest? { get }
  func start()
  /// Returns once nothing of the plugin is in use.
  func stop(grace: Duration) async
  /// As `stop`, for good.
  func close(grace: Duration) async
  /// A driver may be configured: the version before it has ended.
  func proceed()
  /// Tries again what was given up.
  func reset()
}
