internal import JSON

/// A line that a plugin logged.
enum LogLine {
  /// Whether the line is a JSON object with the members that hosts look for.
  static func isObject(_ line: [UInt8]) -> Bool {
    guard let value = try? JSONValue(parsing: line) else { return false }
    return value["msg"]?.string != nil && value["level"]?.string != nil
  }
}
