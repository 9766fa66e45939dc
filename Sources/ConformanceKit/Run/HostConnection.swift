internal import LinuxSystem
internal import PluginProto
internal import TTRPC

/// A host's connection to the plugin, after its handshake.
struct HostConnection: Sendable {
  let client: Client
  let instance: PluginInstance
  let patience: Duration
  /// Of the host that it belongs to.
  let epoch: UInt64

  var context: PluginV1.CallContext { PluginV1.CallContext(hostEpoch: epoch) }

  /// Makes a call; what the plugin answers with an error is thrown as `RPCError`.
  func call<Request, Reply>(
    _ method: Method<Request, Reply>, _ request: Request
  ) async throws -> Reply {
    try await client.call(method, request, timeout: patience)
  }

  /// Makes a call that the plugin must refuse.
  ///
  /// - Throws: `CaseFailure` where it answers, or the connection is lost over it.
  func refusal<Request, Reply>(
    _ method: Method<Request, Reply>, _ request: Request
  ) async throws -> RPCError {
    let reply: Reply
    do throws(RPCError) {
      reply = try await client.call(method, request, timeout: patience)
    } catch {
      try require(
        error.reason != "ConnectionLost", "\(method.name) ended the connection: \(error.message)")
      return error
    }
    throw CaseFailure("\(method.name) was answered where an error must come: \(reply)".prefixed)
  }

  func close() { client.close() }

  // MARK: Tasks

  func execute(_ task: TaskTry) async throws -> PluginV1.TaskReply {
    try await call(PluginV1.Tasks.execute, task.execute(context))
  }

  func expand(_ task: TaskTry) async throws -> PluginV1.ExpandReply {
    try await call(
      PluginV1.Tasks.expand,
      .init(
        call: context, type: task.type.type, typeVersion: task.type.version, params: task.params))
  }

  func recover(
    _ task: TaskTry, handle: [UInt8] = [], version: UInt32 = 0, revert: Bool = false
  ) async throws -> PluginV1.RecoverReply {
    var request = task.recover(context)
    request.handle = handle
    request.handleVersion = version
    request.revert = revert
    return try await call(PluginV1.Tasks.recover, request)
  }

  func cancel(_ task: TaskTry) async throws {
    _ = try await call(PluginV1.Tasks.cancel, task.cancel(context))
  }

  /// The end of a task, waited for through Updates where the reply says that it goes on.
  func end(
    of task: TaskTry, after reply: PluginV1.TaskReply
  ) async throws -> PluginV1.TaskReply {
    guard case .running = reply.outcome else { return reply }
    return try await instance.loop.within(patience, "the end of task \(task.id) in Updates") {
      var cursor: UInt64 = 0
      while true {
        let news = try await call(
          PluginV1.Plugin.updates, .init(call: context, cursor: cursor, waitMS: 10_000))
        cursor = news.cursor
        let own = news.tasks.last { $0.taskID == task.id && $0.attempt == task.attempt }
        if let reply = own?.reply, !reply.isRunning { return reply }
      }
    }
  }

  /// Executes a task and waits for its end.
  func finish(_ task: TaskTry) async throws -> PluginV1.TaskReply {
    try await end(of: task, after: try await execute(task))
  }

  /// Cancels a task as a host does, again and again, until its end comes.
  func cancelToEnd(_ task: TaskTry) async throws -> PluginV1.TaskReply {
    try await withThrowingTaskGroup(of: PluginV1.TaskReply?.self) { group in
      group.addTask {
        try await end(of: task, after: .init(outcome: .running(.init())))
      }
      group.addTask {
        while !Task.isCancelled {
          try await cancel(task)
          try await instance.loop.sleep(for: .milliseconds(200))
        }
        return nil
      }
      defer { group.cancelAll() }
      while let reply = try await group.next() { if let reply { return reply } }
      throw CancellationError()
    }
  }

  func health() async throws -> PluginV1.HealthReply {
    try await call(PluginV1.Plugin.health, .init(call: context))
  }
}

extension PluginV1.TaskReply {
  var isRunning: Bool { if case .running = outcome { true } else { false } }
  var isComplete: Bool { if case .complete = outcome { true } else { false } }

  var running: PluginV1.Running? {
    if case .running(let running) = outcome { running } else { nil }
  }

  /// For messages: "complete", "failed (Cancelled)".
  var summary: String {
    switch outcome {
    case .complete: "complete"
    case .running: "running"
    case .wait: "wait"
    case .failed(let failed): "failed (\(failed.reason)): \(failed.message)"
    case nil: "a reply without an outcome"
    }
  }
}

extension String {
  /// Not more of it than a report has room for.
  var prefixed: String { count <= 400 ? self : prefix(400) + "…" }
}
