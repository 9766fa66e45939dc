/// Arguments that fit their command's table.
struct ParsedArguments: Sendable, Equatable {
  var positionals: [String] = []
  /// By the option's name, in the order given; a flag is one empty text.
  var options: [String: [String]] = [:]

  func has(_ option: Option) -> Bool { options[option.name] != nil }

  func values(_ option: Option) -> [String] { options[option.name] ?? [] }

  func value(_ option: Option) -> String? { options[option.name]?.last }

  /// Nil where the option is absent; the parser let only durations in.
  func duration(_ option: Option) -> Duration? {
    value(option).flatMap { DurationText.parse($0) }
  }

  /// The place's argument; nil where fewer were given.
  func positional(_ index: Int) -> String? {
    positionals.indices.contains(index) ? positionals[index] : nil
  }
}
