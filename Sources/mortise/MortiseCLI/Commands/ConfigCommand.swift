internal import Daemon

extension CommandTable {
  static let configCheck = Command(
    name: "config check",
    summary: "check a host's configuration without starting it",
    details: [
      "All that is wrong is told at once, each with file, line, column and path. What a host "
        + "would still need to be told by flags is named, too, but is nothing wrong."
    ],
    positionals: [
      Positional("FILE", .optional, "The configuration; mortise.yaml where not given")
    ],
    examples: [
      Command.Example("mortise config check /etc/mortise/mortise.yaml", "Before a restart")
    ],
    action: .blocking { invocation throws(CommandFailure) in
      let file = invocation.arguments.positional(0) ?? "mortise.yaml"
      let configuration = try HostConfiguration(checking: invocation.surroundings.absolute(file))
      try invocation.console.print("\(file) is in order")
      for (option, value) in [
        (StartOptions.state, configuration.stateDirectory),
        (StartOptions.plugins, configuration.pluginDirectory),
      ] where value == nil {
        try invocation.console.print(
          "\"\(option.name)\" is not set: mortise serve needs "
            + "--\(option.name) \(option.placeholder)")
      }
      return .ok
    })
}

extension CommandTable {
  static let configShow = Command(
    name: "config show",
    summary: "print what a host would run with: its file, flags and defaults, as one file",
    details: [
      "Takes the same options as serve, and prints what is meant by them: a mortise.yaml that says "
        + "everything."
    ],
    options: ServeSettings.options,
    examples: [
      Command.Example(
        "mortise config show --config /etc/mortise/mortise.yaml", "What does the file come to?"),
      Command.Example(
        "mortise config show --config mortise.yaml --log-level debug", "With a flag over it?"),
    ],
    action: .blocking { invocation throws(CommandFailure) in
      let settings = try ServeSettings(invocation).read()
      try invocation.console.write(YAMLWriter.document(settings.document))
      return .ok
    })
}
