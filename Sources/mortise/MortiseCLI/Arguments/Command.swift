/// A command as the parser, the help and docs/cli.md see it, and what it does.
struct Command: Sendable {
  /// A command line and what it is good for.
  struct Example: Sendable {
    var line: String
    var purpose: String

    init(_ line: String, _ purpose: String) {
      self.line = line
      self.purpose = purpose
    }
  }

  enum Action: Sendable {
    /// Has the calling thread to itself.
    case blocking(@Sendable (Invocation) throws(CommandFailure) -> ExitCode)
    /// Runs as a task on the program's loop; an interrupt cancels it.
    case onLoop(@Sendable (Invocation, HostLink) async throws(CommandFailure) -> ExitCode)
  }

  /// One word, or two where commands belong together: "plugins restart".
  var name: String
  /// One line, lower case, no full stop.
  var summary: String
  /// What the summary leaves open; paragraphs.
  var details: [String] = []
  var positionals: [Positional] = []
  var options: [Option] = []
  var examples: [Example]
  var action: Action

  /// What follows the name: "KIND", "NAME", "[-n NS]".
  var synopsisParts: [String] { positionals.map(\.synopsis) + options.map(\.synopsis) }
}

/// A command with the arguments that it was given.
struct Invocation: Sendable {
  var arguments: ParsedArguments
  var surroundings: Surroundings

  var console: Console { surroundings.console }
}
