internal import LinuxSystem
internal import Model

/// Which lines of a plugin's log are sent: its file has a line's moment in front of each.
struct LogLines: Sendable {
  /// As `Timestamp` writes it.
  private let since: [UInt8]
  private let needle: [UInt8]
  /// Lines come in the order of time: once one is late enough, all are.
  private var isReached: Bool

  /// - Parameters:
  ///   - sinceUnixMS: lines from before are left out; 0 = none is.
  ///   - text: lines without it are left out; empty = none is.
  init(sinceUnixMS: Int64, containing text: String) {
    since = Array(Timestamp(milliseconds: sinceUnixMS).description.utf8)
    needle = Array(text.utf8)
    isReached = sinceUnixMS <= 0
  }

  /// Of whole lines, those that are to be sent.
  mutating func chosen(of lines: [UInt8]) -> [UInt8] {
    if isReached, needle.isEmpty { return lines }
    var chosen: [UInt8] = []
    var start = lines.startIndex
    while let end = lines[start...].firstNewline() {
      let line = lines[start...end]
      start = end + 1
      if !isReached { isReached = !line.lexicographicallyPrecedes(since) }
      if isReached, contains(line) { chosen += line }
    }
    return chosen
  }

  private func contains(_ line: ArraySlice<UInt8>) -> Bool {
    needle.isEmpty || line.firstRange(of: needle) != nil
  }
}
