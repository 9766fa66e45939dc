/// Why a text is no JSON document, and where.
public struct JSONParseError: Error, Equatable, CustomStringConvertible {
  /// Bytes before the place.
  public let offset: Int
  /// Counted from 1.
  public let line: Int
  /// Characters (Unicode scalars) from the start of the line, counted from 1.
  public let column: Int
  /// What was found and what was expected there.
  public let message: String

  public init(offset: Int, line: Int, column: Int, message: String) {
    self.offset = offset
    self.line = line
    self.column = column
    self.message = message
  }

  public var description: String { "line \(line), column \(column): \(message)" }
}

extension JSONParseError {
  /// Lines and columns are counted only when there is an error to report.
  init(at offset: Int, of text: UnsafeBufferPointer<UInt8>, _ message: String) {
    let before = text[..<min(offset, text.count)]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    self.init(
      offset: offset,
      line: 1 + before.count { $0 == UInt8(ascii: "\n") },
      // Continuation bytes of UTF-8 belong to the scalar before them.
      column: 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 },
      message: message)
  }
}
