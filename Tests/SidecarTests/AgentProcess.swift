import Glibc
import JSON
import LinuxSystem
import TestPlaces

/// A real sidecar-agent on a port of the kernel's choice, with a pod's directories around it.
final class AgentProcess {
  let pod: TemporaryDirectory
  private(set) var url = ""
  private let variables: [String: String]
  private var process: SpawnedProcess?

  var port: String { String(url.split(separator: ":").last ?? "") }
  var configFile: String { pod.path + "/node.conf" }
  var stateDirectory: String { pod.path + "/state" }

  /// - Parameter variables: added to, or put in place of, the pod's usual ones; "" unsets one.
  init(_ variables: [String: String] = [:]) throws {
    pod = TemporaryDirectory()
    self.variables = variables
    try start()
  }

  deinit { try? kill() }

  /// Starts the agent and reads where it listens.
  ///
  /// - Parameter port: the one that it had before, so that clients find it again.
  func start(port: String = "0") throws {
    var environment = [
      "POD_IP": "127.0.0.1", "SIDECAR_PORT": port, "STATE_DIR": stateDirectory,
      "CONFIG_FILE": configFile, "VALIDATE_COMMAND": #"! grep -q broken "$CONFIG_FILE""#,
    ]
    for (name, value) in variables { environment[name] = value }
    let output = try Pipe()
    let path = BuiltProducts.path("sidecar-agent")
    process = try spawn(
      ProcessSpec(
        .path(path), arguments: [path], environment: environment,
        descriptors: [.init(output.writeEnd, as: 1)]))
    output.writeEnd.close()
    let line = try output.readEnd.read(upTo: 4096)
    guard let address = try JSONValue(parsing: line)["address"]?.string else {
      throw SystemError(code: EPROTO, call: "read", subject: "the agent's first line")
    }
    url = "http://\(address)"
  }

  /// Starts it again where it was.
  func restart() throws {
    try start(port: port)
  }

  func signal(_ number: Int32) throws { try process?.pidfd.signal(number) }

  func kill() throws {
    try signal(SIGKILL)
    _ = try waitForEnd()
  }

  /// How the process ended; blocks until it did.
  func waitForEnd() throws -> ExitStatus? {
    guard let ended = process else { return nil }
    var watched = pollfd(fd: ended.pidfd.descriptor.number, events: Int16(POLLIN), revents: 0)
    while poll(&watched, 1, -1) < 0, errno == EINTR {}
    process = nil
    return try ended.pidfd.reap()
  }

  func config() throws -> String {
    String(decoding: try FileSystem.read(configFile), as: UTF8.self)
  }

  /// `effect id` of each line of the effects log.
  func effects() throws -> [String] {
    try FileSystem.read(stateDirectory + "/effects.log").split(separator: UInt8(ascii: "\n")).map {
      let line = try JSONValue(parsing: Array($0))
      return "\(line["effect"]?.string ?? "?") \(line["id"]?.string ?? "?")"
    }
  }

}
