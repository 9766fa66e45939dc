/// Appends values as JSON text to bytes.
struct JSONSerializer {
  var bytes: [UInt8] = []

  mutating func append(_ value: JSONValue) {
    switch value {
    case .null: append(literal: "null")
    case .bool(let value): append(literal: value ? "true" : "false")
    case .integer(let value): append(value)
    case .number(let value): append(value)
    case .string(let value): append(quoted: value)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        append(element)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let object):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in object.members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        append(quoted: member.name)
        bytes.append(UInt8(ascii: ":"))
        append(member.value)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  /// As `append`, over several lines; empty arrays and objects stay on one.
  mutating func appendPretty(_ value: JSONValue, indentation: Int = 0) {
    switch value {
    case .array(let elements) where !elements.isEmpty:
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        beginLine(isFirst: index == 0, indentation + 1)
        appendPretty(element, indentation: indentation + 1)
      }
      appendNewline(indentation)
      bytes.append(UInt8(ascii: "]"))
    case .object(let object) where !object.isEmpty:
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in object.members.enumerated() {
        beginLine(isFirst: index == 0, indentation + 1)
        append(quoted: member.name)
        append(literal: ": ")
        appendPretty(member.value, indentation: indentation + 1)
      }
      appendNewline(indentation)
      bytes.append(UInt8(ascii: "}"))
    default:
      append(value)
    }
  }

  private mutating func beginLine(isFirst: Bool, _ indentation: Int) {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    appendNewline(indentation)
  }

  private mutating func appendNewline(_ indentation: Int) {
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * indentation))
  }

  private mutating func append(literal text: StaticString) {
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func append(_ value: Int64) {
    if (0..<10).contains(value) {
      bytes.append(UInt8(ascii: "0") + UInt8(value))
    } else {
      bytes.append(contentsOf: String(value).utf8)
    }
  }

  private mutating func append(_ value: Double) {
    // JSON has no infinities and no NaN; null is what other writers put there.
    if value.isFinite {
      bytes.append(contentsOf: value.description.utf8)
    } else {
      append(literal: "null")
    }
  }

  mutating func append(quoted string: String) {
    bytes.append(UInt8(ascii: "\""))
    var string = string
    string.withUTF8 { utf8 in
      guard utf8.contains(where: Self.mustBeEscaped) else {
        return bytes.append(contentsOf: utf8)
      }
      var runStart = 0
      for (index, byte) in utf8.enumerated() where Self.mustBeEscaped(byte) {
        bytes.append(contentsOf: utf8[runStart..<index])
        append(escaped: byte)
        runStart = index + 1
      }
      bytes.append(contentsOf: utf8[runStart...])
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func mustBeEscaped(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func append(escaped byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append(literal: "\\\"")
    case UInt8(ascii: "\\"): append(literal: "\\\\")
    case 0x0A: append(literal: "\\n")
    case 0x0D: append(literal: "\\r")
    case 0x09: append(literal: "\\t")
    default:
      append(literal: "\\u00")
      bytes.append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
      bytes.append(contentsOf: String(byte & 0xF, radix: 16).utf8)
    }
  }
}

extension JSONValue: CustomStringConvertible {
  /// Appends the value as compact JSON.
  ///
  /// Members keep their order. A number that is not finite, for which JSON has no text, becomes null.
  public func serialize(into bytes: inout [UInt8]) {
    // Moved in and out, so that the caller's buffer is never copied.
    var serializer = JSONSerializer()
    swap(&serializer.bytes, &bytes)
    serializer.append(self)
    swap(&serializer.bytes, &bytes)
  }

  /// The value as compact JSON in UTF-8.
  public func serialized() -> [UInt8] {
    var bytes: [UInt8] = []
    serialize(into: &bytes)
    return bytes
  }

  /// The value as compact JSON.
  public var description: String { String(decoding: serialized(), as: UTF8.self) }

  /// The value as JSON for people: a member a line, two spaces a level.
  public func prettyPrinted() -> String {
    var serializer = JSONSerializer()
    serializer.appendPretty(self)
    return String(decoding: serializer.bytes, as: UTF8.self)
  }
}
