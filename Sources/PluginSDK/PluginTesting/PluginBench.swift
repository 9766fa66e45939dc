public import JSON
internal import LinuxSystem
internal import PluginProto
public import PluginSDK
internal import Synchronization
internal import TTRPC

/// A plugin in the test's own process: called over a real connection, with a real journal, on a clock
/// that the test moves.
///
/// ```swift
/// let bench = try await PluginBench([Backup()])
/// #expect(try await bench.execute("backup", ["path": "/data"]).isRunning)
/// await bench.time.waitForSleepers()
/// bench.time.advance(by: .seconds(30))
/// #expect(try await bench.end() == .complete(outputs: [:]))
/// await bench.close()
/// ```
///
/// - Invariant: nothing of a bench outlives `close` (guarded by `PluginBenchTests`).
public final class PluginBench: Sendable {
  /// What tasks sleep on.
  public let time = ManualTime()
  /// A directory of this bench's alone, for what tasks touch; gone after `close`.
  public let scratch: String

  private struct Serving {
    var plugin: ServedPlugin
    var client: Client
  }

  private static let epoch: UInt64 = 1
  private let plugin: Plugin
  private let config: JSONValue
  private let loop: EventLoop
  private let serving: Mutex<Serving>
  private let lines: LogLines

  /// Serves the task types, greeted and configured as a host does.
  ///
  /// - Parameter config: as plugin.yaml has it.
  public init(_ tasks: [any TaskType], config: JSONValue = [:]) async throws {
    plugin = Plugin(name: "bench", version: "1.0.0", tasks: tasks)
    self.config = config
    loop = try EventLoop.startThread("bench")
    lines = LogLines()
    scratch = "/tmp/mortise-bench-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    try FileSystem.makeDirectories(scratch, mode: 0o700)
    serving = Mutex(try Self.serve(plugin, loop, time, lines))
    try await introduce()
  }

  /// What the plugin logged, a line each.
  public var log: [String] { lines.all }

  /// Executes a task; the id, attempt and step are the key of the work.
  ///
  /// - Throws: `RPCError` where the plugin refuses the call.
  public func execute(
    _ type: String, _ params: JSONValue = [:], id: String = "task", attempt: Int = 1,
    step: Int = 1, dryRun: Bool = false
  ) async throws -> TaskAnswer {
    let request = PluginV1.ExecuteRequest(
      call: context, taskID: id, attempt: UInt32(clamping: attempt), step: UInt32(clamping: step),
      type: type, params: params.serialized(), target: "local", dryRun: dryRun)
    return try TaskAnswer(try await client.call(PluginV1.Tasks.execute, request))
  }

  /// What is wrong with the params.
  public func validate(_ type: String, _ params: JSONValue) async throws -> [String] {
    try await client.call(
      PluginV1.Tasks.validate, .init(call: context, type: type, params: params.serialized())
    ).problems
  }

  /// Undoes what `execute` did with the same params, under an id of its own.
  public func revert(
    _ type: String, _ params: JSONValue = [:], id: String = "revert"
  ) async throws -> TaskAnswer {
    let request = PluginV1.ExecuteRequest(
      call: context, taskID: id, attempt: 1, step: 1, type: type, params: params.serialized())
    return try TaskAnswer(try await client.call(PluginV1.Tasks.revert, request))
  }

  /// Asks what became of a task.
  public func recover(
    _ type: String, _ params: JSONValue = [:], id: String = "task", attempt: Int = 1,
    step: Int = 1, handle: [UInt8] = []
  ) async throws -> RecoveryAnswer {
    let request = PluginV1.RecoverRequest(
      call: context, taskID: id, attempt: UInt32(clamping: attempt), step: UInt32(clamping: step),
      type: type, params: params.serialized(), handle: handle)
    let reply = try await client.call(PluginV1.Tasks.recover, request)
    switch reply.state {
    case .notStarted: return .notStarted
    case .running: return .running
    case .finished: return .finished(try TaskAnswer(reply.reply))
    case .unknown, .unrecognized: return .unknown
    }
  }

  /// Asks a task to stop.
  public func cancel(id: String = "task", attempt: Int = 1) async throws {
    _ = try await client.call(
      PluginV1.Tasks.cancel,
      .init(call: context, taskID: id, attempt: UInt32(clamping: attempt)))
  }

  /// Waits for the end of a task that answered `running`.
  public func end(id: String = "task") async throws -> TaskAnswer {
    var cursor: UInt64 = 0
    while true {
      let news = try await client.call(
        PluginV1.Plugin.updates, .init(call: context, cursor: cursor, waitMS: 60_000))
      cursor = news.cursor
      for update in news.tasks where update.taskID == id {
        let answer = try TaskAnswer(update.reply)
        if case .running = answer { continue }
        return answer
      }
    }
  }

  /// The plugin's process ends and another one starts with the state that it left; what still runs is
  /// not told how it ended.
  public func restart() async throws {
    await stopServing()
    let next = try Self.serve(plugin, loop, time, lines)
    serving.withLock { $0 = next }
    try await introduce()
  }

  /// Ends the plugin and removes its directories. Call it last.
  public func close() async {
    await stopServing()
    loop.stop()
    try? FileSystem.removeTree(scratch)
  }

  private var client: Client { serving.withLock { $0.client } }
  private var context: PluginV1.CallContext { PluginV1.CallContext(hostEpoch: Self.epoch) }

  private func stopServing() async {
    let old = serving.withLock { $0 }
    old.client.close()
    await old.plugin.close()
  }

  private static func serve(
    _ plugin: Plugin, _ loop: EventLoop, _ time: ManualTime, _ lines: LogLines
  ) throws -> Serving {
    let served = ServedPlugin(
      plugin, on: loop, log: PluginLog(write: { lines.append($0) }),
      sleep: { try await time.sleep(for: $0) })
    let (host, end) = try UnixSocket.pair()
    served.server.serve(connection: end)
    return Serving(plugin: served, client: Client(descriptor: host, on: loop))
  }

  private func introduce() async throws {
    let greeting = PluginV1.HandshakeRequest(
      protocolMajors: [1], hostInstance: "bench", hostEpoch: Self.epoch, nonce: "bench")
    _ = try await client.call(PluginV1.Plugin.handshake, greeting)
    _ = try await client.call(
      PluginV1.Plugin.configure,
      .init(
        call: context, config: config.serialized(), stateDirectory: "\(scratch)/.state"))
  }
}

/// Lines as they come.
private final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])

  func append(_ line: [UInt8]) {
    lines.withLock { $0.append(String(decoding: line.dropLast(), as: UTF8.self)) }
  }

  var all: [String] { lines.withLock { $0 } }
}
