internal import PluginProto
internal import TTRPC

/// Calling plugins that somebody else runs, a debugger for instance.
extension CommandTable {
  static let pluginsAttach = Command(
    name: "plugins attach",
    summary: "call the plugin that listens at a socket, before any installed one of its name",
    details: [
      "Start the plugin with --socket PATH, under a debugger for instance, and attach it: the host "
        + "gives it the new tasks of its types, with the grants and the configuration of the plugin.yaml "
        + "of its name. When it ends, they go to the installed version again; when it listens at the same "
        + "path again, back to it. Holds over restarts of the host, until plugins detach.",
      "A plugin that is not accepted within 30 s is not attached; the reason is told.",
    ],
    positionals: [Positional("SOCKET", .required, "Path of the socket that it listens at")],
    examples: [
      Command.Example("mortise plugins attach /tmp/files.sock", "A plugin under a debugger")
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let path = invocation.surroundings.absolute(invocation.arguments.positionals.first ?? "")
      let session = try await link.connect()
      defer { session.client.close() }
      for plugin in try await session.controlPlugin(path, .attach, note: "") {
        let types =
          plugin.taskTypes.isEmpty ? "" : ", serves " + plugin.taskTypes.joined(separator: ", ")
        try invocation.console.print(
          "\(plugin.name)@\(plugin.version) attached: \(plugin.state)\(types)")
      }
      return .ok
    })

  static let pluginsDetach = Command(
    name: "plugins detach",
    summary: "let go of an attached plugin; its process goes on",
    positionals: [Positional("PLUGIN", .required, "Its name or its socket's path")],
    examples: [
      Command.Example("mortise plugins detach files", "New tasks go to the installed version again")
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let named = invocation.arguments.positionals.first ?? ""
      // A name stands for itself; what has a slash is a path.
      let name = named.contains("/") ? invocation.surroundings.absolute(named) : named
      let session = try await link.connect()
      defer { session.client.close() }
      _ = try await session.controlPlugin(name, .detach, note: "")
      try invocation.console.print("\(name) detached")
      return .ok
    })
}
