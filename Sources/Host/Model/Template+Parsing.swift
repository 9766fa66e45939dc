internal import JSON

extension Template {
  enum Piece: Equatable {
    case text(String)
    case reference(Reference)
  }

  /// Splits a string at its references; `$${` is a literal `${`, and `${$}` a literal `$` that
  /// stands before a reference.
  ///
  /// By bytes: all that means something is ASCII, and to look for characters costs many times as much.
  static func parse(_ text: String) throws(TemplateError) -> [Piece] {
    var pieces: [Piece] = []
    var literal = ""
    var rest = Substring(text)
    while let dollar = rest.utf8.firstIndex(of: UInt8(ascii: "$")) {
      literal += rest[..<dollar]
      rest = rest[dollar...]
      if rest.utf8.starts(with: "$${".utf8) {
        literal += "${"
        rest = rest.droppingBytes(3)
      } else if rest.utf8.starts(with: "${$}".utf8) {
        literal += "$"
        rest = rest.droppingBytes(4)
      } else if rest.utf8.starts(with: "${".utf8) {
        guard let end = rest.utf8.firstIndex(of: UInt8(ascii: "}")) else {
          throw TemplateError(path: "", message: "\"\(rest)\" has no closing brace")
        }
        if !literal.isEmpty { pieces.append(.text(literal)) }
        literal = ""
        pieces.append(.reference(try reference(rest[..<end].droppingBytes(2))))
        rest = rest[end...].droppingBytes(1)
      } else {
        literal += "$"
        rest = rest.droppingBytes(1)
      }
    }
    literal += rest
    if !literal.isEmpty || pieces.isEmpty { pieces.append(.text(literal)) }
    return pieces
  }

  private static func reference(_ text: Substring) throws(TemplateError) -> Reference {
    let isOptional = text.utf8.last == UInt8(ascii: "?")
    let path = isOptional ? text[..<text.utf8.index(before: text.endIndex)] : text
    let steps = path.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
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

extension Substring {
  fileprivate func droppingBytes(_ count: Int) -> Substring {
    self[utf8.index(startIndex, offsetBy: count)...]
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
