/// docs/cli.md, made from the table of commands.
enum HelpMarkdown {
  static func document(_ commands: [Command], _ globalOptions: [Option]) -> String {
    var lines = [
      "<!-- Written by `mortise help --reference cli`; do not edit. -->", "", "# The command line",
      "",
      "`mortise serve` runs a host; every other command talks to one over its Unix socket.",
      "Objects are named `KIND NAME` or `KIND/NAME`; the kind may be singular or plural, in any "
        + "case.", "", "| command | what it does |", "|---|---|",
    ]
    lines += commands.map { command in
      let anchor = command.name.split(separator: " ").joined(separator: "-")
      return "| [`\(command.name)`](#mortise-\(anchor)) | \(escaped(command.summary)) |"
    }
    lines += ["", "## Options of every command", ""] + options(HelpText.all(globalOptions))
    lines += ["", "## Exit status", "", "| status | meaning |", "|---|---|"]
    lines += ExitCode.allCases.map { "| \($0.rawValue) | \(escaped($0.meaning)) |" }
    for command in commands { lines += [""] + section(command) }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func section(_ command: Command) -> [String] {
    var lines = [
      "## mortise \(command.name)", "", sentence(command.summary), "", "```",
    ]
    lines += HelpText.synopsis(command) + ["```"]
    for paragraph in command.details { lines += ["", paragraph] }
    if !command.positionals.isEmpty {
      lines += ["", "| argument | |", "|---|---|"]
      lines += command.positionals.map { "| `\($0.name)` | \(escaped($0.summary)) |" }
    }
    if !command.options.isEmpty { lines += [""] + options(command.options) }
    lines += ["", "```sh"]
    for example in command.examples { lines += ["# \(example.purpose)", example.line] }
    return lines + ["```"]
  }

  private static func options(_ options: [Option]) -> [String] {
    ["| option | |", "|---|---|"]
      + options.map { option in
        let required = option.isRequired ? " Required." : ""
        let repeatable = option.isRepeatable ? " May be repeated." : ""
        return
          "| `\(escaped(option.spelling))` | \(escaped(option.summary)).\(required)\(repeatable) |"
      }
  }

  private static func sentence(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst() + "."
  }

  static func escaped(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }
}
