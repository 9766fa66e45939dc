/// An option as the parser, the help and docs/cli.md see it.
struct Option: Sendable {
  enum Value: Sendable, Equatable {
    /// None: the option is there or not.
    case flag
    /// Any text; the word stands for it in help.
    case text(String)
    /// One of these; one that holds a "=" stands for all that begins so.
    case choice([String])
    /// A length of time such as `90s`.
    case duration
  }

  /// Without the dashes.
  var name: String
  var short: Character?
  var value: Value
  var summary: String
  var isRequired = false
  var isRepeatable = false

  init(flag name: String, short: Character? = nil, _ summary: String) {
    self.init(name, short: short, .flag, summary)
  }

  init(
    _ name: String, short: Character? = nil, _ value: Value, _ summary: String,
    isRepeatable: Bool = false
  ) {
    self.name = name
    self.short = short
    self.value = value
    self.summary = summary
    self.isRepeatable = isRepeatable
  }

  /// Whether the option takes this value, as far as the table knows.
  func accepts(_ text: String) -> Bool {
    switch value {
    case .flag, .text: true
    case .duration: DurationText.parse(text) != nil
    case .choice(let choices):
      choices.contains { choice in
        guard let equals = choice.firstIndex(of: "=") else { return choice == text }
        return text.hasPrefix(choice[...equals]) && text.count > choice[...equals].count
      }
    }
  }

  /// The same option, for a command that can't do without.
  var required: Option {
    var option = self
    option.isRequired = true
    return option
  }

  /// "FILE", "text|json"; empty for a flag.
  var placeholder: String {
    switch value {
    case .flag: ""
    case .text(let word): word
    case .choice(let choices): choices.joined(separator: "|")
    case .duration: "DURATION"
    }
  }

  /// "-f, --file FILE".
  var spelling: String {
    let short = self.short.map { "-\($0), " } ?? ""
    return short + "--" + name + (value == .flag ? "" : " " + placeholder)
  }

  /// As the synopsis shows it: "[-f FILE]…".
  var synopsis: String {
    let dashed = short.map { "-\($0)" } ?? "--" + name
    let text = value == .flag ? dashed : dashed + " " + placeholder
    return (isRequired ? text : "[\(text)]") + (isRepeatable ? "…" : "")
  }
}

/// An argument that is known by its place.
struct Positional: Sendable {
  enum Presence: Sendable, Equatable {
    case required
    case optional
    /// Required, but may be part of the one before: `KIND/NAME`.
    case withinPrevious
    /// Any number of them, none too; only the last place can be so.
    case repeated
  }

  var name: String
  var presence: Presence
  var summary: String

  init(_ name: String, _ presence: Presence, _ summary: String) {
    self.name = name
    self.presence = presence
    self.summary = summary
  }

  var synopsis: String {
    switch presence {
    case .required, .withinPrevious: name
    case .optional: "[\(name)]"
    case .repeated: "[\(name)]…"
    }
  }
}
