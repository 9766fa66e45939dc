internal import Rollout

/// What could stand where the cursor is, found in the table of commands alone.
///
/// Pure: what only the host knows is left to whoever asks it.
struct CompletionRequest: Sendable, Equatable {
  /// A word to offer, and what to say beside it.
  struct Candidate: Sendable, Equatable {
    var word: String
    var summary = ""
  }

  enum Wanted: Sendable, Equatable {
    case words([Candidate])
    case files
    case directories
    case kinds
    /// Of objects of a kind, in the namespace of the arguments; of those that blueprints teach where
    /// none is given.
    case names(kind: String)
    case namespaces(kind: String)
    case plugins
  }

  /// In the order in which they are offered.
  var wanted: [Wanted] = []
  /// What stands in the same word before the part that is wanted: "--output=", "statefulnode/".
  var prefix = ""
  /// What is typed of that part.
  var typed = ""
  /// What the words before it said.
  var arguments = ParsedArguments()

  private var firstWord: String?
  private var command: Command?
  private var pendingOption: Option?
  private var isOnlyPositionals = false
  private let parser: ArgumentParser

  static func == (left: CompletionRequest, right: CompletionRequest) -> Bool {
    (left.wanted, left.prefix, left.typed) == (right.wanted, right.prefix, right.typed)
      && left.arguments == right.arguments
  }

  /// - Parameters:
  ///   - words: without the program's name; the last one, which may be empty, is being typed.
  ///   - parser: whose table says what fits.
  init(_ words: [String], _ parser: ArgumentParser) {
    self.parser = parser
    for word in words.dropLast() { take(word) }
    typed = words.last ?? ""
    offer()
  }

  private var options: [Option] { (command?.options ?? []) + HelpText.all(parser.globalOptions) }

  private mutating func take(_ word: String) {
    if let option = pendingOption {
      pendingOption = nil
      arguments.options[option.name, default: []].append(word)
    } else if !isOnlyPositionals, word == "--" {
      isOnlyPositionals = true
    } else if !isOnlyPositionals, word.hasPrefix("-"), word != "-" {
      takeOption(word)
    } else if let command = twoWordCommand(endingIn: word) {
      self.command = command
    } else if firstWord == nil {
      firstWord = word
      command = parser.commands.first { $0.name == word }
    } else {
      arguments.positionals.append(word)
    }
  }

  private func twoWordCommand(endingIn word: String) -> Command? {
    guard let firstWord, arguments.positionals.isEmpty else { return nil }
    return parser.commands.first { $0.name == firstWord + " " + word }
  }

  private mutating func takeOption(_ word: String) {
    let isLong = word.hasPrefix("--")
    let name = isLong ? String(word.dropFirst(2).prefix { $0 != "=" }) : ""
    let option = options.first { isLong ? $0.name == name : $0.short == word.dropFirst().first }
    guard let option else { return }
    let attached = word.dropFirst(isLong ? name.count + 2 : 2)
    if option.value == .flag {
      arguments.options[option.name] = [""]
    } else if attached.isEmpty {
      pendingOption = option
    } else {
      arguments.options[option.name, default: []].append(
        String(attached.first == "=" ? attached.dropFirst() : attached))
    }
  }

  private mutating func offer() {
    if let pendingOption {
      offerValues(of: pendingOption)
    } else if !isOnlyPositionals, typed.hasPrefix("-") {
      offerOptions()
    } else if firstWord == nil {
      offerCommands()
    } else {
      offerSecondWords()
      offerPositional()
    }
  }

  private mutating func offerOptions() {
    if let equals = typed.firstIndex(of: "="), typed.hasPrefix("--") {
      let name = typed[typed.index(typed.startIndex, offsetBy: 2)..<equals]
      guard let option = options.first(where: { $0.name == name }) else { return }
      prefix = String(typed[...equals])
      typed = String(typed[typed.index(after: equals)...])
      offerValues(of: option)
      return
    }
    let open = options.filter { $0.isRepeatable || !arguments.has($0) }
    wanted = [.words(open.map { Candidate(word: "--" + $0.name, summary: $0.summary) })]
  }

  private mutating func offerCommands() {
    var candidates: [Candidate] = []
    for command in parser.commands where !command.name.contains(" ") {
      candidates.append(Candidate(word: command.name, summary: command.summary))
    }
    for command in parser.commands {
      let word = String(command.name.prefix { $0 != " " })
      if !candidates.contains(where: { $0.word == word }) {
        candidates.append(Candidate(word: word, summary: command.summary))
      }
    }
    wanted = [.words(candidates)]
  }

  private mutating func offerSecondWords() {
    guard let firstWord, arguments.positionals.isEmpty, command?.name.contains(" ") != true
    else { return }
    let family = parser.commands.filter { $0.name.hasPrefix(firstWord + " ") }
    guard !family.isEmpty else { return }
    let candidates = family.map {
      Candidate(word: String($0.name.dropFirst(firstWord.count + 1)), summary: $0.summary)
    }
    wanted.append(.words(candidates))
  }

  private mutating func offerPositional() {
    guard let command, let last = command.positionals.last else { return }
    let index = arguments.positionals.count
    let place: Positional
    if index < command.positionals.count {
      place = command.positionals[index]
    } else if last.presence == .repeated {
      place = last
    } else {
      return
    }
    switch place.name {
    case "KIND": offerKind()
    case "OBJECT":
      offerKind()
      if !typed.contains("/"), prefix.isEmpty { wanted.append(.names(kind: "")) }
    case "NAME": wanted.append(.names(kind: arguments.positional(0) ?? ""))
    case "ROLLOUT": wanted.append(.names(kind: NodeDeployment.kind))
    case "FILE": wanted.append(.files)
    case "PLUGIN": wanted.append(.plugins)
    case "COMMAND": offerCommands()
    case "SHELL":
      wanted.append(.words(CompletionShell.allCases.map { Candidate(word: $0.rawValue) }))
    default: return
    }
  }

  /// A kind, or the name after it where there is a slash already.
  private mutating func offerKind() {
    guard let slash = typed.firstIndex(of: "/") else {
      wanted.append(.kinds)
      return
    }
    wanted.append(.names(kind: String(typed[..<slash])))
    prefix = String(typed[...slash])
    typed = String(typed[typed.index(after: slash)...])
  }

  private mutating func offerValues(of option: Option) {
    switch (option.value, option.placeholder) {
    case (.flag, _), (.duration, _): return
    case (.choice(let choices), _):
      // "jsonpath=PATH" is offered up to where the person goes on.
      wanted = [
        .words(
          choices.map { choice in
            Candidate(word: choice.firstIndex(of: "=").map { String(choice[...$0]) } ?? choice)
          })
      ]
    case (.text, "FILE"), (.text, "PATH"): wanted = [.files]
    case (.text, "DIR"): wanted = [.directories]
    case (.text, "PLUGIN"): wanted = [.plugins]
    case (.text, "NS"): wanted = [.namespaces(kind: arguments.positional(0) ?? "")]
    case (.text, "GOAL"):
      wanted = [
        .words(["phase=", "condition=", "steady", "delete"].map { Candidate(word: $0) })
      ]
    case (.text, _): return
    }
  }
}
