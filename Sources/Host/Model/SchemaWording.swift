internal import JSON

/// How problems talk about values.
extension JSONValue {
  /// Texts longer than this are cut where a message shows them.
  private static let shownCharacters = 60

  /// "a string", for messages that say what was expected instead.
  var kindDescription: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer: "an integer"
    case .number: "a number with a fraction"
    case .string: "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }

  /// Scalars as they are, cut where they are long; collections by kind.
  var shortDescription: String {
    switch self {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .integer(let value): return String(value)
    case .number(let value): return value.description
    case .string(let text):
      let shown = text.prefix(Self.shownCharacters)
      return "\"\(shown)\(shown.endIndex < text.endIndex ? "…" : "")\""
    case .array, .object: return kindDescription
    }
  }

  /// Exact between integers; a non-number is never less.
  func isNumericallyLess(than other: JSONValue) -> Bool {
    if let left = integer, let right = other.integer { return left < right }
    guard let left = double, let right = other.double else { return false }
    return left < right
  }
}
