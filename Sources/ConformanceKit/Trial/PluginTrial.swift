public import JSON
internal import LinuxSystem
internal import PluginProto
public import TTRPC

/// One task, executed against a plugin by nobody's host: how an author tries it.
public struct PluginTrial: Sendable {
  /// How the task ended.
  public struct Outcome: Sendable {
    /// Complete, or waiting for intents: there is nothing here to converge them.
    public let isSuccess: Bool
    /// For a person: the outcome with what it carries, a line or several.
    public let text: String
  }

  private static let introductionPatience = Duration.seconds(30)
  private static let graceMS: UInt32 = 5000

  private let subject: ConformanceSubject
  private let loop: EventLoop

  public init(_ subject: ConformanceSubject, on loop: EventLoop) {
    self.subject = subject
    self.loop = loop
  }

  /// Starts the plugin, executes the task, waits for its end however long it takes, and ends the plugin.
  ///
  /// - Parameter log: takes the plugin's own lines.
  /// - Parameter trace: takes each message as text; nil = nobody looks.
  /// - Cancellation: cancels the task in the plugin's process by ending that.
  /// - Throws: `RPCError` where the plugin refuses a call, `CaseFailure` where it breaks the protocol.
  public func run(
    type: String, params: JSONValue, log: @escaping @Sendable (String) -> Void,
    trace: (@Sendable (String) -> Void)? = nil
  ) async throws -> Outcome {
    let workplace = try Workplace(subject, on: loop)
    do {
      let instance = try workplace.start()
      let outcome = try await run(
        instance, workplace, type, params, trace.map { WireTrace(write: $0) })
      for line in instance.log.tail(LogCapture.linesMax) { log(line) }
      await workplace.close()
      return outcome
    } catch {
      for line in workplace.logTail { log(line) }
      await workplace.close()
      throw error
    }
  }

  private func run(
    _ instance: PluginInstance, _ workplace: Workplace, _ type: String, _ params: JSONValue,
    _ trace: WireTrace?
  ) async throws -> Outcome {
    let client = try await connect(instance, trace)
    let host = HostConnection(
      client: client, instance: instance, patience: Self.introductionPatience,
      epoch: instance.currentEpoch)
    _ = try await host.call(PluginV1.Plugin.handshake, CaseRun.greeting(epoch: host.epoch))
    let description = try await host.call(
      PluginV1.Plugin.describe, .init(call: host.context))
    guard let described = description.taskTypes.first(where: { $0.type == type }) else {
      throw CaseFailure(
        "the plugin has no task type \"\(type)\"; it has "
          + description.taskTypes.map(\.type).joined(separator: ", "))
    }
    let id = workplace.unique("trial")
    let values = subject.samples.variables.merging(
      ["scratch": try workplace.makeDirectory("scratch"), "id": id]) { $1 }
    let config = (subject.samples.config ?? subject.config).filled(values)
    _ = try await host.call(
      PluginV1.Plugin.configure,
      .init(
        call: host.context, config: config.serialized(),
        stateDirectory: instance.stateDirectory))
    let task = TaskTry(
      id: id, type: described, params: params.filled(values).serialized(), target: "local",
      effect: nil)
    let reply = try await execute(task, host)
    // One that somebody else started is theirs to end.
    if instance.process != nil {
      _ = try? await host.call(
        PluginV1.Plugin.shutdown, .init(call: host.context, graceMS: Self.graceMS))
    }
    return Outcome(reply)
  }

  /// Executes the task; phase by phase where its type has phases, until one does not complete.
  private func execute(
    _ task: TaskTry, _ host: HostConnection
  ) async throws -> PluginV1.TaskReply {
    var phases = [task]
    if task.type.capabilities.contains("expand") {
      phases = try await host.expand(task).phases.map { phase in
        var one = task.renamed("\(task.id)-\(phase.name)")
        one.phase = phase.name
        return one
      }
    }
    var reply = PluginV1.TaskReply(outcome: .complete(.init()))
    for phase in phases where reply.isComplete {
      reply = try await end(
        of: phase, host,
        after: try await host.client.call(PluginV1.Tasks.execute, phase.execute(host.context)))
    }
    return reply
  }

  private func end(
    of task: TaskTry, _ host: HostConnection, after reply: PluginV1.TaskReply
  ) async throws -> PluginV1.TaskReply {
    var (reply, cursor) = (reply, UInt64(0))
    while reply.isRunning {
      let news = try await host.client.call(
        PluginV1.Plugin.updates, .init(call: host.context, cursor: cursor, waitMS: 30_000))
      cursor = news.cursor
      if let own = news.tasks.last(where: { $0.taskID == task.id })?.reply { reply = own }
    }
    return reply
  }

  /// A client, with somebody between it and the plugin who writes down what is said.
  private func connect(
    _ instance: PluginInstance, _ trace: WireTrace?
  ) async throws -> Client {
    let plugin = try await WireConnection.connect(instance.socketPath, on: loop)
    let (end, other) = try UnixSocket.pair()
    let host = try WireConnection(other, on: loop)
    loop.spawn { await WireTrace.pass(from: host, to: plugin) { trace?.request($0) } }
    loop.spawn { await WireTrace.pass(from: plugin, to: host) { trace?.answer($0) } }
    return Client(descriptor: end, on: loop)
  }
}

extension PluginTrial.Outcome {
  fileprivate init(_ reply: PluginV1.TaskReply) {
    switch reply.outcome {
    case .complete(let complete):
      isSuccess = true
      text = "complete\(MessageText.json(complete.outputs))"
    case .wait(let wait):
      isSuccess = true
      text = "waits for intents\n\(MessageText.describe(wait))"
    default:
      isSuccess = false
      text = reply.summary
    }
  }
}

extension Workplace {
  fileprivate var logTail: [String] { newest?.log.tail(LogCapture.linesMax) ?? [] }
}
