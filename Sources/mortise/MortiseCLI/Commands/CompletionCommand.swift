extension CommandTable {
  static let completion = Command(
    name: "completion",
    summary: "print a script that completes commands, options, kinds and names in a shell",
    details: [
      "The script asks this program at each press of the key, so it never is out of date: kinds "
        + "and names are those of the host that the line is meant for.",
      "To try it: source <(mortise completion bash); the same for zsh; and for fish: "
        + "mortise completion fish | source",
    ],
    positionals: [Positional("SHELL", .required, "bash, zsh or fish")],
    examples: [
      Command.Example(
        "mortise completion bash >/etc/bash_completion.d/mortise", "For every bash of this machine"),
      Command.Example(
        "mortise completion zsh >/usr/share/zsh/vendor-completions/_mortise",
        "For every zsh of this machine"),
      Command.Example(
        "mortise completion fish >~/.config/fish/completions/mortise.fish", "For this user's fish"),
    ],
    action: .blocking { invocation throws(CommandFailure) in
      let name = invocation.arguments.positional(0) ?? ""
      guard let shell = CompletionShell(rawValue: name) else {
        throw CommandFailure(
          .usage,
          "mortise completion: no script for \"\(name)\"; it is one of: "
            + CompletionShell.allCases.map(\.rawValue).joined(separator: ", ")
            + ". See: mortise help completion")
      }
      try invocation.console.write(shell.script)
      return .ok
    })

  /// What the scripts ask; not in help.
  static let complete = Command(
    name: "__complete",
    summary: "print what could stand at the end of a command line, a line each",
    positionals: [Positional("WORD", .repeated, "The line's words, the one being typed last")],
    examples: [Command.Example("mortise __complete -- get st", "What begins with st?")],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let request = CompletionRequest(
        invocation.arguments.positionals,
        ArgumentParser(commands: commands, globalOptions: globalOptions))
      for line in await CompletionAnswer(request, link, invocation).lines() {
        try invocation.console.print(line)
      }
      return .ok
    })
}
