import JSON

/// How a configuration object becomes the text of a file that a server reads.
enum ConfigFormat: String, Sendable, CaseIterable {
  /// `key value`, a line each, as redis.conf; booleans are yes and no.
  case space
  /// `key=value`, a line each; booleans are true and false.
  case equals
  case json

  /// Renders members in the order of their names, so that equal configurations are equal files.
  ///
  /// - Throws: `ConfigProblem` for a name or a value that the format can't carry.
  func render(_ config: JSONObject) throws(ConfigProblem) -> [UInt8] {
    let members = config.members.sorted { $0.name < $1.name }
    for member in members { try Self.check(member) }
    switch self {
    case .space:
      return Self.lines(members) { "\($0) \(Self.text($1, true: "yes", false: "no"))" }
    case .equals:
      return Self.lines(members) { "\($0)=\(Self.text($1, true: "true", false: "false"))" }
    case .json:
      return JSONValue.object(JSONObject(members)).serialized() + [UInt8(ascii: "\n")]
    }
  }

  private static func lines(
    _ members: [JSONObject.Member], _ line: (String, JSONValue) -> String
  ) -> [UInt8] {
    members.flatMap { Array(line($0.name, $0.value).utf8) + [UInt8(ascii: "\n")] }
  }

  /// A name is checked for every format, because it begins a line: what a name may hold decides
  /// whether it could smuggle in another line.
  private static func check(_ member: JSONObject.Member) throws(ConfigProblem) {
    let allowed = member.name.utf8.allSatisfy { byte in
      isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        || byte == UInt8(ascii: ".")
    }
    guard allowed, let first = member.name.utf8.first, isAlphanumeric(first) else {
      throw ConfigProblem(
        path: "config.\(member.name)",
        message: "a name has letters, digits, '-', '_', '.', and begins with a letter or digit")
    }
    switch member.value {
    case .string, .integer, .number, .bool: return
    case .null, .array, .object:
      throw ConfigProblem(
        path: "config.\(member.name)", message: "expected a string, a number or a boolean")
    }
  }

  private static func text(_ value: JSONValue, true yes: String, false no: String) -> String {
    switch value {
    case .bool(let value): value ? yes : no
    case .string(let value): isPlain(value) ? value : quoted(value)
    default: value.description
    }
  }

  private static func isPlain(_ value: String) -> Bool {
    !value.isEmpty
      && value.utf8.allSatisfy { byte in
        isAlphanumeric(byte) || "-_./:@%+,*".utf8.contains(byte)
      }
  }

  /// Control characters are escaped, so that a value stays on its line.
  private static func quoted(_ value: String) -> String {
    var result = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        let digits = String(scalar.value, radix: 16)
        result += "\\x" + (digits.count == 1 ? "0" + digits : digits)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}

/// What a configuration holds that its file can't.
struct ConfigProblem: Error, Sendable, Equatable {
  /// Dotted path in the task's params.
  var path: String
  var message: String
}
