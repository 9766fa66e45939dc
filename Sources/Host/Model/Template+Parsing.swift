internal import JSON

extension Template {
  enum Piece: Equatable {
    case text(String)
    case reference(Reference)
  }

  /// Splits a string at its references; `$${` is a literal `${`, and `${$}` a literal `$` that
  /// stands before a reference.
  static func parse(_ text: String) throws(TemplateError) -> [Piece] {
    var pieces: [Piece] = []
    var literal = ""
    var rest = Substring(text)
    while let dollar = rest.firstIndex(of: "$") {
      literal += rest[..<dollar]
      rest = rest[dollar...]
      if rest.hasPrefix("$${") {
        literal += "${"
        rest = rest.dropFirst(3)
      } else if rest.hasPrefix("${$}") {
        literal += "$"
        rest = rest.dropFirst(4)
      } else if rest.hasPrefix("${") {
        guard let end = rest.firstIndex(of: "}") else {
          throw TemplateError(path: "", message: "\"\(rest)\" has no closing brace")
        }
        if !literal.isEmpty { pieces.append(.text(literal)) }
        literal = ""
        pieces.append(.reference(try reference(rest[..<end].dropFirst(2))))
        rest = rest[end...].dropFirst()
      } else {
        literal += "$"
        rest = rest.dropFirst()
      }
    }
    literal += rest
    if !literal.isEmpty || pieces.isEmpty { pieces.append(.text(literal)) }
    return pieces
  }

  private static func reference(_ text: Substring) throws(TemplateError) -> Reference {
    let isOptional = text.hasSuffix("?")
    let path = isOptional ? text.dropLast() : text
    let steps = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    func parsed(_ text: some StringProtocol) throws(TemplateError) -> JSONPath {
      do {
        return try JSONPath(String(text))
      } catch {
        throw TemplateError(path: "", message: "${\(text)}: \(error)")
      }
    }
    let source: Reference.Source
    switch steps.first {
    case "spec", "status", "metadata":
      source = .resource(path: try parsed(path))
    case "tasks" where steps.count >= 4 && steps[2] == "outputs":
      source = .output(task: steps[1], path: try parsed(steps[3...].joined(separator: ".")))
    default:
      throw TemplateError(
        path: "",
        message:
          "${\(text)} refers to nothing known; write spec.…, status.…, metadata.… or tasks.NAME.outputs.…"
      )
    }
    return Reference(source: source, isOptional: isOptional, text: String(text))
  }
}

extension JSONValue {
  /// As it stands inside a longer text; nil for lists, objects and null.
  var scalarText: String? {
    switch self {
    case .string(let text): text
    case .integer, .number, .bool: description
    default: nil
    }
  }
}

extension String {
  /// As text of a template that reads as this very text, also where a reference follows it.
  func escapedForTemplate(beforeReference: Bool) -> String {
    guard utf8.contains(UInt8(ascii: "$")) else { return self }
    let dollars = beforeReference ? reversed().prefix { $0 == "$" }.count : 0
    return String(dropLast(dollars)).replacingAll("${", with: "$${")
      + String(repeating: "${$}", count: dollars)
  }

  private func replacingAll(_ pattern: String, with replacement: String) -> String {
    var result = ""
    var rest = Substring(self)
    while let range = rest.firstRange(of: pattern) {
      result += rest[..<range.lowerBound]
      result += replacement
      rest = rest[range.upperBound...]
    }
    return result + rest
  }
}
