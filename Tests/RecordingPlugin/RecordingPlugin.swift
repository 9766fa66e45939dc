import Glibc
import LinuxSystem
import PluginProto
import Synchronization
import TTRPC

/// Writes down every delivery before it acts, and every effect, in its state directory:
/// `calls` has "Execute ID ATTEMPT STEP" and "Recover ID ATTEMPT STEP", `effects` "ID ATTEMPT".
final class RecordingPlugin: Sendable {
  private let directory = Mutex("")

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
      reply.pluginInstance = "recorder"
      reply.nonce = request.nonce
      return reply
    }
    router.handle(PluginV1.Plugin.describe) { _, _ in Self.description }
    router.handle(PluginV1.Plugin.configure) { [self] request, _ in
      directory.withLock { $0 = request.stateDirectory }
      return PluginV1.ConfigureReply()
    }
    router.handle(PluginV1.Plugin.updates) { request, context in
      try await context.loop.sleep(for: .milliseconds(Int(request.waitMS)))
      var reply = PluginV1.UpdatesReply()
      reply.cursor = request.cursor
      return reply
    }
    router.handle(PluginV1.Plugin.shutdown) { _, context in
      context.loop.execute { exit(0) }
      return PluginV1.ShutdownReply()
    }
    router.handle(PluginV1.Tasks.execute) { [self] request, _ in
      try execute(request)
    }
    router.handle(PluginV1.Tasks.recover) { [self] request, _ in
      try recover(request)
    }
    router.handle(PluginV1.Tasks.forget) { _, _ in PluginV1.ForgetReply() }
    return router
  }

  private static var description: PluginV1.DescribeReply {
    var reply = PluginV1.DescribeReply()
    reply.name = "recorder"
    reply.version = "1.0.0"
    var type = PluginV1.TaskTypeDescription()
    type.type = "record"
    type.version = "1.0.0"
    type.acts = .externally
    reply.taskTypes = [type]
    return reply
  }

  private func execute(_ request: PluginV1.ExecuteRequest) throws -> PluginV1.TaskReply {
    try append("calls", "Execute \(request.taskID) \(request.attempt) \(request.step)")
    try append("effects", "\(request.taskID) \(request.attempt)")
    return Self.complete
  }

  private func recover(_ request: PluginV1.RecoverRequest) throws -> PluginV1.RecoverReply {
    try append("calls", "Recover \(request.taskID) \(request.attempt) \(request.step)")
    let effects = String(decoding: try read("effects"), as: UTF8.self).split(separator: "\n")
    var reply = PluginV1.RecoverReply()
    if effects.contains("\(request.taskID) \(request.attempt)") {
      reply.state = .finished
      reply.reply = Self.complete
    } else {
      reply.state = .notStarted
    }
    return reply
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
    let path = "\(directory.withLock { $0 })/\(name)"
    let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
    try file.writeAll(Array("\(line)\n".utf8))
  }
}
