internal import Daemon
internal import Diagnostics
internal import Manifests

extension CommandTable {
  static let serve = Command(
    name: "serve",
    summary: "run a host until SIGTERM or SIGINT",
    details: [
      "The host keeps everything in its state directory, which one host at a time holds, and "
        + "starts the plugins of the plugin directory: a folder each, with a plugin.yaml. "
        + "The workloads of its drivers go on when it stops; the next host takes them over.",
      "Everything can be said in a file, too, whose fields docs/configuration.md lists; flags "
        + "override it. SIGHUP makes the host read the file again: it takes over the log's level "
        + "and the grace, and names in its log what waits for a restart.",
      "SIGTERM and SIGINT end the host in order and within the grace; a second one ends it on "
        + "the spot.",
    ],
    options: ServeSettings.options,
    examples: [
      Command.Example("mortise serve --config /etc/mortise/mortise.yaml", "A host of this machine"),
      Command.Example(
        "mortise serve --state ./state --plugins ./plugins --socket ./host.sock",
        "A host to try things with"),
    ],
    action: .blocking { invocation throws(CommandFailure) in
      let reader = ServeSettings(invocation)
      let settings = try reader.read()
      do throws(HostError) {
        try Host.serve(settings) { () throws(HostError) in
          do throws(CommandFailure) {
            return try reader.read()
          } catch {
            throw HostError(error.message)
          }
        }
      } catch {
        throw CommandFailure(.failed, "mortise serve: \(error)")
      }
      return .ok
    })
}

/// Options of the commands that start a host.
enum StartOptions {
  static let state = Option("state", .text("DIR"), "Where the host keeps everything")
  static let plugins = Option("plugins", .text("DIR"), "Where the plugins are: a folder each")
}

/// What `serve` was told, by its file and by its flags.
struct ServeSettings: Sendable {
  static let configOption = Option("config", .text("FILE"), "The host's configuration, in YAML")
  static let logFormatOption = Option(
    "log-format", .choice(["text", "json"]),
    "How the log on standard error looks; by default text on a terminal, JSON lines elsewhere")
  static let logLevelOption = Option(
    "log-level", .choice(LogLevel.allCases.map(\.name)), "The least that is logged; info by default"
  )
  static let stopGraceOption = Option(
    "stop-grace", .duration, "How long calls and plugins may take to end; 10s by default")

  static let startParkedOption = Option(
    "start-parked", .flag, "Deliver no task until mortise unpark all")

  static let options = [
    configOption, StartOptions.state, StartOptions.plugins, logFormatOption, logLevelOption,
    stopGraceOption, startParkedOption,
  ]

  private let invocation: Invocation

  init(_ invocation: Invocation) {
    self.invocation = invocation
  }

  /// Reads the file, anew each time, and lays the flags over it.
  ///
  /// - Throws: exit code 5 where the file is wrong, 2 where neither says what is needed.
  func read() throws(CommandFailure) -> HostSettings {
    let arguments = invocation.arguments
    let surroundings = invocation.surroundings
    let file = try arguments.value(Self.configOption).map { path throws(CommandFailure) in
      try HostConfiguration(checking: surroundings.absolute(path))
    }
    func directory(_ option: Option, _ configured: String?) throws(CommandFailure) -> String {
      if let path = arguments.value(option).map(surroundings.absolute) ?? configured { return path }
      throw CommandFailure(
        .usage,
        "mortise serve: --\(option.name) \(option.placeholder) is missing, and no file of --config "
          + "says \"\(option.name)\". See: mortise help serve")
    }
    var settings = HostSettings(
      stateDirectory: try directory(StartOptions.state, file?.stateDirectory),
      pluginDirectory: try directory(StartOptions.plugins, file?.pluginDirectory),
      socketPath: surroundings.absolute(
        HostLink.socketPath(arguments, surroundings.environment, configured: file?.socketPath)))
    if let level = arguments.value(Self.logLevelOption).flatMap({ LogLevel(name: $0) })
      ?? file?.logLevel
    {
      settings.logLevel = level
    }
    settings.logFormat =
      arguments.value(Self.logFormatOption).map { $0 == "json" ? .json : .text } ?? file?.logFormat
    settings.stopGrace =
      arguments.duration(Self.stopGraceOption) ?? file?.stopGrace ?? settings.stopGrace
    settings.startParked = arguments.has(Self.startParkedOption)
    settings.externalAcceptance = file?.externalAcceptance
    settings.storeBytesMax = file?.storeBytesMax
    settings.storeHistory = file?.storeHistory
    settings.storeWatches = file?.storeWatches
    return settings
  }
}

extension HostConfiguration {
  /// - Throws: exit code 5 with all that is wrong, a line each.
  init(checking path: String) throws(CommandFailure) {
    do {
      try self.init(file: path)
    } catch {
      throw CommandFailure(.refused, error.description)
    }
  }
}
