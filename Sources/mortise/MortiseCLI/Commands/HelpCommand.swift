extension CommandTable {
  private static let referenceOption = Option(
    "reference", .choice(ReferencePage.allCases.map(\.rawValue)),
    "A page of Markdown: these are docs/cli.md, docs/blueprints.md and docs/configuration.md")

  static let help = Command(
    name: "help", summary: "show help for a command, or the list of commands",
    positionals: [Positional("COMMAND", .repeated, "All of them where not given")],
    options: [referenceOption],
    examples: [Command.Example("mortise help apply", "How does apply work?")],
    action: .blocking { invocation throws(CommandFailure) in
      let reference = invocation.arguments.value(referenceOption)
      if let page = reference.flatMap(ReferencePage.init(rawValue:)) {
        try invocation.console.write(page.text)
      } else {
        let name = invocation.arguments.positionals.joined(separator: " ")
        let command = name.isEmpty ? nil : try parser.command(named: name)
        try invocation.console.print(helpText(command))
      }
      return .ok
    })

  static func helpText(_ command: Command?) -> String {
    command.map { HelpText.page($0, globalOptions) }
      ?? HelpText.overview(commands, globalOptions)
  }
}
