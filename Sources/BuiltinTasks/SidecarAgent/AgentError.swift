public import LinuxSystem

/// What keeps the agent from starting or from accepting work.
public enum AgentError: Error, Sendable {
  /// A setting of the environment is missing or wrong.
  case setting(name: String, problem: String)
  /// A file in the state directory is not what the agent wrote.
  case corruptState(path: String, problem: String)
  case system(SystemError)
  /// libmicrohttpd did not start; it names no reason of its own.
  case httpServer(address: String)
}

extension AgentError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .setting(let name, let problem):
      "environment variable \(name): \(problem)"
    case .corruptState(let path, let problem):
      "state file \(path): \(problem); move it away to start without it"
    case .system(let error):
      "\(error)"
    case .httpServer(let address):
      "HTTP server on \(address) did not start: raise the limit of threads or open files"
    }
  }
}
