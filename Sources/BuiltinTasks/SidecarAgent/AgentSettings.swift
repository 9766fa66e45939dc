import LinuxSystem

/// What the pod tells the agent through its environment.
///
/// Parsed once at start, so that a wrong setting stops the agent with a message that names it
/// instead of failing the first task that needs it.
struct AgentSettings: Sendable, Equatable {
  /// The only address that the agent listens on.
  var address: String
  /// 0 lets the kernel choose; the agent prints what it got.
  var port: UInt16
  /// Kept over restarts of the agent, new for each pod: readiness ends with the pod.
  var stateDirectory: String
  /// The file that the server loads; nil where the workload has none.
  var configFile: String?
  var configFormat: ConfigFormat
  /// Shell text; nil where nothing can validate the configuration.
  var validateCommand: String?
  var validateTimeoutMS: Int
  /// Where a crash test kills the agent; nil outside of tests.
  var failpoint: String?

  /// Bounds for `VALIDATE_TIMEOUT_MS`.
  static let validateTimeoutRangeMS = 100...600_000
  static let defaultValidateTimeoutMS = 10_000

  /// - Parameter environment: looks a variable up; nil where it is not set.
  /// - Throws: `AgentError.setting`, naming the variable and what it should hold.
  init(environment: (String) -> String?) throws(AgentError) {
    func required(_ name: String) throws(AgentError) -> String {
      guard let value = environment(name), !value.isEmpty else {
        throw .setting(name: name, problem: "is not set")
      }
      return value
    }
    func optional(_ name: String) -> String? {
      environment(name).flatMap { $0.isEmpty ? nil : $0 }
    }
    func absolute(_ name: String, _ path: String) throws(AgentError) -> String {
      guard path.hasPrefix("/") else {
        throw .setting(name: name, problem: "'\(path)' is not an absolute path")
      }
      return path
    }
    address = try required("POD_IP")
    let portText = try required("SIDECAR_PORT")
    guard let port = UInt16(portText) else {
      throw .setting(name: "SIDECAR_PORT", problem: "'\(portText)' is not a port (0 to 65535)")
    }
    self.port = port
    stateDirectory = try absolute("STATE_DIR", required("STATE_DIR"))
    configFile = try optional("CONFIG_FILE").map { path throws(AgentError) in
      try absolute("CONFIG_FILE", path)
    }
    configFormat = try Self.format(optional("CONFIG_FORMAT"))
    validateCommand = optional("VALIDATE_COMMAND")
    if validateCommand != nil, configFile == nil {
      throw .setting(name: "CONFIG_FILE", problem: "is not set, but VALIDATE_COMMAND is")
    }
    validateTimeoutMS = try Self.timeout(optional("VALIDATE_TIMEOUT_MS"))
    failpoint = optional(Failpoint.variable)
  }

  private static func format(_ text: String?) throws(AgentError) -> ConfigFormat {
    guard let text else { return .space }
    guard let format = ConfigFormat(rawValue: text) else {
      let known = ConfigFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw .setting(name: "CONFIG_FORMAT", problem: "'\(text)' is none of \(known)")
    }
    return format
  }

  private static func timeout(_ text: String?) throws(AgentError) -> Int {
    guard let text else { return defaultValidateTimeoutMS }
    guard let value = Int(text), validateTimeoutRangeMS.contains(value) else {
      let range = validateTimeoutRangeMS
      throw .setting(
        name: "VALIDATE_TIMEOUT_MS",
        problem: "'\(text)' is not within \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }
}
