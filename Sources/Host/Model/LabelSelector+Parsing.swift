extension LabelSelector {
  /// Characters in a selector at most.
  public static let textLimit = 4096

  /// Reads a selector; an empty text chooses everything.
  ///
  /// - Throws: `SelectorError` with the place of the first character that can't stand there.
  public init(parsing text: String) throws(SelectorError) {
    var parser = SelectorParser(text)
    self.init(requirements: try parser.requirements())
  }
}

/// A parser by hand: the grammar has one character of lookahead and no nesting.
private struct SelectorParser {
  private let characters: [Character]
  private var index = 0

  init(_ text: String) {
    characters = Array(text)
  }

  mutating func requirements() throws(SelectorError) -> [LabelSelector.Requirement] {
    guard characters.count <= LabelSelector.textLimit else {
      throw SelectorError(
        offset: LabelSelector.textLimit,
        message: "it is longer than \(LabelSelector.textLimit) characters")
    }
    skipBlanks()
    if index == characters.count { return [] }
    var requirements = [try requirement()]
    while index < characters.count {
      try expect(",")
      requirements.append(try requirement())
    }
    return requirements
  }

  private mutating func requirement() throws(SelectorError) -> LabelSelector.Requirement {
    if take("!") {
      return LabelSelector.Requirement(label: try word("a label's name"), test: .absent)
    }
    let label = try word("a label's name")
    if take("!") {
      try expect("=")
      return LabelSelector.Requirement(label: label, test: .notIn([value()]))
    }
    if take("=") {
      _ = take("=")
      return LabelSelector.Requirement(label: label, test: .oneOf([value()]))
    }
    guard index < characters.count, characters[index] != "," else {
      return LabelSelector.Requirement(label: label, test: .present)
    }
    let start = index
    switch value() {
    case "in": return LabelSelector.Requirement(label: label, test: .oneOf(try values()))
    case "notin": return LabelSelector.Requirement(label: label, test: .notIn(try values()))
    default: throw SelectorError(offset: start, message: "expected =, !=, in, notin or a comma")
    }
  }

  private mutating func values() throws(SelectorError) -> [String] {
    try expect("(")
    var values = [try word("a value")]
    while take(",") { values.append(try word("a value")) }
    try expect(")")
    return values
  }

  private mutating func word(_ what: String) throws(SelectorError) -> String {
    let start = index
    let word = value()
    if word.isEmpty { throw SelectorError(offset: start, message: "expected \(what)") }
    return word
  }

  /// May be empty: `a=` asks for a label whose value is empty.
  private mutating func value() -> String {
    let start = index
    while index < characters.count, LabelSyntax.mayContain(characters[index]) { index += 1 }
    defer { skipBlanks() }
    return String(characters[start..<index])
  }

  private mutating func take(_ character: Character) -> Bool {
    guard index < characters.count, characters[index] == character else { return false }
    index += 1
    skipBlanks()
    return true
  }

  private mutating func expect(_ character: Character) throws(SelectorError) {
    guard take(character) else {
      throw SelectorError(offset: index, message: "expected \"\(character)\"")
    }
  }

  private mutating func skipBlanks() {
    while index < characters.count, characters[index] == " " { index += 1 }
  }
}
