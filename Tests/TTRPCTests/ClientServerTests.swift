import Glibc
import LinuxSystem
import PluginProto
import Testing

@testable import TTRPC

@Suite("a client and a server over a real socket")
struct ClientServerTests {
  private let hello = Echo.Message(key: "k", value: "hello")

  @Test("a unary call is answered", arguments: EchoPair.Loops.allCases)
  func unary(loops: EchoPair.Loops) async throws {
    let pair = try EchoPair(loops)
    for index in 0..<100 {
      let message = Echo.Message(key: "k\(index)", value: "hello")
      #expect(try await pair.client.call(Echo.unary, message) == message)
    }
  }

  @Test("calls made on the loop itself are answered", arguments: EchoPair.Loops.allCases)
  func onLoop(loops: EchoPair.Loops) async throws {
    let pair = try EchoPair(loops)
    let task = pair.client.loop.spawn { [hello] in
      for _ in 0..<100 {
        let reply = try? await pair.client.call(Echo.unary, hello)
        #expect(reply == hello)
        #expect(pair.client.loop.isOnLoop)
      }
    }
    await task.value
  }

  @Test("many calls at once each get their own reply", arguments: EchoPair.Loops.allCases)
  func concurrent(loops: EchoPair.Loops) async throws {
    let pair = try EchoPair(loops)
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<500 {
        group.addTask {
          let message = Echo.Message(key: "\(index)", value: "v")
          let reply = try? await pair.client.call(Echo.unary, message)
          #expect(reply == message)
        }
      }
    }
  }

  @Test(
    "messages of any size up to a frame arrive whole",
    arguments: EchoPair.Loops.allCases, [0, 1, 100, 64 << 10, 1 << 20, (4 << 20) - 100])
  func sizes(loops: EchoPair.Loops, size: Int) async throws {
    let pair = try EchoPair(loops)
    let message = Echo.Message(key: "", value: String(repeating: "x", count: size))
    #expect(try await pair.client.call(Echo.unary, message) == message)
  }

  @Test("a request of exactly a frame is sent and one byte more is not")
  func boundary() async throws {
    let pair = try EchoPair(.two)
    func request(_ length: Int) -> Echo.Message {
      Echo.Message(key: "NoFit", value: String(repeating: "x", count: length))
    }
    func envelopeSize(_ message: Echo.Message) -> Int {
      TTRPCProto.Request(
        service: Echo.unary.service, method: Echo.unary.name, payload: message.serialized()
      ).serializedSize
    }
    // The lengths before the text take as many bytes for any text of about this size.
    let length = (4 << 20) - (envelopeSize(request(3 << 20)) - (3 << 20))
    #expect(envelopeSize(request(length)) == 4 << 20)
    // The reply's envelope is shorter than the request's, so it fits as well.
    #expect(try await pair.client.call(Echo.unary, request(length)).value.utf8.count == length)
    await #expect(throws: RPCError.requestTooLarge(4 << 20)) {
      try await pair.client.call(Echo.unary, request(length + 1))
    }
  }

  @Test("a stream brings every message in order and ends", arguments: EchoPair.Loops.allCases)
  func stream(loops: EchoPair.Loops) async throws {
    let pair = try EchoPair(loops)
    let request = Echo.Message(key: "1000", value: "v")
    let stream = try await pair.client.openStream(Echo.repeated, request)
    var keys: [String] = []
    for try await message in stream { keys.append(message.key) }
    #expect(keys == (0..<1000).map(String.init))
  }

  @Test("a stream's writer waits for a slow socket and loses nothing")
  func streamBackPressure() async throws {
    var limits = Limits()
    limits.outboundBytes = 64 << 10
    let pair = try EchoPair(.two, limits: limits)
    let request = Echo.Message(key: "300", value: String(repeating: "v", count: 32 << 10))
    let stream = try await pair.client.openStream(Echo.repeated, request)
    var count = 0
    for try await message in stream {
      #expect(message.key == String(count))
      count += 1
    }
    #expect(count == 300)
  }

  @Test("errors arrive with their code, reason and message", arguments: EchoPair.Loops.allCases)
  func errors(loops: EchoPair.Loops) async throws {
    let pair = try EchoPair(loops)
    let expected = RPCError(.failedPrecondition, reason: "NotYet", message: "wait for it")
    await #expect(throws: expected) {
      try await pair.client.call(Echo.fail, Echo.Message(key: "NotYet", value: "wait for it"))
    }
    await #expect(throws: RPCError.handlerFailed) {
      try await pair.client.call(Echo.crash, hello)
    }
    await #expect(throws: RPCError.unknownMethod("test.Echo", "Missing")) {
      try await pair.client.call(Echo.missing, hello)
    }
    let stream = try await pair.client.openStream(
      Echo.repeated, Echo.Message(key: "1", value: "fail"))
    await #expect(throws: RPCError(.dataLoss, reason: "Enough", message: "no more")) {
      for try await _ in stream {}
    }
  }

  @Test("a call ends at its timeout and the next one is answered")
  func timeout() async throws {
    let pair = try EchoPair(.two)
    await #expect(throws: RPCError.self) {
      try await pair.client.call(Echo.hang, hello, timeout: .milliseconds(20))
    }
    await #expect(throws: RPCError.deadlineExceeded.with(.notSent)) {
      try await pair.client.call(Echo.hang, hello, timeout: .zero)
    }
    #expect(try await pair.client.call(Echo.unary, hello, timeout: .seconds(60)) == hello)
    #expect(await pair.client.callsInFlight() == 0)
  }

  @Test("a cancelled call ends at once", arguments: [true, false])
  func cancellation(beforeItBegan: Bool) async throws {
    let pair = try EchoPair(.two)
    let task = Task { [hello] in
      if beforeItBegan { withUnsafeCurrentTask { $0?.cancel() } }
      return try await pair.client.call(Echo.hang, hello)
    }
    if !beforeItBegan {
      await pair.waitUntilHanging()
      task.cancel()
    }
    await #expect { try await task.value } throws: { error in
      (error as? RPCError)?.code == .cancelled
        && (error as? RPCError)?.delivery == (beforeItBegan ? .notSent : .mayHaveBeenReceived)
    }
    #expect(await pair.client.callsInFlight() == 0)
  }

  @Test("a server that shuts down answers what is in flight, then closes")
  func shutdown() async throws {
    let pair = try EchoPair(.two)
    async let inFlight = failure { [hello] in
      try await pair.client.call(Echo.hang, hello, timeout: .milliseconds(50))
    }
    await pair.waitUntilHanging()
    await pair.server.shutdown(grace: .seconds(60))
    let inFlightError = await inFlight
    #expect(inFlightError?.code == .deadlineExceeded)
    await pair.client.waitUntilClosed()
  }

  @Test("a server whose grace is over cuts off what is in flight")
  func shutdownGrace() async throws {
    let pair = try EchoPair(.two)
    async let inFlight = failure { [hello] in try await pair.client.call(Echo.hang, hello) }
    await pair.waitUntilHanging()
    await pair.server.shutdown(grace: .milliseconds(20))
    let inFlightError = await inFlight
    #expect(inFlightError?.code == .unavailable)
  }

  @Test("a client that closes ends its calls, and the server its handlers")
  func close() async throws {
    let pair = try EchoPair(.two)
    async let inFlight = failure { [hello] in try await pair.client.call(Echo.hang, hello) }
    await pair.waitUntilHanging()
    pair.client.close()
    let inFlightError = await inFlight
    #expect(inFlightError?.code == .unavailable)
    // Returns only when the server has no connection left.
    await pair.server.shutdown(grace: .seconds(60))
  }

  @Test("a listener's connections are served and tell who calls")
  func listener() async throws {
    let directory = "/tmp/mortise-ttrpc-\(getpid())"
    try FileSystem.makeDirectories(directory, mode: 0o700)
    defer { try? FileSystem.removeTree(directory) }
    let path = directory + "/socket"
    let loop = try EventLoop.startThread("listener")
    var router = Router()
    router.handle(Echo.unary) { request, context in
      Echo.Message(key: "\(context.peerCredentials.pid)", value: "\(context.connectionID)")
    }
    var limits = Limits()
    limits.connections = 2
    let server = Server(loop: loop, router: router, limits: limits)
    server.serve(listener: try UnixSocket.listen(path))
    // The third waits in the backlog until one of the first two has gone.
    var clients: [Client] = []
    for _ in 0..<3 { clients.append(try await Client.connect(path: path, on: loop)) }
    for client in clients.prefix(2) {
      #expect(client.peerCredentials?.pid == getpid())
      #expect(try await client.call(Echo.unary, hello).key == "\(getpid())")
    }
    clients.removeFirst()
    #expect(try await clients[1].call(Echo.unary, hello).value == "3")
    server.stopAccepting()
    await server.shutdown(grace: .milliseconds(1))
    await #expect { try await Client.connect(path: path, on: loop) } throws: { error in
      let error = error as? RPCError
      return error?.reason == "ConnectionRefused" && error?.delivery == .notSent
    }
  }
}
