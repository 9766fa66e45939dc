internal import LinuxSystem

/// Cuts a stream of bytes into lines of bounded length.
///
/// Whatever a plugin writes is text to the host: bytes that are not UTF-8 are repaired, a line
/// without an end is cut, and no more than one line is ever held back.
struct LineSplitter: Sendable {
  /// A longer line goes on as the next one.
  static let longestLine = 8 * 1024

  private let limit: Int
  private var rest: [UInt8] = []

  init(limit: Int = Self.longestLine) {
    precondition(limit >= 4, "a line must take the longest character")
    self.limit = limit
  }

  /// The lines that these bytes complete, without their line ends.
  ///
  /// - Invariant: the lines are the same however the bytes are cut into pieces (guarded by
  ///   `LineSplitterTests`).
  mutating func lines(in bytes: [UInt8]) -> [String] {
    var lines: [String] = []
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstNewline() ?? bytes.count
      while rest.count + (end - start) > limit {
        let room = limit - rest.count
        rest += bytes[start..<start + room]
        start += room
        lines.append(takeLine(all: false))
      }
      rest += bytes[start..<end]
      if end < bytes.count { lines.append(takeLine(all: true)) }
      start = end + 1
    }
    return lines
  }

  /// What is left when the stream has ended; nil where it ended with a line end.
  mutating func finish() -> String? {
    rest.isEmpty ? nil : takeLine(all: true)
  }

  /// - Parameter all: otherwise a character that is cut at the end stays for the next line.
  private mutating func takeLine(all: Bool) -> String {
    var end = rest.count
    if !all {
      var lead = end - 1
      while lead > end - 4, rest[lead] & 0xC0 == 0x80 { lead -= 1 }
      let length = rest[lead] >= 0xF0 ? 4 : rest[lead] >= 0xE0 ? 3 : rest[lead] >= 0xC0 ? 2 : 1
      if lead + length > end { end = lead }
    }
    let line = String(decoding: rest[..<end], as: UTF8.self)
    rest.removeFirst(end)
    return line
  }
}

/// The latest lines of a stream: what a crash event tells of a plugin's last words.
struct RecentLines: Sendable, Equatable {
  /// So many lines are kept: a runtime's backtrace may not push out what was said before it.
  static let limit = 80

  private(set) var lines: [String] = []

  mutating func append(_ line: String) {
    if lines.count == Self.limit { lines.removeFirst() }
    lines.append(line)
  }
}
