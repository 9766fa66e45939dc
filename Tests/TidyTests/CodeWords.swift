/// Words and marks of a line of code: `public init?(x)` gives public, init, ?, (, x, ).
func words(_ line: some StringProtocol) -> [String] {
  var words: [String] = []
  var word = ""
  for character in line {
    if character.isLetter || character.isNumber || character == "_" {
      word.append(character)
      continue
    }
    if !word.isEmpty { words.append(word) }
    word = ""
    if !character.isWhitespace { words.append(String(character)) }
  }
  if !word.isEmpty { words.append(word) }
  return words
}

/// A declaration that begins on a line.
struct Declaration {
  var modifiers: [String]
  var keyword: String
  /// Empty for initializers, subscripts and the like.
  var name: String
  var rest: [String]

  private static let keywords: Set<String> = [
    "struct", "class", "enum", "actor", "protocol", "typealias", "func", "init", "subscript",
    "deinit", "var", "let", "extension", "associatedtype", "case", "import",
  ]
  private static let modifiers: Set<String> = [
    "public", "package", "internal", "private", "fileprivate", "open", "static", "final",
    "mutating", "nonmutating", "nonisolated", "indirect", "override", "required", "convenience",
    "lazy", "weak", "unowned", "consuming", "borrowing", "isolated", "dynamic", "prefix", "postfix",
  ]
  static let types: Set<String> = ["struct", "class", "enum", "actor", "protocol", "typealias"]

  /// Nil where the line begins no declaration.
  init?(_ line: some StringProtocol) {
    var words = words(line)[...]
    modifiers = []
    while let first = words.first {
      if first == "@" {
        words = words.dropFirst(2)
        words = Self.droppingArguments(words)
      } else if first == "class", words.dropFirst().first == "func" {
        words = words.dropFirst()
      } else if Self.modifiers.contains(first) {
        modifiers.append(first)
        words = words.dropFirst()
        if words.first == "(" {
          modifiers.append(words.prefix { $0 != ")" }.joined() + ")")
          words = Self.droppingArguments(words)
        }
      } else {
        break
      }
    }
    guard let first = words.first, Self.keywords.contains(first) else { return nil }
    keyword = first
    words = words.dropFirst()
    let hasName = !["init", "subscript", "deinit"].contains(keyword)
    name = hasName ? words.first ?? "" : ""
    rest = Array(hasName ? words.dropFirst() : words)
  }

  private static func droppingArguments(_ words: ArraySlice<String>) -> ArraySlice<String> {
    guard words.first == "(" else { return words }
    var depth = 0
    for (index, word) in zip(words.indices, words) {
      if word == "(" { depth += 1 }
      if word == ")" { depth -= 1 }
      if depth == 0 { return words[(index + 1)...] }
    }
    return []
  }

  var isPublic: Bool { modifiers.contains("public") || modifiers.contains("open") }
}
