import Glibc
import LinuxSystem
import PluginProto

@testable import TTRPC

/// The other end of a connection, byte by byte: sends anything and reads whole frames.
final class RawPeer {
  /// Where peers wait, so that they keep no thread from the tasks that are to answer them.
  static let loop = try! EventLoop.startThread("peers")

  let socket: Descriptor
  private var decoder = FrameDecoder(limits: Limits())

  init(_ socket: Descriptor) { self.socket = socket }

  /// Sends all of it, waiting for room.
  func send(_ bytes: [UInt8]) async throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = try rest.withUnsafeBytes { try socket.sendAvailable($0) }
      if let sent {
        rest = rest.dropFirst(sent)
      } else {
        try await Self.loop.waitWritable(socket.number)
      }
    }
  }

  /// The next frame, nil when the other side has closed.
  func nextFrame() async throws -> (header: FrameHeader, payload: [UInt8])? {
    while true {
      if case .frame(let header, let payload)? = try decoder.next() {
        return (header, Array(payload))
      }
      do {
        guard let count = try socket.readAvailable(into: decoder.space()) else {
          try await Self.loop.waitReadable(socket.number)
          continue
        }
        if count == 0 { return nil }
        decoder.received(count)
      } catch let error as SystemError where error.code == ECONNRESET {
        return nil
      }
    }
  }

  /// The next frame, which is the response to a call.
  func nextResponse() async throws -> (stream: StreamID, error: RPCError?, payload: [UInt8])? {
    guard let (header, payload) = try await nextFrame() else { return nil }
    precondition(header.type == .response, "a response was due, not \(header)")
    let response = try TTRPCProto.Response(serialized: payload)
    return (header.stream, RPCError(response.status), response.payload)
  }

  func request(
    _ stream: StreamID, _ method: Method<Echo.Message, Echo.Message>, _ message: Echo.Message,
    flags: FrameFlags = [], timeoutNano: Int64 = 0
  ) -> [UInt8] {
    let envelope = TTRPCProto.Request(
      service: method.service, method: method.name, payload: message.serialized(),
      timeoutNano: timeoutNano)
    return frame(stream, .request, flags, envelope.serialized())
  }
}
