import LinuxSystem
import PluginProto
import Testing

@testable import TTRPC

/// The service that the tests call: what comes in goes out.
enum Echo {
  typealias Message = TTRPCProto.KeyValue

  static let unary = Method<Message, Message>(service: "test.Echo", name: "Echo")
  static let fail = Method<Message, Message>(service: "test.Echo", name: "Fail")
  static let crash = Method<Message, Message>(service: "test.Echo", name: "Crash")
  /// Waits until it is cancelled.
  static let hang = Method<Message, Message>(service: "test.Echo", name: "Hang")
  static let missing = Method<Message, Message>(service: "test.Echo", name: "Missing")
  /// Sends its request `key` times (a decimal number).
  static let repeated = Method<Message, Message>(service: "test.Echo", name: "Repeat")

  /// Answers, or fails, with the request's value `key` times over.
  static let grow = Method<Message, Message>(service: "test.Echo", name: "Grow")
  static let failAtLength = Method<Message, Message>(service: "test.Echo", name: "FailAtLength")

  struct Surprise: Error {}

  /// - Parameter hanging: is told when a `hang` has begun.
  static func router(hanging: @escaping @Sendable () -> Void = {}) -> Router {
    var router = Router()
    router.handle(unary) { request, _ in request }
    router.handle(fail) { request, _ in
      throw RPCError(.failedPrecondition, reason: request.key, message: request.value)
    }
    router.handle(grow) { request, _ in Message(key: "", value: grown(request)) }
    router.handle(failAtLength) { request, _ in
      throw RPCError(.dataLoss, reason: "Long", message: grown(request))
    }
    router.handle(crash) { _, _ in throw Surprise() }
    router.handle(hang) { request, context in
      hanging()
      try await context.loop.sleep(for: .seconds(3600))
      return request
    }
    router.stream(repeated) { request, _, writer in
      for index in 0..<(Int(request.key) ?? 0) {
        try await writer.send(Message(key: String(index), value: request.value))
      }
      if request.value == "fail" {
        throw RPCError(.dataLoss, reason: "Enough", message: "no more")
      }
    }
    return router
  }

  private static func grown(_ request: Message) -> String {
    String(repeating: request.value, count: Int(request.key) ?? 0)
  }
}

/// A server and a client that are connected to each other.
struct EchoPair {
  let server: Server
  let client: Client
  private let hanging: AsyncStream<Void>

  enum Loops: CaseIterable { case one, two }

  init(_ loops: Loops, limits: Limits = Limits()) throws {
    let serverLoop = try EventLoop.startThread("server")
    let clientLoop = loops == .one ? serverLoop : try EventLoop.startThread("client")
    let (left, right) = try UnixSocket.pair()
    let (hanging, signal) = AsyncStream.makeStream(of: Void.self)
    self.hanging = hanging
    server = Server(
      loop: serverLoop, router: Echo.router { signal.yield() }, limits: limits,
      admit: { _ in true }, handlerFailed: { _ in })
    server.serve(connection: left)
    client = Client(descriptor: right, on: clientLoop, limits: limits)
  }

  /// Returns when a call of `Echo.hang` has reached its handler.
  func waitUntilHanging() async {
    for await _ in hanging { return }
  }
}

/// The error that a call ended with, nil where it was answered.
func failure<Reply>(_ call: @Sendable () async throws -> Reply) async -> RPCError? {
  do {
    _ = try await call()
    return nil
  } catch {
    return error as? RPCError
  }
}
