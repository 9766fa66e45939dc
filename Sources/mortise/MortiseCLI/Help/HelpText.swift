/// What `mortise help` prints, made from the table of commands.
enum HelpText {
  /// The width that help is written for; it is the same in a pipe and on a wide terminal.
  static let columns = 80

  static func overview(_ commands: [Command], _ globalOptions: [Option]) -> String {
    var lines = [
      "mortise runs plan-centric operators: you declare resources, the host plans what",
      "leads to them and carries it out, each task in a plugin.", "",
      "Usage: mortise COMMAND [ARGUMENTS]",
      "", "Commands:",
    ]
    lines += definitions(commands.map { ($0.name, $0.summary) })
    lines += ["", "Options of every command:"]
    lines += definitions(all(globalOptions).map { ($0.spelling, $0.summary) })
    lines += [""] + exitCodes() + ["", "For one command: mortise help COMMAND"]
    return lines.joined(separator: "\n")
  }

  static func page(_ command: Command, _ globalOptions: [Option]) -> String {
    var lines = DisplayText.wrapped("mortise \(command.name): \(command.summary)", to: columns)
    lines += ["", "Usage:"]
    lines += synopsis(command, to: columns - 2).map { "  " + $0 }
    for paragraph in command.details {
      lines += [""] + DisplayText.wrapped(paragraph, to: columns)
    }
    if !command.positionals.isEmpty {
      lines += ["", "Arguments:"] + definitions(command.positionals.map { ($0.name, $0.summary) })
    }
    let options = command.options + all(globalOptions)
    lines += ["", "Options:"] + definitions(options.map { ($0.spelling, $0.summary) })
    lines += ["", "Examples:"]
    for example in command.examples { lines += ["  # \(example.purpose)", "  \(example.line)"] }
    return (lines + [""] + exitCodes()).joined(separator: "\n")
  }

  /// The synopsis in lines, none of which ends within an option.
  static func synopsis(_ command: Command, to columns: Int = columns) -> [String] {
    let parts = ["mortise \(command.name)"] + command.synopsisParts
    var lines = [parts[0]]
    for part in parts.dropFirst() {
      let longer = "\(lines[lines.count - 1]) \(part)"
      if DisplayText.width(longer) <= columns {
        lines[lines.count - 1] = longer
      } else {
        lines.append("  " + part)
      }
    }
    return lines
  }

  static let helpOption = Option(flag: "help", short: "h", "Show help for the command")

  static func all(_ globalOptions: [Option]) -> [Option] { globalOptions + [helpOption] }

  private static func exitCodes() -> [String] {
    ["Exit status:"] + definitions(ExitCode.allCases.map { ("\($0.rawValue)", $0.meaning) })
  }

  /// Terms to the left, what they mean to the right.
  private static func definitions(_ entries: [(term: String, meaning: String)]) -> [String] {
    let indentation = min(24, (entries.map(\.term.count).max() ?? 0) + 4)
    let margin = String(repeating: " ", count: indentation)
    return entries.flatMap { entry -> [String] in
      var lines = DisplayText.wrapped(entry.meaning, to: columns - indentation).map { margin + $0 }
      let term = "  " + entry.term
      if DisplayText.width(term) + 2 <= indentation, let first = lines.first {
        lines[0] = DisplayText.padded(term, to: indentation) + first.dropFirst(indentation)
        return lines
      }
      return [term] + lines
    }
  }
}
