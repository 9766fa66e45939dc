/// How a plugin's process ended without having been asked to.
public struct PluginExit: Sendable, Equatable, CustomStringConvertible {
  /// What ended it.
  public enum Cause: Sendable, Equatable {
    case code(Int32)
    case signal(Int32)
    /// There never was a process: why.
    case notStarted(String)
  }

  public var cause: Cause
  /// Of the plugin.
  public var version: String
  /// The process; 0 where there was none.
  public var pid: Int32
  /// The host ended it for this reason: it was not ready in time, or not what plugin.yaml says.
  public var endedByHost: String?
  /// The last lines that it wrote to stderr, oldest first.
  public var lastLines: [String]

  public var description: String {
    let ending =
      switch cause {
      case .code(let code): "exited with code \(code)"
      case .signal(let signal): "ended by signal \(signal)"
      case .notStarted(let reason): "not started: \(reason)"
      }
    return endedByHost.map { "\(ending) (by the host: \($0))" } ?? ending
  }
}
