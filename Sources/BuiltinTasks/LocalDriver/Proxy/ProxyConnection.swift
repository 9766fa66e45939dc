import Glibc
import LinuxSystem
import Synchronization
import TTRPC

/// One connection through the proxy: bytes both ways, each way ended on its own.
final class ProxyConnection: Sendable {
  /// Read and not yet written, one way.
  static let bufferBytes = 64 << 10

  let endpoint: Endpoint
  private let client: Descriptor
  private let server = Mutex<Descriptor?>(nil)
  private let isEnded = Atomic(false)
  private let loop: EventLoop

  init(client: Descriptor, endpoint: Endpoint, loop: EventLoop) {
    self.client = client
    self.endpoint = endpoint
    self.loop = loop
  }

  /// Returns when both ways have ended. A pod that can't be reached ends the client's connection.
  func run() async {
    defer { end() }
    guard let server = try? await LoopbackSocket.connect(endpoint.address, endpoint.port, on: loop)
    else { return }
    self.server.withLock { $0 = server }
    guard !isEnded.load(ordering: .relaxed) else { return }
    Self.sendAtOnce(client)
    Self.sendAtOnce(server)
    await withTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: loop) { await self.pump(from: self.client, to: server) }
      group.addTask(executorPreference: loop) { await self.pump(from: server, to: self.client) }
    }
  }

  /// Ends both ways now: whoever waits on either socket wakes up to the end of the stream.
  func end() {
    isEnded.store(true, ordering: .relaxed)
    shutdown(client.number, Int32(SHUT_RDWR))
    server.withLock { server in
      if let server { _ = shutdown(server.number, Int32(SHUT_RDWR)) }
    }
  }

  /// Moves bytes until the source ends, then ends the target's stream. A failure ends both ways:
  /// half a conversation is of no use to either side.
  private func pump(from source: Descriptor, to target: Descriptor) async {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferBytes, alignment: 16)
    defer { buffer.deallocate() }
    do {
      while let count = try await fill(buffer, from: source) {
        try await drain(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: target)
      }
      shutdown(target.number, Int32(SHUT_WR))
    } catch {
      end()
    }
  }

  private func fill(
    _ buffer: UnsafeMutableRawBufferPointer, from source: Descriptor
  ) async throws -> Int? {
    while true {
      let count = recv(source.number, buffer.baseAddress, buffer.count, 0)
      if count > 0 { return count }
      if count == 0 { return nil }
      guard errno == EAGAIN || errno == EINTR else {
        throw SystemError(code: errno, call: "recv", subject: endpoint.description)
      }
      try await loop.waitReadable(source.number)
    }
  }

  private func drain(_ bytes: UnsafeRawBufferPointer, to target: Descriptor) async throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let chunk = UnsafeRawBufferPointer(rebasing: rest)
      let count = send(target.number, chunk.baseAddress, chunk.count, Int32(MSG_NOSIGNAL))
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN || errno == EINTR {
        try await loop.waitWritable(target.number)
      } else {
        throw SystemError(code: errno, call: "send", subject: endpoint.description)
      }
    }
  }

  /// Small answers must not wait for more to come; a socket that refuses is only slower.
  private static func sendAtOnce(_ socket: Descriptor) {
    var on: Int32 = 1
    _ = setsockopt(
      socket.number, Int32(IPPROTO_TCP), TCP_NODELAY, &on,
      socklen_t(MemoryLayout<Int32>.size))
  }
}
