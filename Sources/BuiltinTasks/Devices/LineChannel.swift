import Glibc
public import JSON
public import LinuxSystem
import Synchronization
public import TTRPC

/// JSON values over a stream socket, a line each: how a device and its driver talk.
///
/// - Isolation: used on its loop; `next` by one task at a time, `send` by any.
public final class LineChannel: Sendable {
  /// Of one line, and of what waits to be written.
  public static let bytesMax = 1 << 20

  private let descriptor: Descriptor
  private let loop: EventLoop
  private let state = Mutex(State())

  private struct State {
    /// Read and not taken yet.
    var inbound: [UInt8] = []
    /// Where to look for the end of the line.
    var searched = 0
    var outbound: [UInt8] = []
    var isFlushing = false
  }

  /// - Parameter descriptor: connected and nonblocking; closed with the channel.
  public init(_ descriptor: Descriptor, on loop: EventLoop) {
    self.descriptor = descriptor
    self.loop = loop
  }

  /// The next line; nil at the end, a line without its end included.
  ///
  /// - Throws: the connection broke, or the peer sends what is no line of JSON.
  public func next() async throws -> JSONValue? {
    while true {
      if let line = try takeLine() { return try JSONValue(parsing: line) }
      try await loop.waitReadable(descriptor.number)
      var buffer = [UInt8](repeating: 0, count: 16 << 10)
      guard
        let count = try buffer.withUnsafeMutableBytes({ try descriptor.readAvailable(into: $0) })
      else { continue }
      if count == 0 { return nil }
      state.withLock { $0.inbound += buffer.prefix(count) }
    }
  }

  private func takeLine() throws(EndlessLine) -> [UInt8]? {
    let line = state.withLock { state -> Result<[UInt8]?, EndlessLine> in
      guard let end = state.inbound[state.searched...].firstIndex(of: UInt8(ascii: "\n")) else {
        state.searched = state.inbound.count
        return state.searched > Self.bytesMax ? .failure(EndlessLine()) : .success(nil)
      }
      let line = Array(state.inbound[..<end])
      state.inbound.removeSubrange(...end)
      state.searched = 0
      return .success(line)
    }
    return try line.get()
  }

  /// The peer's line has no end.
  struct EndlessLine: Error, CustomStringConvertible {
    var description: String { "a line of more than \(LineChannel.bytesMax) bytes" }
  }

  /// Sends a line; returns when the kernel has it, or another task sends it with its own.
  ///
  /// - Throws: the connection broke, or the peer does not read.
  public func send(_ value: JSONValue) async throws {
    let mustFlush = state.withLock { state -> Bool? in
      guard state.outbound.count <= Self.bytesMax else { return nil }
      state.outbound += value.serialized() + [UInt8(ascii: "\n")]
      defer { state.isFlushing = true }
      return !state.isFlushing
    }
    guard let mustFlush else {
      throw SystemError(code: ENOBUFS, call: "send", subject: "a peer that does not read")
    }
    guard mustFlush else { return }
    defer { state.withLock { $0.isFlushing = false } }
    while true {
      let bytes = state.withLock { state in
        defer { state.outbound = [] }
        return state.outbound
      }
      if bytes.isEmpty { return }
      try await write(bytes)
    }
  }

  private func write(_ bytes: [UInt8]) async throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      if let count = try rest.withUnsafeBytes({ try descriptor.sendAvailable($0) }) {
        rest = rest.dropFirst(count)
      } else {
        try await loop.waitWritable(descriptor.number)
      }
    }
  }

  /// Ends the connection; whoever waits in `next` or `send` goes on.
  public func close() {
    shutdown(descriptor.number, Int32(SHUT_RDWR))
  }
}
