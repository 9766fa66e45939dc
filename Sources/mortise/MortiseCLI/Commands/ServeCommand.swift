internal import Daemon
internal import Diagnostics

extension CommandTable {
  private static let logFormatOption = Option(
    "log-format", .choice(["text", "json"]),
    "How the log on standard error looks; by default text on a terminal, JSON lines elsewhere")
  private static let logLevelOption = Option(
    "log-level", .choice(LogLevel.allCases.map(\.name)), "The least that is logged; info by default"
  )

  static let serve = Command(
    name: "serve",
    summary: "run a host until SIGTERM or SIGINT",
    details: [
      "The host keeps everything in its state directory, which one host at a time holds, and "
        + "starts the plugins of the plugin directory: a folder each, with a plugin.yaml. "
        + "The workloads of its drivers go on when it stops; the next host takes them over."
    ],
    options: [
      StartOptions.state.required, StartOptions.plugins.required, logFormatOption, logLevelOption,
    ],
    examples: [
      Example(
        "mortise serve --state /var/lib/mortise --plugins /usr/lib/mortise/plugins",
        "A host of this machine"),
      Example(
        "mortise serve --state ./state --plugins ./plugins --socket ./host.sock --log-level debug",
        "A host to try things with"),
    ],
    action: .blocking { invocation throws(CommandFailure) in try startHost(invocation) })

  private typealias Example = Command.Example

  private static func startHost(_ invocation: Invocation) throws(CommandFailure) -> ExitCode {
    let surroundings = invocation.surroundings
    func path(_ option: Option) -> String {
      surroundings.absolute(invocation.arguments.value(option) ?? "")
    }
    let format: LogFormat? =
      switch invocation.arguments.value(logFormatOption) {
      case "text": .text
      case "json": .json
      default: nil
      }
    let settings = HostSettings(
      stateDirectory: path(StartOptions.state), pluginDirectory: path(StartOptions.plugins),
      socketPath: surroundings.absolute(
        HostLink.socketPath(invocation.arguments, surroundings.environment)),
      logLevel: invocation.arguments.value(logLevelOption).flatMap { LogLevel(name: $0) } ?? .info,
      logFormat: format)
    do throws(HostError) {
      try Host.serve(settings)
    } catch {
      throw CommandFailure(.failed, "mortise serve: \(error)")
    }
    return .ok
  }
}

/// Options of the commands that start a host.
enum StartOptions {
  static let state = Option("state", .text("DIR"), "Where the host keeps everything")
  static let plugins = Option("plugins", .text("DIR"), "Where the plugins are: a folder each")
}
