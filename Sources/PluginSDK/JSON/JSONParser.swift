/// Recursive descent over the bytes of one document.
struct JSONParser {
  let text: UnsafeBufferPointer<UInt8>
  var position = 0

  private var depth = 0

  /// Above this many members an object's names go into a set, so that looking for a repeated one
  /// stays linear in the text.
  private static let scannedMembers = 16

  static func parse(
    _ text: UnsafeBufferPointer<UInt8>, maximumBytes: Int
  ) throws(JSONParseError) -> JSONValue {
    var parser = JSONParser(text: text)
    guard text.count <= maximumBytes else {
      throw JSONParseError(
        offset: 0, line: 1, column: 1,
        message: "the document has \(text.count) bytes; at most \(maximumBytes) are accepted")
    }
    parser.skipWhitespace()
    let value = try parser.value()
    parser.skipWhitespace()
    if parser.position < text.count {
      throw parser.error("unexpected \(parser.found) after the end of the document")
    }
    return value
  }

  private init(text: UnsafeBufferPointer<UInt8>) {
    self.text = text
  }

  var next: UInt8? { position < text.count ? text[position] : nil }

  func error(_ message: String, at offset: Int? = nil) -> JSONParseError {
    JSONParseError(at: offset ?? position, of: text, message)
  }

  /// What stands at the position, in words for an error.
  var found: String {
    guard let next else { return "end of text" }
    guard (0x21...0x7E).contains(next) else { return "byte 0x" + String(next, radix: 16) }
    return "'\(Character(Unicode.Scalar(next)))'"
  }

  private mutating func skipWhitespace() {
    while let next, next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 {
      position += 1
    }
  }

  private mutating func value() throws(JSONParseError) -> JSONValue {
    guard let next else { throw error("expected a value, found \(found)") }
    return switch next {
    case UInt8(ascii: "{"): try nested { parser throws(JSONParseError) in try parser.object() }
    case UInt8(ascii: "["): try nested { parser throws(JSONParseError) in try parser.array() }
    case UInt8(ascii: "\""): .string(try string())
    case UInt8(ascii: "t"): try word("true", .bool(true))
    case UInt8(ascii: "f"): try word("false", .bool(false))
    case UInt8(ascii: "n"): try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
    default: throw error("expected a value, found \(found)")
    }
  }

  private mutating func nested(
    _ parse: (inout JSONParser) throws(JSONParseError) -> JSONValue
  ) throws(JSONParseError) -> JSONValue {
    depth += 1
    guard depth <= JSONLimits.depth else {
      throw error("nested deeper than \(JSONLimits.depth) levels")
    }
    position += 1
    skipWhitespace()
    let value = try parse(&self)
    depth -= 1
    return value
  }

  private mutating func word(
    _ word: StaticString, _ value: JSONValue
  ) throws(JSONParseError) -> JSONValue {
    let start = position
    for offset in 0..<word.utf8CodeUnitCount {
      guard next == word.utf8Start[offset] else {
        throw error("expected \(word)", at: start)
      }
      position += 1
    }
    return value
  }

  private mutating func array() throws(JSONParseError) -> JSONValue {
    var elements: [JSONValue] = []
    if skip(UInt8(ascii: "]")) { return .array(elements) }
    while true {
      elements.append(try value())
      skipWhitespace()
      if skip(UInt8(ascii: "]")) { return .array(elements) }
      guard skip(UInt8(ascii: ",")) else {
        throw error("expected ',' or ']' in an array, found \(found)")
      }
      skipWhitespace()
    }
  }

  private mutating func object() throws(JSONParseError) -> JSONValue {
    var object = JSONObject()
    var seen: Set<String> = []
    if skip(UInt8(ascii: "}")) { return .object(object) }
    while true {
      let start = position
      guard next == UInt8(ascii: "\"") else {
        throw error("expected a member's name in quotes, found \(found)")
      }
      let name = try string()
      guard isNew(name, in: object, &seen) else {
        throw error("member \"\(name)\" appears twice in one object", at: start)
      }
      skipWhitespace()
      guard skip(UInt8(ascii: ":")) else {
        throw error("expected ':' after a member's name, found \(found)")
      }
      skipWhitespace()
      object.appendUnique(name, try value())
      skipWhitespace()
      if skip(UInt8(ascii: "}")) { return .object(object) }
      guard skip(UInt8(ascii: ",")) else {
        throw error("expected ',' or '}' in an object, found \(found)")
      }
      skipWhitespace()
    }
  }

  private func isNew(_ name: String, in object: JSONObject, _ seen: inout Set<String>) -> Bool {
    if object.count < Self.scannedMembers { return object[name] == nil }
    if seen.isEmpty { seen = Set(object.names) }
    return seen.insert(name).inserted
  }

  private mutating func skip(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }
}
