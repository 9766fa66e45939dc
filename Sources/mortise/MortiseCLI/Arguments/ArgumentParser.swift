internal import Model

/// Reads a command line against the table of commands.
struct ArgumentParser: Sendable {
  /// What was asked for.
  enum Request: Sendable {
    case run(Command, ParsedArguments)
    case help(Command?)
  }

  var commands: [Command]
  /// Accepted by every command, and before its name.
  var globalOptions: [Option]

  /// - Throws: exit code 2, naming what is wrong, the nearest known name and the help to read.
  func parse(_ arguments: [String]) throws(CommandFailure) -> Request {
    var reader = ArgumentReader(arguments: arguments[...])
    var parsed = ParsedArguments()
    while let word = reader.next() {
      if word == "-h" || word == "--help" { return .help(nil) }
      if word.hasPrefix("-"), word != "-" {
        try read(word, of: nil, &reader, &parsed)
        continue
      }
      let command = try command(word, &reader)
      return try parse(command, &reader, parsed)
    }
    return .help(nil)
  }

  /// The command of that name, which may have two words: "config check".
  func command(named name: String) throws(CommandFailure) -> Command {
    var reader = ArgumentReader(
      arguments: name.split(separator: " ").map(String.init)[...])
    return try command(reader.next() ?? "", &reader)
  }

  /// The command that begins with the word; the second word of its name is taken from the reader.
  private func command(_ word: String, _ reader: inout ArgumentReader) throws(CommandFailure)
    -> Command
  {
    let family = commands.filter { $0.name.hasPrefix(word + " ") }
    let next = reader.arguments.first.flatMap { $0.hasPrefix("-") ? nil : $0 }
    if let next, let command = family.first(where: { $0.name == word + " " + next }) {
      _ = reader.next()
      return command
    }
    let command = commands.first { $0.name == word }
    if let command, family.isEmpty || next == nil || !command.positionals.isEmpty {
      return command
    }
    let name = family.isEmpty ? word : [word, next].compactMap { $0 }.joined(separator: " ")
    guard next != nil || family.isEmpty else {
      let known = family.map { String($0.name.dropFirst(word.count + 1)) }
      throw CommandFailure(
        .usage,
        "mortise \(word): needs one of: \(known.joined(separator: ", ")). "
          + "See: mortise help \(family[0].name)")
    }
    let meant = Spelling.nearest(to: name, among: (family.isEmpty ? commands : family).map(\.name))
    throw CommandFailure(
      .usage, "mortise: no command \"\(name)\"\(suggestion(meant)) See: mortise help")
  }

  private func parse(
    _ command: Command, _ reader: inout ArgumentReader, _ global: ParsedArguments
  ) throws(CommandFailure) -> Request {
    var parsed = global
    var onlyPositionals = false
    while let word = reader.next() {
      if onlyPositionals || word == "-" || !word.hasPrefix("-") {
        parsed.positionals.append(word)
      } else if word == "--" {
        onlyPositionals = true
      } else if word == "-h" || word == "--help" {
        return .help(command)
      } else {
        try read(word, of: command, &reader, &parsed)
      }
    }
    try check(parsed, command)
    return .run(command, parsed)
  }

  /// Takes one option, and its value from the next word where it isn't in the same.
  private func read(
    _ word: String, of command: Command?, _ reader: inout ArgumentReader,
    _ parsed: inout ParsedArguments
  ) throws(CommandFailure) {
    let (option, attached) = try find(word, of: command)
    if option.value == .flag {
      guard attached == nil else {
        throw usage(command, "--\(option.name) takes no value")
      }
      parsed.options[option.name] = [""]
      return
    }
    guard let value = attached ?? reader.nextValue() else {
      throw usage(command, "--\(option.name) needs a value: --\(option.name) \(option.placeholder)")
    }
    try check(value, option, command)
    if !option.isRepeatable, parsed.has(option) {
      throw usage(command, "--\(option.name) is given twice")
    }
    parsed.options[option.name, default: []].append(value)
  }

  /// The option that the word spells, and what follows in the same word: `--name=value`, `-nvalue`.
  private func find(_ word: String, of command: Command?) throws(CommandFailure) -> (
    Option, String?
  ) {
    let known = (command?.options ?? []) + globalOptions
    if word.hasPrefix("--") {
      let parts = word.dropFirst(2).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      if let option = known.first(where: { $0.name == name }) {
        return (option, parts.count == 2 ? String(parts[1]) : nil)
      }
      let meant = Spelling.nearest(to: name, among: known.map(\.name) + ["help"])
      throw usage(command, "no option --\(name)\(suggestion(meant.map { "--" + $0 }))")
    }
    let letter = word.dropFirst().first
    if let option = known.first(where: { $0.short == letter }) {
      let rest = word.dropFirst(2)
      return (option, rest.isEmpty ? nil : String(rest.first == "=" ? rest.dropFirst() : rest))
    }
    let meant = Spelling.nearest(to: String(word.dropFirst()), among: known.map(\.name))
    throw usage(command, "no option \(word)\(suggestion(meant.map { "--" + $0 }))")
  }

  private func check(_ value: String, _ option: Option, _ command: Command?)
    throws(CommandFailure)
  {
    if option.accepts(value) { return }
    switch option.value {
    case .flag, .text: return
    case .choice(let choices):
      throw usage(
        command,
        "--\(option.name) \(value)\(suggestion(Spelling.nearest(to: value, among: choices))) "
          + "It is one of: \(choices.joined(separator: ", ")).")
    case .duration:
      throw usage(
        command, "--\(option.name) \(value): a length of time has a unit, such as 90s, 5m or 1h30m")
    }
  }

  private func check(_ parsed: ParsedArguments, _ command: Command) throws(CommandFailure) {
    if parsed.positionals.count > command.positionals.count,
      command.positionals.last?.presence != .repeated
    {
      let extra = parsed.positionals[command.positionals.count]
      throw usage(command, "\"\(extra)\" is one argument too many")
    }
    for (index, positional) in command.positionals.enumerated()
    where positional.presence == .required && index >= parsed.positionals.count {
      throw usage(command, "\(positional.name) is missing")
    }
    for option in command.options where option.isRequired && !parsed.has(option) {
      throw usage(command, "\(option.synopsis) is missing")
    }
  }

  private func usage(_ command: Command?, _ message: String) -> CommandFailure {
    let name = command.map { " " + $0.name } ?? ""
    let end = message.hasSuffix(".") || message.hasSuffix("?") ? "" : "."
    return CommandFailure(.usage, "mortise\(name): \(message)\(end) See: mortise help\(name)")
  }

  private func suggestion(_ meant: String?) -> String {
    meant.map { "; did you mean \($0)?" } ?? "."
  }
}

/// The words of a command line, one after the other.
struct ArgumentReader: Sendable {
  var arguments: ArraySlice<String>

  mutating func next() -> String? { arguments.popFirst() }

  /// The next word as a value: `-` is one, another option is not.
  mutating func nextValue() -> String? {
    guard let word = arguments.first, word == "-" || !word.hasPrefix("-") else { return nil }
    return next()
  }
}
