internal import Glibc
internal import LinuxSystem
internal import Synchronization
internal import TTRPC

/// What a plugin wrote to stdout and stderr: counted as a whole, kept as far as reports need it.
final class LogCapture: Sendable {
  static let linesMax = 200
  static let lineBytesMax = 4096

  private struct State {
    var partial: [UInt8] = []
    var lines: [String] = []
    var bytes = 0
    var longestLine = 0
    var brokenJSON: String?
    var isPaused = false
    var isFull = false
  }

  /// A pipe has room for 16 pages. Two that follow one another hold more than one page together, as
  /// what is written goes on in the last page where it fits: full is from 32 KiB to 64 KiB.
  private static let fullPipeBytes = 60 << 10
  private static let fullPipeBytesMin = 32 << 10
  /// After so many looks without a change nobody is about to write more.
  private static let stillLooks = 40

  private let state = Mutex(State())

  /// Reads the pipe until its end.
  func follow(_ pipe: Descriptor, on loop: EventLoop) {
    loop.spawn { [self] in
      do {
        try pipe.setNonblocking()
        while true {
          try await loop.waitReadable(pipe.number)
          try await waitWhilePaused(pipe, on: loop)
          let bytes = try pipe.read(upTo: 64 << 10)
          if bytes.isEmpty { return }
          state.withLock { Self.take(bytes, into: &$0) }
        }
      } catch {
        // The loop or the pipe is gone: whoever waits for what is written fails by himself.
        return
      }
    }
  }

  private func waitWhilePaused(_ pipe: Descriptor, on loop: EventLoop) async throws {
    var (last, looks) = (0, 0)
    while state.withLock({ $0.isPaused }) {
      let unread = Self.unreadBytes(pipe)
      looks = unread == last ? looks + 1 : 0
      last = unread
      if unread >= Self.fullPipeBytes
        || (unread >= Self.fullPipeBytesMin && looks >= Self.stillLooks)
      {
        state.withLock { $0.isFull = true }
      }
      try await loop.sleep(for: .milliseconds(5))
    }
  }

  private static func unreadBytes(_ pipe: Descriptor) -> Int {
    var count: Int32 = 0
    return ioctl(pipe.number, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
  }

  private static func take(_ bytes: [UInt8], into state: inout State) {
    state.bytes += bytes.count
    var rest = bytes[...]
    while let end = rest.firstNewline() {
      state.partial += rest[..<end]
      endLine(&state)
      rest = rest[(end + 1)...]
    }
    state.partial += rest
  }

  private static func endLine(_ state: inout State) {
    let line = state.partial
    state.partial = []
    state.longestLine = max(state.longestLine, line.count)
    let text = String(decoding: line.prefix(lineBytesMax), as: UTF8.self)
    if line.first == UInt8(ascii: "{"), !LogLine.isObject(line) { state.brokenJSON = text }
    state.lines.append(text)
    if state.lines.count > linesMax { state.lines.removeFirst() }
  }

  /// The last lines.
  func tail(_ count: Int) -> [String] { state.withLock { $0.lines.suffix(count) } }

  var bytes: Int { state.withLock { $0.bytes } }
  var longestLine: Int { state.withLock { $0.longestLine } }
  /// A line that begins as an object and is none.
  var brokenJSON: String? { state.withLock { $0.brokenJSON } }

  /// Whether a pipe was full while it was paused.
  var isFull: Bool { state.withLock { $0.isFull } }

  /// Leaves what is written in the pipes, so that they fill up.
  func pause(_ isPaused: Bool) { state.withLock { $0.isPaused = isPaused } }
}
