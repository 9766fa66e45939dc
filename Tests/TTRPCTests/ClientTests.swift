import LinuxSystem
import PluginProto
import Testing

@testable import TTRPC

@Suite("a client whose server is no good")
struct ClientTests {
  private let hello = Echo.Message(key: "k", value: "hello")

  private func connect(_ limits: Limits = Limits()) throws -> (Client, RawPeer) {
    let (left, right) = try UnixSocket.pair()
    let loop = try EventLoop.startThread("client")
    return (Client(descriptor: left, on: loop, limits: limits), RawPeer(right))
  }

  private func response(_ stream: StreamID, _ message: Echo.Message) -> [UInt8] {
    frame(
      stream, .response, [], TTRPCProto.Response(payload: message.serialized()).serialized())
  }

  @Test("fails the call whose response is not one, and goes on")
  func malformed() async throws {
    let (client, peer) = try connect()
    for payload: [UInt8] in [[0xFF, 0xFF], TTRPCProto.Response(payload: [0xFF]).serialized()] {
      async let reply = failure { [hello] in try await client.call(Echo.unary, hello) }
      let (header, _) = try #require(try await peer.nextFrame())
      try await peer.send(frame(header.stream, .response, [], payload))
      #expect(await reply?.reason == "MalformedReply")
    }
    async let reply = client.call(Echo.unary, hello)
    let (header, _) = try #require(try await peer.nextFrame())
    try await peer.send(response(header.stream, hello))
    #expect(try await reply == hello)
  }

  @Test("takes no notice of answers that nobody waits for any more")
  func late() async throws {
    let (client, peer) = try connect()
    await #expect(throws: RPCError.deadlineExceeded) {
      try await client.call(Echo.unary, hello, timeout: .milliseconds(10))
    }
    let (header, _) = try #require(try await peer.nextFrame())
    try await peer.send(response(header.stream, hello))
    async let reply = client.call(Echo.unary, hello)
    let (next, _) = try #require(try await peer.nextFrame())
    #expect(next.stream == header.stream + 2)
    try await peer.send(response(next.stream, Echo.Message(key: "second", value: "")))
    #expect(try await reply.key == "second")
  }

  @Test("closes when it is answered what it never asked")
  func unasked() async throws {
    let (client, peer) = try connect()
    async let reply = failure { [hello] in try await client.call(Echo.unary, hello) }
    _ = try await peer.nextFrame()
    try await peer.send(response(77, hello))
    let replyError = await reply
    #expect(replyError?.reason == "ProtocolViolation")
    await client.waitUntilClosed()
    #expect(try await peer.nextFrame() == nil)
  }

  @Test("fails the call whose response was too long, and goes on")
  func oversized() async throws {
    let (client, peer) = try connect()
    async let large = failure { [hello] in try await client.call(Echo.unary, hello) }
    _ = try await peer.nextFrame()
    try await peer.send(frame(1, .response, [], [UInt8](repeating: 0, count: (4 << 20) + 1)))
    let largeError = await large
    #expect(largeError?.reason == "FrameTooLarge")
    async let reply = client.call(Echo.unary, hello)
    _ = try await peer.nextFrame()
    try await peer.send(response(3, hello))
    #expect(try await reply == hello)
  }

  @Test("says of each call that the loss of the connection ended whether it may have arrived")
  func delivery() async throws {
    let (client, peer) = try connect()
    async let received = failure { [hello] in try await client.call(Echo.unary, hello) }
    _ = try await peer.nextFrame()
    peer.socket.close()
    let receivedError = await received
    #expect(receivedError?.code == .unavailable)
    #expect(receivedError?.delivery == .mayHaveBeenReceived)
    await client.waitUntilClosed()
    await #expect { try await client.call(Echo.unary, hello) } throws: { error in
      let error = error as? RPCError
      return error?.code == .unavailable && error?.delivery == .notSent
    }
  }

  @Test("knows that a request still in its queue was not sent when the connection is lost")
  func unsent() async throws {
    let (client, peer) = try connect()
    // Fills the socket, so that what follows stays in the queue.
    let large = Echo.Message(key: "k", value: String(repeating: "v", count: 2 << 20))
    async let first = failure { try await client.call(Echo.unary, large) }
    try await RawPeer.loop.waitReadable(peer.socket.number)
    let second = Task(executorPreference: client.loop) { [hello] in
      await failure { try await client.call(Echo.unary, hello) }
    }
    while await client.callsInFlight() < 2 { await Task.yield() }
    peer.socket.close()
    let firstError = await first
    #expect(firstError?.delivery == .mayHaveBeenReceived)
    let secondError = await second.value
    #expect(secondError?.delivery == .notSent)
  }

  @Test("refuses a request that is longer than a frame, and sends no byte of it")
  func requestTooLarge() async throws {
    let (client, peer) = try connect()
    let large = Echo.Message(key: "k", value: String(repeating: "v", count: 4 << 20))
    await #expect(throws: RPCError.requestTooLarge(4 << 20)) {
      try await client.call(Echo.unary, large)
    }
    async let reply = client.call(Echo.unary, hello)
    let (header, _) = try #require(try await peer.nextFrame())
    try await peer.send(response(header.stream, hello))
    #expect(try await reply == hello)
  }

  @Test("loses the stream whose reader falls behind, and nothing else")
  func slowReader() async throws {
    var limits = Limits()
    limits.streamBufferMessages = 4
    let (client, peer) = try connect(limits)
    let stream = try await client.openStream(Echo.repeated, hello)
    _ = try await peer.nextFrame()
    for _ in 0..<5 { try await peer.send(frame(1, .data, [], hello.serialized())) }
    // The answer to this comes after all of the stream's frames.
    async let reply = client.call(Echo.unary, hello)
    _ = try await peer.nextFrame()
    try await peer.send(response(3, hello))
    #expect(try await reply == hello)
    var count = 0
    await #expect(throws: RPCError.streamBufferFull(limits)) {
      for try await _ in stream { count += 1 }
    }
    #expect(count == 4)
  }

  @Test("ends a stream in each of the ways that a peer may end it")
  func streamEnds() async throws {
    let (client, peer) = try connect()
    let error = RPCError(.aborted, reason: "Why", message: "because")
    let ends: [(frames: (StreamID) -> [UInt8], count: Int, error: RPCError?)] = [
      ({ frame($0, .data, [.remoteClosed, .noData]) }, 0, nil),
      ({ frame($0, .data, .remoteClosed) }, 0, nil),
      ({ [hello] in frame($0, .data, .remoteClosed, hello.serialized()) }, 1, nil),
      ({ frame($0, .data) + frame($0, .data, [.remoteClosed, .noData]) }, 1, nil),
      ({ frame($0, .response) }, 0, nil),
      ({ [hello] in self.response($0, hello) }, 1, nil),
      (
        { [hello] id in
          frame(id, .data, [], hello.serialized())
            + frame(id, .response, [], TTRPCProto.Response(status: error.status).serialized())
        }, 1, error
      ),
      (
        { frame($0, .data, [], [0xFF]) }, 0,
        .malformedReply("these bytes are no ttrpc.KeyValue message")
      ),
    ]
    for end in ends {
      let stream = try await client.openStream(Echo.repeated, hello)
      let (header, _) = try #require(try await peer.nextFrame())
      #expect(header.flags == .remoteClosed)
      try await peer.send(end.frames(header.stream))
      var (count, failure): (Int, RPCError?) = (0, nil)
      do throws(RPCError) {
        for try await _ in stream { count += 1 }
      } catch {
        failure = error
      }
      #expect(count == end.count && failure == end.error)
    }
  }
}

extension Client {
  /// How many calls wait for their reply.
  func callsInFlight() async -> Int {
    await withCheckedContinuation { continuation in
      withConnection { continuation.resume(returning: $0.callsInFlight) }
    }
  }
}
