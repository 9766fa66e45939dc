internal import JSON

/// Writes JSON values as YAML in block style.
///
/// - Invariant: what it writes reads back as the same value, in YAML 1.1 as in 1.2
///   (guarded by `YAMLWriterTests`).
struct YAMLWriter {
  private var text = ""

  /// A document, each line ended.
  static func document(_ value: JSONValue) -> String {
    var writer = YAMLWriter()
    writer.append(value, indentation: 0, afterDash: false)
    return writer.text
  }

  /// Appends the value from where the text stands: at the start of a line, or after a dash.
  private mutating func append(_ value: JSONValue, indentation: Int, afterDash: Bool) {
    switch value {
    case .object(let object) where !object.isEmpty:
      for (index, member) in object.members.enumerated() {
        if index > 0 || !afterDash { indent(indentation) }
        text += YAMLScalar.inline(member.name) + ":"
        appendChild(member.value, indentation: indentation, ofObject: true)
      }
    case .array(let elements) where !elements.isEmpty:
      for (index, element) in elements.enumerated() {
        if index > 0 || !afterDash { indent(indentation) }
        text += "-"
        appendChild(element, indentation: indentation, ofObject: false)
      }
    default:
      text += scalar(value) + "\n"
    }
  }

  /// Appends what stands after "name:" or "-".
  private mutating func appendChild(_ value: JSONValue, indentation: Int, ofObject: Bool) {
    switch value {
    case .object(let object) where !object.isEmpty && ofObject:
      text += "\n"
      append(value, indentation: indentation + 2, afterDash: false)
    case .array(let elements) where !elements.isEmpty && ofObject:
      text += "\n"
      append(value, indentation: indentation, afterDash: false)
    case .object(let object) where !object.isEmpty:
      text += " "
      append(value, indentation: indentation + 2, afterDash: true)
    case .array(let elements) where !elements.isEmpty:
      text += " "
      append(value, indentation: indentation + 2, afterDash: true)
    case .string(let string):
      text += " "
      if let block = YAMLScalar.block(string, indentation: indentation + 2) {
        text += block
      } else {
        text += YAMLScalar.inline(string) + "\n"
      }
    default:
      text += " " + scalar(value) + "\n"
    }
  }

  private mutating func indent(_ count: Int) {
    text += String(repeating: " ", count: count)
  }

  private func scalar(_ value: JSONValue) -> String {
    if case .string(let string) = value { return YAMLScalar.inline(string) }
    return value.description
  }
}

/// Texts as YAML scalars.
enum YAMLScalar {
  /// Words that some version of YAML reads as something else than text.
  private static let reserved: Set<String> = [
    "null", "true", "false", "yes", "no", "on", "off", "y", "n",
  ]

  /// The text on one line: as it is where no reader can mistake it, quoted elsewhere.
  static func inline(_ text: String) -> String {
    isPlain(text) ? text : quoted(text)
  }

  /// Several lines as a literal block that begins on this line; nil where the text has one line,
  /// or characters that a block can't hold as they are.
  static func block(_ text: String, indentation: Int) -> String? {
    guard text.contains("\n"), let first = text.first, first != " ", first != "\n",
      !text.hasSuffix("\n\n"),
      text.unicodeScalars.allSatisfy({ $0 == "\n" || isPrintable($0) })
    else { return nil }
    let endsLine = text.hasSuffix("\n")
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if endsLine { lines.removeLast() }
    // Blanks alone on a line are content that editors strip and readers see differently.
    guard lines.allSatisfy({ $0.isEmpty || !$0.allSatisfy { $0 == " " } }) else { return nil }
    let margin = String(repeating: " ", count: indentation)
    return (endsLine ? "|\n" : "|-\n")
      + lines.map { ($0.isEmpty ? "" : margin + $0) + "\n" }.joined()
  }

  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first) || first == UInt8(ascii: "/"),
      !reserved.contains(text.lowercased()), !text.hasSuffix(" "), !text.hasSuffix(":"),
      !text.contains(": "), !text.contains(" #")
    else { return false }
    return text.utf8.allSatisfy { byte in
      isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || "/_.-:+@=() ".utf8.contains(byte)
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
      0x10000...0x10FFFF:
      true
    default: false
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case _ where isPrintable(scalar): quoted.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    return quoted + "\""
  }
}
