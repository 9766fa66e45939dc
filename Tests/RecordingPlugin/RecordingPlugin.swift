import Glibc
import JSON
import LinuxSystem
import PluginProto
import Synchronization
import TTRPC

/// Writes down every delivery before it acts, and every effect, in its state directory:
/// `calls` has "Execute ID ATTEMPT STEP", "Recover ID ATTEMPT STEP" and "Cancel ID ATTEMPT", `effects`
/// "ID ATTEMPT", and `told` all of `calls` with "Validate TYPE" and "RecoveryComplete" between.
///
/// Types: `record` ends at once, with an output `text` of as many bytes as its params' `bytes` say; `hold` answers when it is cancelled; `stubborn` answers that it runs,
/// and takes no notice of Cancel; `grab` asks for an intent that it isn't granted, `grab-late` does so in
/// an update; `picky` refuses params with a `bad`, and says in words what it would do; `leak` tells its
/// configuration in all that it says; `make` makes a resource of its params' `kind`, `name` and `spec`, and
/// waits until that is steady. Failpoints: `recorder.before-effect.N` and `recorder.after-effect.N`.
final class RecordingPlugin: Sendable {
  private let news = Mutex<[PluginV1.TaskUpdate]>([])
  private let held = Mutex<[String: CheckedContinuation<Void, Never>]>([:])
  private let directory = Mutex("")
  private let config = Mutex("")
  /// Whether a leak was refused before.
  private let refused = Mutex(false)

  static func inherited(_ variable: String) throws -> Descriptor {
    guard let text = getenv(variable), let number = Int32(String(cString: text)) else {
      throw SystemError(code: EBADF, call: "getenv", subject: variable)
    }
    return Descriptor(owning: number)
  }

  static func exitWhenClosed(_ liveness: Descriptor, _ loop: EventLoop) {
    loop.spawn {
      try? await loop.waitReadable(liveness.number)
      exit(0)
    }
  }

  var router: Router {
    var router = Router()
    router.handle(PluginV1.Plugin.handshake) { request, _ in
      var reply = PluginV1.HandshakeReply()
      reply.protocolMajor = 1
      reply.pluginInstance = "recorder-\(getpid())"
      reply.nonce = request.nonce
      return reply
    }
    router.handle(PluginV1.Plugin.describe) { _, _ in Self.description }
    router.handle(PluginV1.Plugin.configure) { [self] request, _ in
      directory.withLock { $0 = request.stateDirectory }
      config.withLock { $0 = String(decoding: request.config, as: UTF8.self) }
      return PluginV1.ConfigureReply()
    }
    router.handle(PluginV1.Plugin.updates) { [self] request, context in
      var waited: UInt32 = 0
      while waited < request.waitMS, news.withLock({ $0.isEmpty }) {
        try await context.loop.sleep(for: .milliseconds(10))
        waited += 10
      }
      let tasks = news.withLock { news in
        defer { news = [] }
        return news
      }
      return PluginV1.UpdatesReply(cursor: request.cursor + 1, tasks: tasks)
    }
    router.handle(PluginV1.Plugin.shutdown) { _, context in
      context.loop.execute { exit(0) }
      return PluginV1.ShutdownReply()
    }
    router.handle(PluginV1.Tasks.execute) { [self] request, context in
      try await execute(request, context)
    }
    router.handle(PluginV1.Tasks.cancel) { [self] request, _ in
      try append("calls", "Cancel \(request.taskID) \(request.attempt)")
      held.withLock { $0.removeValue(forKey: request.taskID) }?.resume()
      return PluginV1.CancelReply()
    }
    router.handle(PluginV1.Tasks.recover) { [self] request, _ in
      try recover(request)
    }
    router.handle(PluginV1.Tasks.validate) { [self] request, _ in
      try append("told", "Validate \(request.type)")
      let isBad = try JSONValue(parsing: request.params)["bad"] != nil
      let words = "bad is not good enough" + (Self.leaks ? " for \(config.withLock { $0 })" : "")
      return PluginV1.ValidateReply(problems: isBad ? [words] : [])
    }
    router.handle(PluginV1.Tasks.recoveryComplete) { [self] _, _ in
      try append("told", "RecoveryComplete")
      return PluginV1.RecoveryCompleteReply()
    }
    router.handle(PluginV1.Plugin.health) { [self] _, _ in
      return PluginV1.HealthReply(
        status: Self.leaks ? .degraded : .serving,
        message: Self.leaks ? config.withLock { $0 } : "")
    }
    router.handle(PluginV1.Tasks.forget) { _, _ in PluginV1.ForgetReply() }
    return router
  }

  /// As its arguments say: several versions are installed in one test.
  private static let version = option("--version") ?? "1.0.0"

  private static var leaks: Bool { CommandLine.arguments.contains("--leak") }

  static func option(_ name: String) -> String? {
    let arguments = CommandLine.arguments
    return arguments.firstIndex(of: name).map { arguments[$0 + 1] }
  }

  private static let types = [
    "record", "hold", "stubborn", "grab", "grab-late", "picky", "leak", "make",
  ]

  private static var description: PluginV1.DescribeReply {
    var reply = PluginV1.DescribeReply()
    reply.name = "recorder"
    reply.version = version
    reply.taskTypes = types.map { name in
      PluginV1.TaskTypeDescription(
        type: name, version: version, acts: name == "make" ? .throughIntents : .externally,
        timeoutMS: 600_000,
        capabilities: name == "picky"
          ? ["validate", "dryRun"] : name == "leak" ? ["dryRun"] : [])
    }
    return reply
  }

  private func execute(
    _ request: PluginV1.ExecuteRequest, _ context: ServerContext
  ) async throws -> PluginV1.TaskReply {
    if request.dryRun {
      let preview =
        "would be picky" + (request.type == "leak" ? " with \(config.withLock { $0 })" : "")
      return PluginV1.TaskReply(outcome: .complete(PluginV1.Complete(preview: preview)))
    }
    try append("calls", "Execute \(request.taskID) \(request.attempt) \(request.step)")
    switch request.type {
    case "leak":
      return try leak(request)
    case "hold":
      await withCheckedContinuation { held in self.held.withLock { $0[request.taskID] = held } }
      return PluginV1.TaskReply(
        outcome: .failed(PluginV1.Failed(reason: "Cancelled", message: "as asked")))
    case "grab":
      return Self.grab(request)
    case "make":
      return request.step == 1 ? try Self.make(request) : Self.complete
    case "grab-late":
      let update = PluginV1.TaskUpdate(
        taskID: request.taskID, attempt: request.attempt, reply: Self.grab(request))
      news.withLock { $0.append(update) }
      return PluginV1.TaskReply(outcome: .running(PluginV1.Running()))
    case "stubborn":
      return PluginV1.TaskReply(outcome: .running(PluginV1.Running()))
    default:
      if let gate = try? JSONValue(parsing: request.params)["gate"]?.string {
        while try FileSystem.status(gate) == nil {
          try await context.loop.sleep(for: .milliseconds(5))
        }
      }
      let number = try read("effects").count { $0 == UInt8(ascii: "\n") } + 1
      let failpoint = Failpoint(
        armed: getenv(Failpoint.variable).map { String(cString: $0) },
        directory: directory.withLock { $0 })
      failpoint.reach("recorder.before-effect.\(number)")
      try append("effects", "\(request.taskID) \(request.attempt)")
      failpoint.reach("recorder.after-effect.\(number)")
      guard let bytes = (try? JSONValue(parsing: request.params))?["bytes"]?.integer else {
        return Self.complete
      }
      let outputs: JSONValue = ["text": .string(String(repeating: "x", count: Int(bytes)))]
      return PluginV1.TaskReply(
        outcome: .complete(PluginV1.Complete(outputs: outputs.serialized())))
    }
  }

  private func recover(_ request: PluginV1.RecoverRequest) throws -> PluginV1.RecoverReply {
    try append("calls", "Recover \(request.taskID) \(request.attempt) \(request.step)")
    let effects = String(decoding: try read("effects"), as: UTF8.self).split(separator: "\n")
    var reply = PluginV1.RecoverReply()
    if effects.contains("\(request.taskID) \(request.attempt)") {
      reply.state = .finished
      reply.reply = Self.complete
    } else if request.type == "stubborn", try hasBegun(request) {
      reply.state = .running
    } else {
      reply.state = .notStarted
    }
    return reply
  }

  private func hasBegun(_ request: PluginV1.RecoverRequest) throws -> Bool {
    let calls = String(decoding: try read("calls"), as: UTF8.self).split(separator: "\n")
    return calls.contains("Execute \(request.taskID) \(request.attempt) \(request.step)")
  }

  private static func grab(_ request: PluginV1.ExecuteRequest) -> PluginV1.TaskReply {
    let id = PluginV1.IntentKey(target: request.target, kind: "StatefulSet", key: "default/theirs")
    let write = PluginV1.IntentWrite(id: id, spec: Array("{}".utf8), specVersion: 1)
    return PluginV1.TaskReply(outcome: .wait(PluginV1.Wait(set: [write])))
  }

  private static func make(_ request: PluginV1.ExecuteRequest) throws -> PluginV1.TaskReply {
    let params = try JSONValue(parsing: request.params)
    let id = PluginV1.IntentKey(
      target: "host", kind: params["kind"]?.string ?? "",
      key: "default/\(params["name"]?.string ?? "")")
    let spec: JSONValue = ["spec": params["spec"] ?? [:]]
    let write = PluginV1.IntentWrite(id: id, spec: spec.serialized(), specVersion: 1)
    let steady = PluginV1.GateClause(
      intent: id, test: .equals, path: "steady", value: Array("true".utf8))
    return PluginV1.TaskReply(
      outcome: .wait(PluginV1.Wait(set: [write], gate: PluginV1.Gate(clauses: [steady]))))
  }

  /// On both streams, as an error of the call, as progress, and as the message of a failure.
  private func leak(_ request: PluginV1.ExecuteRequest) throws -> PluginV1.TaskReply {
    let secret = config.withLock { $0 }
    if !refused.withLock({ $0 }) {
      refused.withLock { $0 = true }
      throw RPCError(.aborted, reason: "Not with \(secret)", message: "not with \(secret)")
    }
    for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
      let line = Array("configured with \(secret)\n".utf8)
      _ = write(descriptor, line, line.count)
    }
    let reply = PluginV1.TaskReply(
      outcome: request.attempt == 1
        ? .failed(PluginV1.Failed(reason: "Leaked", message: "with \(secret)", transient: true))
        : .complete(PluginV1.Complete(outputs: Array(#"{"all": \#(secret)}"#.utf8))))
    let progress = PluginV1.Progress(message: "at \(secret)", percent: 1)
    news.withLock { news in
      news.append(
        PluginV1.TaskUpdate(
          taskID: request.taskID, attempt: request.attempt,
          reply: PluginV1.TaskReply(outcome: .running(PluginV1.Running(progress: progress)))))
      news.append(
        PluginV1.TaskUpdate(taskID: request.taskID, attempt: request.attempt, reply: reply))
    }
    return PluginV1.TaskReply(outcome: .running(PluginV1.Running(progress: progress)))
  }

  private static var complete: PluginV1.TaskReply {
    var reply = PluginV1.TaskReply()
    reply.outcome = .complete(PluginV1.Complete())
    return reply
  }

  private func read(_ name: String) throws -> [UInt8] {
    let path = "\(directory.withLock { $0 })/\(name)"
    return try FileSystem.status(path) == nil ? [] : try FileSystem.read(path)
  }

  private func append(_ name: String, _ line: String) throws {
    if name == "calls" { try append("told", line) }
    let path = "\(directory.withLock { $0 })/\(name)"
    let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
    try file.writeAll(Array("\(line)\n".utf8))
  }
}
