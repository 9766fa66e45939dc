internal import Glibc
package import LinuxSystem
internal import Synchronization
package import TTRPC

/// One end of a socket that carries frames, to send on it whatever one likes.
///
/// - Isolation: any task; one task reads at a time. What several tasks send stays in whole pieces.
package final class WireConnection: Sendable {
  private struct Output {
    var waiting: [UInt8] = []
    var isFlushing = false
  }

  private let descriptor: Descriptor
  private let loop: EventLoop
  private let input = Mutex<[UInt8]>([])
  private let output = Mutex(Output())

  /// Takes a connected socket.
  package init(_ descriptor: Descriptor, on loop: EventLoop) throws {
    try descriptor.setNonblocking()
    self.descriptor = descriptor
    self.loop = loop
  }

  /// Connects to the socket at the path; waits while its backlog is full.
  package static func connect(_ path: String, on loop: EventLoop) async throws -> WireConnection {
    while true {
      let descriptor: Descriptor
      do throws(SystemError) {
        descriptor = try UnixSocket.connect(path)
      } catch {
        guard error.isWouldBlock else { throw error }
        try await loop.sleep(for: .milliseconds(5))
        continue
      }
      return try WireConnection(descriptor, on: loop)
    }
  }

  /// Ends both directions, also for whoever waits here. The descriptor goes with the last reference:
  /// closed earlier, its number could be another's while somebody still waits for it.
  package func close() { _ = shutdown(descriptor.number, Int32(SHUT_RDWR)) }

  /// Says that nothing more is sent; the peer still may send.
  package func finishSending() { _ = shutdown(descriptor.number, Int32(SHUT_WR)) }

  package func send(_ frame: WireFrame) async throws { try await send(bytes: frame.bytes) }

  /// Returns once the kernel has all the bytes, or another task that sends has taken them over.
  package func send(bytes: [UInt8]) async throws {
    let mustFlush = output.withLock { output in
      output.waiting += bytes
      defer { output.isFlushing = true }
      return !output.isFlushing
    }
    guard mustFlush else { return }
    do {
      while let bytes = nextOutput() { try await write(bytes) }
    } catch {
      output.withLock { $0.isFlushing = false }
      throw error
    }
  }

  private func nextOutput() -> [UInt8]? {
    output.withLock { output in
      if output.waiting.isEmpty {
        output.isFlushing = false
        return nil
      }
      defer { output.waiting = [] }
      return output.waiting
    }
  }

  private func write(_ bytes: [UInt8]) async throws {
    var start = 0
    while start < bytes.count {
      if let count = try sendAvailable(bytes[start...]) {
        start += count
      } else {
        try await loop.waitWritable(descriptor.number)
      }
    }
  }

  /// Sends what fits at once; nil where nothing does.
  package func sendAvailable(_ bytes: ArraySlice<UInt8>) throws -> Int? {
    try bytes.withUnsafeBytes { try descriptor.sendAvailable($0) }
  }

  /// Returns once the peer has read all that was sent.
  package func waitUntilRead(_ patience: Duration) async throws {
    let deadline = MonotonicTime.now() + patience
    while try UnixSocket.hasUnreadOutput(descriptor) {
      if MonotonicTime.now() > deadline { throw CaseFailure("the plugin stopped reading") }
      try await loop.sleep(for: .milliseconds(1))
    }
  }

  /// The next frame; nil once the peer has closed the connection.
  package func next() async throws -> WireFrame? {
    while true {
      if let frame = input.withLock({ WireFrame.take(from: &$0) }) { return frame }
      guard let bytes = try await read() else { return nil }
      input.withLock { $0 += bytes }
    }
  }

  /// The next bytes as they come, whatever they are; nil at the end.
  package func read() async throws -> [UInt8]? {
    while true {
      var count: Int? = 0
      let bytes = try [UInt8](unsafeUninitializedCapacity: 256 << 10) { buffer, length in
        do throws(SystemError) {
          count = try descriptor.readAvailable(into: UnsafeMutableRawBufferPointer(buffer))
        } catch {
          guard error.code == ECONNRESET else { throw error }
          count = 0
        }
        length = count ?? 0
      }
      if count == 0 { return nil }
      if count != nil { return bytes }
      try await loop.waitReadable(descriptor.number)
    }
  }
}
