/// Reads a `JSONPath` from its text.
struct JSONPathParser {
  let text: [Unicode.Scalar]
  private var position = 0

  init(text: [Unicode.Scalar]) {
    self.text = text
  }

  /// Whether a member's name needs no quotes in a path.
  static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name.unicodeScalars.allSatisfy(isPlain)
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    scalar != "." && scalar != "[" && scalar != "]" && scalar != "\"" && scalar.value > 0x20
  }

  private var next: Unicode.Scalar? { position < text.count ? text[position] : nil }

  private func error(_ message: String) -> JSONPathError {
    JSONPathError(
      path: String(String.UnicodeScalarView(text)), offset: position, message: message)
  }

  mutating func parse() throws(JSONPathError) -> [JSONPath.Component] {
    var components: [JSONPath.Component] = []
    while let next {
      if next == "[" {
        position += 1
        components.append(try bracketed())
        continue
      }
      if !components.isEmpty {
        guard next == "." else { throw error("expected '.' or '['") }
        position += 1
      }
      let start = position
      while let next = self.next, Self.isPlain(next) { position += 1 }
      guard position > start else { throw error("expected a member's name") }
      components.append(.member(String(String.UnicodeScalarView(text[start..<position]))))
    }
    return components
  }

  private mutating func bracketed() throws(JSONPathError) -> JSONPath.Component {
    let component: JSONPath.Component
    if next == "\"" {
      component = .member(try quotedName())
    } else {
      let start = position
      while let next, ("0"..."9").contains(next) { position += 1 }
      guard let index = Int(String(String.UnicodeScalarView(text[start..<position]))) else {
        throw error("expected an index or a quoted name after '['")
      }
      component = .index(index)
    }
    guard next == "]" else { throw error("expected ']'") }
    position += 1
    return component
  }

  private mutating func quotedName() throws(JSONPathError) -> String {
    let start = position
    position += 1
    while let next, next != "\"" { position += next == "\\" ? 2 : 1 }
    guard next == "\"" else { throw error("expected '\"'") }
    position += 1
    let literal = String(String.UnicodeScalarView(text[start..<position]))
    guard let name = try? JSONValue(parsing: literal).string else {
      throw error("a quoted name is written like a JSON string")
    }
    return name
  }
}
