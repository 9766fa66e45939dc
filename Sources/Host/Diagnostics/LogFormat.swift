internal import Glibc
internal import JSON

/// What a line of the log looks like.
public enum LogFormat: Sendable {
  /// For a person: `12:03:07.250 warning plugin ended plugin=local signal=11`.
  case text
  /// For a collector: one JSON object a line.
  case json

  /// Longest line, newline included. What is longer loses the ends of its texts, then its last
  /// fields; a line of JSON stays JSON.
  public static let lineBytes = 8192
  /// Longest message, and longest value of one field, before they are cut.
  static let textBytes = 2048
  /// Fields after these are left out.
  static let fieldCount = 32

  /// The line, newline included.
  public func line(_ record: LogRecord) -> [UInt8] {
    var record = record
    record.message = Self.cut(record.message)
    record.fields = record.fields.prefix(Self.fieldCount).map(Self.cut)
    while true {
      let line = rendered(record)
      if line.count <= Self.lineBytes { return line }
      if !record.fields.isEmpty {
        record.fields.removeLast()
      } else {
        record.message = String(record.message.prefix(record.message.count / 2))
      }
    }
  }

  private func rendered(_ record: LogRecord) -> [UInt8] {
    switch self {
    case .text: Array((Self.text(record) + "\n").utf8)
    case .json: Self.json(record).serialized() + [UInt8(ascii: "\n")]
    }
  }

  private static func json(_ record: LogRecord) -> JSONValue {
    var object = JSONObject()
    object["time"] = .string(timestamp(record.unixMS, "%Y-%m-%dT%H:%M:%S") + "Z")
    object["level"] = .string(record.level.name)
    object["message"] = .string(record.message)
    // A field may not pass itself off as the line's own time or level.
    for field in record.fields {
      object[object[field.name] == nil ? field.name : "field." + field.name] = field.value
    }
    return .object(object)
  }

  private static func text(_ record: LogRecord) -> String {
    var line = "\(timestamp(record.unixMS, "%H:%M:%S")) \(record.level.name) "
    line += printable(record.message)
    for field in record.fields { line += " \(field.name)=\(text(field.value))" }
    return line
  }

  private static func text(_ value: JSONValue) -> String {
    guard case .string(let string) = value else { return printable(value.description) }
    let isPlain =
      !string.isEmpty && string.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D }
    return printable(isPlain ? string : value.description)
  }

  /// Nothing that a plugin or a manifest says may steer the terminal that shows it.
  private static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: \.isControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      result += scalar.isControl ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return result
  }

  /// UTC, to the millisecond.
  private static func timestamp(_ unixMS: Int64, _ format: String) -> String {
    let milliseconds = ((unixMS % 1000) + 1000) % 1000
    var seconds = time_t((unixMS - milliseconds) / 1000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let written = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      let count = strftime(buffer.baseAddress!, buffer.count, format, &parts)
      return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    let digits = String(milliseconds)
    return "\(written).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
  }

  private static func cut(_ text: String) -> String {
    guard text.utf8.count > textBytes else { return text }
    // Scalars, not bytes: half of one is no text. Not Characters: one can be of any length.
    var end = text.utf8.index(text.startIndex, offsetBy: textBytes)
    while String.Index(end, within: text.unicodeScalars) == nil {
      end = text.utf8.index(before: end)
    }
    return String(text[..<end]) + "… (\(text.utf8.count) bytes)"
  }

  private static func cut(_ field: LogField) -> LogField {
    var field = field
    switch field.value {
    case .string(let text): field.value = .string(cut(text))
    case .array, .object:
      let text = field.value.description
      if text.utf8.count > textBytes { field.value = .string(cut(text)) }
    default: break
    }
    return field
  }
}

extension Unicode.Scalar {
  /// C0, DEL and C1: what terminals take for commands.
  fileprivate var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }
}
