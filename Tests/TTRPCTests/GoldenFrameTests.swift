import LinuxSystem
import PluginProto
import Testing

@testable import TTRPC

/// What the golden conversations say, said by a real server and to a real client.
private enum Golden {
  static let precondition = RPCError(
    .failedPrecondition, reason: "HandshakeRequired", message: "Handshake comes first")
  static let tooOld = RPCError(
    .outOfRange, reason: "VersionTooOld", message: "version 4 is no longer kept")
  static let handshake = PluginV1.HandshakeRequest(
    protocolMajors: [1], hostInstance: "host-1", hostEpoch: 7, nonce: "n0nce")
  static let watch = HostV1.WatchRequest(kind: "StatefulNode", name: "redis", fromVersion: 4)
  static let events = [
    HostV1.WatchEvent(type: .added, object: Array(#"{"a":1}"#.utf8), version: 5),
    HostV1.WatchEvent(type: .modified, object: Array(#"{"a":2}"#.utf8), version: 6),
  ]
  static let dance = Method<PluginV1.DescribeRequest, PluginV1.DescribeReply>(
    service: "mortise.plugin.v1.Plugin", name: "Dance")

  static func router(failsWatch: Bool) -> Router {
    var router = Router()
    router.handle(PluginV1.Plugin.handshake) { request, context in
      #expect(request == handshake)
      #expect(context.deadline != nil)
      return PluginV1.HandshakeReply(
        protocolMajor: 1, pluginInstance: "plugin-1", nonce: request.nonce)
    }
    router.handle(PluginV1.Plugin.describe) { _, _ in throw precondition }
    router.stream(HostV1.Host.watch) { request, _, writer in
      #expect(request == watch)
      try await writer.send(events[0])
      if failsWatch { throw tooOld }
      try await writer.send(events[1])
    }
    return router
  }
}

@Suite("the golden conversations")
struct GoldenFrameTests {
  @Test(
    "the server answers with the very bytes",
    arguments: [
      "handshake", "error", "unknown-method", "even-stream", "stream", "stream-error",
    ])
  func server(name: String) async throws {
    let golden = try GoldenConversation(name)
    let (left, right) = try UnixSocket.pair()
    let server = Server(
      loop: try EventLoop.startThread("golden"),
      router: Golden.router(failsWatch: name == "stream-error"))
    server.serve(connection: left)
    let peer = RawPeer(right)
    try await peer.send(golden.bytes(of: .client))
    var answered: [UInt8] = []
    for _ in golden.frames.filter({ $0.sender == .server }) {
      let (header, payload) = try #require(try await peer.nextFrame())
      answered += frame(header.stream, header.type, header.flags, payload)
    }
    #expect(answered == golden.bytes(of: .server))
  }

  /// Plays the server's part: checks the request's bytes, then sends the golden answer.
  ///
  /// On the client's own thread: the golden deadlines are short, and other tests keep the pool's busy.
  private func play<Reply: Sendable>(
    _ name: String, _ call: @escaping @Sendable (Client) async throws -> Reply
  ) async throws -> Result<Reply, any Error> {
    let golden = try GoldenConversation(name)
    let (left, right) = try UnixSocket.pair()
    let loop = try EventLoop.startThread("golden")
    let client = Client(descriptor: left, on: loop)
    let peer = RawPeer(right)
    return try await withTaskExecutorPreference(loop) {
      async let reply = Result { try await call(client) }
      let (header, payload) = try #require(try await peer.nextFrame())
      let asked = frame(header.stream, header.type, header.flags, payload)
      #expect(asked == golden.bytes(of: .client))
      try await peer.send(golden.bytes(of: .server))
      return await reply
    }
  }

  @Test("the client asks with the very bytes and understands the answer")
  func client() async throws {
    let handshake = try await play("handshake") {
      try await $0.call(PluginV1.Plugin.handshake, Golden.handshake, timeout: .seconds(5))
    }
    #expect(try handshake.get().pluginInstance == "plugin-1")

    let error = try await play("error") {
      try await $0.call(PluginV1.Plugin.describe, PluginV1.DescribeRequest())
    }
    #expect(throws: Golden.precondition) { try error.get() }

    let unknown = try await play("unknown-method") {
      try await $0.call(Golden.dance, PluginV1.DescribeRequest())
    }
    #expect(throws: RPCError.unknownMethod("mortise.plugin.v1.Plugin", "Dance")) {
      try unknown.get()
    }
  }

  @Test("the client reads the golden streams to their end")
  func clientStreams() async throws {
    let events = try await play("stream") { client in
      var events: [HostV1.WatchEvent] = []
      for try await event in try await client.openStream(HostV1.Host.watch, Golden.watch) {
        events.append(event)
      }
      return events
    }
    #expect(try events.get() == Golden.events)
    let failed = try await play("stream-error") { client in
      for try await event in try await client.openStream(HostV1.Host.watch, Golden.watch) {
        #expect(event == Golden.events[0])
      }
    }
    #expect(throws: Golden.tooOld) { try failed.get() }
  }
}

extension Result where Failure == any Error {
  fileprivate init(catching body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
