public import JSON

/// How much a line matters, by whose move it is.
public enum LogLevel: Int, Sendable, Comparable, CaseIterable {
  /// For who works on Mortise itself.
  case debug
  /// What happened, in the order in which it did.
  case info
  /// It went on, but someone should know.
  case warning
  /// Something outside is wrong: input, a plugin, the disk.
  case error
  /// Something inside is wrong: please report it.
  case fault

  public static func < (left: LogLevel, right: LogLevel) -> Bool {
    left.rawValue < right.rawValue
  }

  /// As configuration and JSON lines write it.
  public var name: String { String(describing: self) }

  public init?(name: String) {
    guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = level
  }
}

/// A named value that belongs to a line: searched for, not read over.
public struct LogField: Sendable, Equatable {
  public var name: String
  public var value: JSONValue

  public init(name: String, value: JSONValue) {
    self.name = name
    self.value = value
  }
}

/// One line of the log, before anyone has decided what it looks like.
public struct LogRecord: Sendable, Equatable {
  /// Unix time in milliseconds.
  public var unixMS: Int64
  public var level: LogLevel
  public var message: String
  public var fields: [LogField]

  public init(unixMS: Int64, level: LogLevel, message: String, fields: [LogField] = []) {
    self.unixMS = unixMS
    self.level = level
    self.message = message
    self.fields = fields
  }
}

/// Where records go.
///
/// - Isolation: called from any thread, several at once.
public protocol LogSink: Sendable {
  func write(_ record: LogRecord)
}
