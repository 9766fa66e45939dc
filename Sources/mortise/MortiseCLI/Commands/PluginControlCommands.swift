internal import PluginProto
internal import TTRPC

/// Orders about one plugin.
extension CommandTable {
  static let pluginArgument = Positional(
    "PLUGIN", .required, "NAME for all of its versions, or NAME@VERSION for one")
  private static let noteOption = Option(
    "note", .text("TEXT"), "Why, for whoever looks later; kept with the order")

  static let pluginsRestart = pluginCommand(
    "restart", .restart, done: "restarted",
    summary: "end a plugin's process and start it again, by what its folder holds now",
    details: "Tasks in flight are recovered by the new process. Refused where that would give "
      + "them to another executable than the one that began them.")

  static let pluginsReset = pluginCommand(
    "reset", .reset, done: "is tried again",
    summary: "try a quarantined plugin again, by what its folder holds now")

  static let pluginsDrain = pluginCommand(
    "drain", .drain, done: "takes no new tasks",
    summary: "let a plugin finish what it began, and end it then",
    details: "New tasks go to the version before it, where there is one. Holds over restarts of "
      + "the host, until plugins enable.",
    hasNote: true)

  static let pluginsDisable = pluginCommand(
    "disable", .disable, done: "disabled",
    summary: "end a plugin and don't start it again until it is enabled",
    details: "Tasks that it began wait for it. Holds over restarts of the host.", hasNote: true)

  static let pluginsEnable = pluginCommand(
    "enable", .enable, done: "enabled", summary: "undo plugins drain and plugins disable")

  private static func pluginCommand(
    _ verb: String, _ action: HostV1.PluginAction, done: String, summary: String,
    details: String? = nil, hasNote: Bool = false
  ) -> Command {
    Command(
      name: "plugins \(verb)", summary: summary, details: details.map { [$0] } ?? [],
      positionals: [pluginArgument], options: hasNote ? [noteOption] : [],
      examples: [Command.Example("mortise plugins \(verb) workload", "\(verb) all its versions")],
      action: .onLoop { invocation, link throws(CommandFailure) in
        let name = invocation.arguments.positionals.first ?? ""
        let session = try await link.connect()
        defer { session.client.close() }
        let plugins = try await session.controlPlugin(
          name, action, note: invocation.arguments.value(noteOption) ?? "")
        for plugin in plugins {
          try invocation.console.print("\(plugin.name)@\(plugin.version) \(done): \(plugin.state)")
        }
        return .ok
      })
  }
}
