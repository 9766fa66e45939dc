import Glibc
import LinuxSystem
import PluginProto
import Testing

@testable import TTRPC

@Suite("a server whose client is no good")
struct ServerTests {
  private func serve(
    _ limits: Limits = Limits(),
    admit: @escaping @Sendable (PeerCredentials) -> Bool = { _ in true }
  ) throws -> (Server, RawPeer) {
    let (left, right) = try UnixSocket.pair()
    let server = Server(
      loop: try EventLoop.startThread("server"), router: Echo.router(), limits: limits,
      admit: admit, handlerFailed: { _ in })
    server.serve(connection: left)
    return (server, RawPeer(right))
  }

  private let hello = Echo.Message(key: "k", value: "hello")

  /// The connection still answers.
  private func expectAlive(_ peer: RawPeer, _ stream: StreamID) async throws {
    try await peer.send(peer.request(stream, Echo.unary, hello))
    let response = try #require(try await peer.nextResponse())
    #expect(response.stream == stream && response.error == nil)
    #expect(response.payload == hello.serialized())
  }

  private func expectError(
    _ peer: RawPeer, _ stream: StreamID, _ code: RPCCode, _ reason: String
  ) async throws {
    let response = try #require(try await peer.nextResponse())
    #expect(response.stream == stream)
    #expect(response.error?.code == code && response.error?.reason == reason)
    #expect(response.error?.message.isEmpty == false)
  }

  @Test("refuses what can't be a call on its own stream and goes on")
  func refusals() async throws {
    let (_, peer) = try serve()
    try await peer.send(peer.request(2, Echo.unary, hello))
    try await expectError(peer, 2, .invalidArgument, "StreamIDNotOdd")
    try await peer.send(peer.request(5, Echo.missing, hello))
    try await expectError(peer, 5, .unimplemented, "UnknownMethod")
    try await peer.send(peer.request(3, Echo.unary, hello))
    try await expectError(peer, 3, .invalidArgument, "StreamIDNotRising")
    try await peer.send(peer.request(5, Echo.unary, hello))
    try await expectError(peer, 5, .invalidArgument, "StreamIDNotRising")
    try await peer.send(frame(7, .data, [], [1, 2, 3]))
    try await expectError(peer, 7, .invalidArgument, "UnknownStream")
    try await peer.send(peer.request(9, Echo.repeated, hello))
    try await expectError(peer, 9, .invalidArgument, "StreamExpected")
    try await peer.send(peer.request(11, Echo.repeated, hello, flags: .remoteOpen))
    try await expectError(peer, 11, .unimplemented, "ClientStreaming")
    try await peer.send(frame(13, .request, [], [0xFF, 0xFF, 0xFF]))
    try await expectError(peer, 13, .invalidArgument, "MalformedRequest")
    let envelope = TTRPCProto.Request(
      service: "test.Echo", method: "Echo", payload: [0xFF, 0xFF, 0xFF])
    try await peer.send(frame(15, .request, [], envelope.serialized()))
    try await expectError(peer, 15, .invalidArgument, "MalformedRequest")
    try await expectAlive(peer, 17)
  }

  @Test("skips frames of types that it doesn't know")
  func unknownTypes() async throws {
    let (_, peer) = try serve()
    for type: UInt8 in [0, 2, 4, 99, 255] {
      try await peer.send(frame(1, FrameType(rawValue: type), [], [1, 2, 3]))
    }
    try await expectAlive(peer, 1)
  }

  @Test("throws a frame away that is too long, refuses its stream and goes on")
  func oversized() async throws {
    let (_, peer) = try serve()
    try await peer.send(frame(1, .request, [], [UInt8](repeating: 1, count: (4 << 20) + 1)))
    try await expectError(peer, 1, .resourceExhausted, "FrameTooLarge")
    try await expectAlive(peer, 3)
  }

  @Test("closes when a frame is announced that is too long to be thrown away")
  func beyondDiscard() async throws {
    let (_, peer) = try serve()
    try await peer.send([1, 0, 0, 0, 0, 0, 0, 1, 1, 0])
    #expect(try await peer.nextFrame() == nil)
  }

  @Test("survives any garbage", arguments: 1...30 as ClosedRange)
  func garbage(seed: Int) async throws {
    var state = UInt64(seed)
    func random() -> UInt8 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 33)
    }
    let (_, peer) = try serve()
    var bytes = (0..<40).flatMap { index -> [UInt8] in
      let payload = (0..<Int(random() % 64)).map { _ in random() }
      // Plausible headers, so that what is behind them is reached.
      return frame(
        StreamID(random() % 32), FrameType(rawValue: random() % 5),
        FrameFlags(rawValue: random() % 8), payload)
    }
    for _ in 0..<10 { bytes[Int(random()) * bytes.count / 256] = random() }
    try? await peer.send(bytes)
    shutdown(peer.socket.number, Int32(SHUT_WR))
    while try await peer.nextFrame() != nil {}
  }

  @Test("answers at the caller's deadline, whatever its handler does")
  func deadline() async throws {
    let (_, peer) = try serve()
    try await peer.send(peer.request(1, Echo.hang, hello, timeoutNano: 20_000_000))
    try await expectError(peer, 1, .deadlineExceeded, "DeadlineExceeded")
    try await expectAlive(peer, 3)
  }

  @Test("refuses calls beyond the limit and takes them again when some have ended")
  func tooManyCalls() async throws {
    var limits = Limits()
    limits.callsInFlight = 2
    let (_, peer) = try serve(limits)
    try await peer.send(peer.request(1, Echo.hang, hello, timeoutNano: 50_000_000))
    try await peer.send(peer.request(3, Echo.hang, hello, timeoutNano: 50_000_000))
    try await peer.send(peer.request(5, Echo.unary, hello))
    try await expectError(peer, 5, .resourceExhausted, "TooManyCalls")
    for _ in 0..<2 { #expect(try await peer.nextResponse()?.error?.code == .deadlineExceeded) }
    try await expectAlive(peer, 7)
  }

  @Test("answers an error whose handler threw, and tells nothing of one that it didn't expect")
  func handlerErrors() async throws {
    let (_, peer) = try serve()
    try await peer.send(
      peer.request(1, Echo.fail, Echo.Message(key: "NotYet", value: "wait for it")))
    let response = try await peer.nextResponse()
    #expect(
      response?.error == RPCError(.failedPrecondition, reason: "NotYet", message: "wait for it"))
    try await peer.send(peer.request(3, Echo.crash, hello))
    let crash = try #require(try await peer.nextResponse()?.error)
    #expect(crash.code == .internal && crash.reason == "HandlerFailed")
    #expect(!crash.message.contains("Surprise"))
  }

  @Test("refuses a reply, and shortens an error, that is longer than a frame, and goes on")
  func replyTooLarge() async throws {
    let (_, peer) = try serve()
    let large = Echo.Message(key: "5", value: String(repeating: "v", count: 1 << 20))
    try await peer.send(peer.request(1, Echo.grow, large))
    try await expectError(peer, 1, .resourceExhausted, "ReplyTooLarge")
    try await peer.send(peer.request(3, Echo.failAtLength, large))
    let error = try #require(try await peer.nextResponse()?.error)
    #expect(error == RPCError(.dataLoss, reason: "", message: ""))
    try await expectAlive(peer, 5)
  }

  @Test("hangs up on a peer that isn't admitted")
  func notAdmitted() async throws {
    let (_, peer) = try serve { _ in false }
    #expect(try await peer.nextFrame() == nil)
  }

  @Test("stops to read requests while its answers aren't read, and loses none")
  func backPressure() async throws {
    var limits = Limits()
    limits.outboundBytes = 32 << 10
    let (_, peer) = try serve(limits)
    let large = Echo.Message(key: "k", value: String(repeating: "v", count: 16 << 10))
    var sent = 0
    // Nothing is read meanwhile: at some point the server takes no more, and the socket is full.
    while sent < 10_000 {
      let bytes = peer.request(StreamID(2 * sent + 1), Echo.unary, large)
      guard try bytes.withUnsafeBytes({ try peer.socket.sendAvailable($0) }) == bytes.count else {
        break
      }
      sent += 1
    }
    #expect(sent > 1 && sent < 10_000)
    for _ in 0..<sent {
      #expect(try await peer.nextResponse()?.payload == large.serialized())
    }
  }

  @Test("ends a stream with an error where its handler throws")
  func failingStream() async throws {
    let (_, peer) = try serve()
    let request = Echo.Message(key: "2", value: "fail")
    try await peer.send(peer.request(1, Echo.repeated, request, flags: .remoteClosed))
    for index in 0..<2 {
      let (header, payload) = try #require(try await peer.nextFrame())
      #expect(header.type == .data && header.flags == [] && header.stream == 1)
      #expect(try Echo.Message(serialized: payload).key == String(index))
    }
    try await expectError(peer, 1, .dataLoss, "Enough")
  }

  @Test("ends a stream that its peer breaks, with one error and nothing behind it")
  func brokenStream() async throws {
    let (_, peer) = try serve()
    try await peer.send(
      peer.request(1, Echo.hang, hello, flags: .remoteClosed) + frame(1, .data, [], [1]))
    try await expectError(peer, 1, .invalidArgument, "DataAfterClose")
    try await expectAlive(peer, 3)
  }
}
