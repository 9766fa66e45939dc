import JSON
import LinuxSystem
import PluginProto
import Synchronization
import TTRPC

@testable import PluginSDK

/// A plugin served in this process over a real socket, with a host's client beside it.
struct PluginHarness {
  let loop: EventLoop
  let runtime: PluginRuntime
  let server: Server
  let client: Client
  let log: LogLines

  init(
    tasks: [any TaskType] = [], driver: (any Driver)? = nil, startUnixMS: Int64 = 1_000
  ) throws {
    loop = try EventLoop.startThread("plugin")
    let lines = LogLines()
    log = lines
    runtime = PluginRuntime(
      Plugin(name: "sample", version: "1.2.3", tasks: tasks, driver: driver), on: loop,
      instance: "i", startUnixMS: startUnixMS, log: PluginLog(write: { lines.append($0) }))
    server = Server(loop: loop, router: runtime.router)
    let (host, plugin) = try UnixSocket.pair()
    server.serve(connection: plugin)
    client = Client(descriptor: host, on: loop)
  }

  /// A further connection of a host.
  func connect() throws -> Client {
    let (host, plugin) = try UnixSocket.pair()
    server.serve(connection: plugin)
    return Client(descriptor: host, on: loop)
  }

  func handshake(epoch: UInt64 = 1) async throws {
    _ = try await client.call(
      PluginV1.Plugin.handshake, .init(protocolMajors: [1], hostEpoch: epoch, nonce: "n"))
  }

  /// Shakes hands and configures.
  func start(_ directory: String, config: JSONValue = [:]) async throws {
    try await handshake()
    _ = try await client.call(
      PluginV1.Plugin.configure,
      .init(config: config.serialized(), stateDirectory: directory))
  }

  func execute(
    _ type: String, _ params: JSONValue = [:], id: String = "t", attempt: UInt32 = 1,
    step: UInt32 = 1
  ) async throws -> PluginV1.TaskReply.Outcome? {
    let request = PluginV1.ExecuteRequest(
      taskID: id, attempt: attempt, step: step, type: type, params: params.serialized(),
      target: "local")
    return try await client.call(PluginV1.Tasks.execute, request).outcome
  }

  func recover(
    _ type: String, id: String = "t", attempt: UInt32 = 1, step: UInt32 = 1, handle: [UInt8] = []
  ) async throws -> PluginV1.RecoverReply {
    try await client.call(
      PluginV1.Tasks.recover,
      .init(taskID: id, attempt: attempt, step: step, type: type, handle: handle))
  }

  func updates(after cursor: UInt64 = 0, waitMS: UInt32 = 60_000) async throws
    -> PluginV1.UpdatesReply
  {
    try await client.call(PluginV1.Plugin.updates, .init(cursor: cursor, waitMS: waitMS))
  }

  /// Ends the process, as far as one can within a process.
  func stop() async {
    client.close()
    await server.shutdown(grace: .zero)
    loop.stop()
  }
}

/// The lines that a plugin logged.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])

  func append(_ line: [UInt8]) {
    lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
  }

  var all: [String] { lines.withLock { $0 } }
}

/// What happened, in order.
final class Recorder: Sendable {
  private let events = Mutex<[String]>([])

  func record(_ event: String) { events.withLock { $0.append(event) } }

  var all: [String] { events.withLock { $0 } }
}

/// An external task whose behaviour a test gives.
struct Scripted: ExternalTask {
  typealias Step = @Sendable (JSONValue, TaskContext) async throws -> TaskOutcome<JSONValue>

  static let name = "scripted"
  static let version = "1.0.0"

  let recorder: Recorder
  var step: Step = { _, _ in .complete(["done": true]) }
  var recovery: @Sendable ([UInt8], TaskContext) async throws -> Recovery<JSONValue> = { _, _ in
    .unknown
  }

  func execute(
    _ params: JSONValue, _ context: TaskContext
  ) async throws -> TaskOutcome<JSONValue> {
    recorder.record("execute \(context.taskID)/\(context.attempt)/\(context.step)")
    return try await step(params, context)
  }

  func recover(
    _ params: JSONValue, handle: [UInt8], _ context: TaskContext
  ) async throws -> Recovery<JSONValue> {
    recorder.record("recover \(context.taskID) handle \(handle)")
    return try await recovery(handle, context)
  }
}

func reason(_ body: () async throws -> some Sendable) async -> String? {
  do {
    _ = try await body()
    return nil
  } catch {
    return (error as? RPCError).map { "\($0.code.name) \($0.reason)" } ?? "\(error)"
  }
}
