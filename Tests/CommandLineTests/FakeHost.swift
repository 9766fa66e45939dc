import JSON
import LinuxSystem
import Model
import PluginProto
import Synchronization
import TTRPC

@testable import MortiseCLI

/// Answers `mortise.host.v1.Host` over a real socket with what the test says.
final class FakeHost: Sendable {
  let path: String
  let record: HostRecord
  private let directory: String
  private let server: Server
  private let loop: EventLoop

  init(_ record: HostRecord) throws {
    self.record = record
    directory = "/tmp/mortise-cli-\(UInt64.random(in: 0...UInt64.max))"
    try FileSystem.makeDirectories(directory, mode: 0o700)
    path = directory + "/host.sock"
    loop = try EventLoop.startThread("fake host")
    server = Server(loop: loop, router: record.router)
    server.serve(listener: try UnixSocket.listen(path))
  }

  /// Ends it; its thread too.
  func stop() throws {
    server.stopAccepting()
    loop.stop()
    try FileSystem.removeTree(directory)
  }
}

/// What the host answers, and what it was asked.
final class HostRecord: Sendable {
  /// What a watcher gets; the streams of a test have a script each, in the order of their opening.
  enum Step: Sendable {
    case changed(Resource)
    case deleted(Resource)
    /// From now on lists have these; nothing is sent.
    case become([Resource])
    case fail(RPCError)
    /// Nothing more comes; the stream stays open.
    case hang
  }

  struct State: Sendable {
    var objects: [JSONValue] = []
    var scripts: [[Step]] = []
    var applied = HostV1.ApplyReply()
    /// What the next calls are answered, before any is answered in earnest.
    var failures: [RPCError] = []
    var plugins: [HostV1.PluginStatus] = []
    var explanation = JSONValue.null
    var plan = HostV1.PlanReply()
    /// What the streams of logs send, a script each; nil ends one as a host does that goes away.
    var logs: [[HostV1.LogChunk?]] = []
    /// Objects on a page of a list.
    var page = Int.max
    /// "delete statefulnode /redis", in order.
    var calls: [String] = []
  }

  private let state: Mutex<State>

  init(_ objects: [Resource] = [], _ change: (inout State) -> Void = { _ in }) {
    var state = State()
    state.objects = objects.map(\.json)
    change(&state)
    self.state = Mutex(state)
  }

  var calls: [String] { state.withLock { $0.calls } }

  var router: Router {
    var router = Router()
    router.handle(HostV1.Host.apply) { request, _ in
      let sources = request.manifests.map(\.source).joined(separator: " ")
      try self.note("apply" + (request.dryRun ? " dry-run " : " ") + sources)
      return self.state.withLock { $0.applied }
    }
    router.handle(HostV1.Host.get) { request, _ in
      try self.note("get", request.name)
      let object = try self.object(request.name, ofNamespace: request.name?.namespace ?? "")
      return HostV1.GetReply(object: object.serialized())
    }
    router.handle(HostV1.Host.list) { request, _ in
      let selector = request.selector.isEmpty ? "" : " -l \(request.selector)"
      try self.note("list \(request.kind) \(request.namespace)/ \(request.ownerUID)\(selector)")
      return self.page(of: self.listed(request), from: Int(request.continueToken) ?? 0)
    }
    router.handle(HostV1.Host.plan) { request, _ in
      try self.note("plan " + request.manifests.map(\.source).joined(separator: " "))
      return self.state.withLock { $0.plan }
    }
    router.stream(HostV1.Host.logs) { request, _, writer in
      let whose = [request.plugin, request.task, request.process].joined(separator: "|")
      let options = (request.follow ? " -f" : "") + (request.sinceUnixMS > 0 ? " since" : "")
      try self.note(
        "logs \(request.name?.kind ?? "")/\(request.name?.name ?? "") \(whose)\(options)")
      let script = self.state.withLock { $0.logs.isEmpty ? [] : $0.logs.removeFirst() }
      for chunk in script {
        guard let chunk else {
          throw RPCError(.unavailable, reason: "HostStopping", message: "the host is stopping")
        }
        try await writer.send(chunk)
      }
    }
    router.stream(HostV1.Host.watch) { request, context, writer in
      try self.note("watch \(request.kind) \(request.namespace)/\(request.name)")
      try await self.play(context, writer)
    }
    router.handle(HostV1.Host.delete) { request, _ in
      try self.note("delete", request.name)
      _ = try self.object(request.name)
      return HostV1.DeleteReply()
    }
    for (name, method) in [
      ("pause", HostV1.Host.pause), ("resume", HostV1.Host.resume),
      ("replan", HostV1.Host.replan),
    ] {
      router.handle(method) { request, _ in
        try self.note(name, request.name)
        return HostV1.ResourceReply(object: try self.object(request.name).serialized())
      }
    }
    router.handle(HostV1.Host.why) { request, _ in
      try self.note("why", request.name)
      _ = try self.object(request.name)
      return HostV1.WhyReply(explanation: self.state.withLock { $0.explanation }.serialized())
    }
    router.handle(HostV1.Host.version) { _, _ in
      HostV1.VersionReply(version: "9.9.9", startedUnixMS: Sample.moment(-60).milliseconds)
    }
    router.handle(HostV1.Host.plugins) { _, _ in
      try self.note("plugins")
      return HostV1.PluginsReply(plugins: self.state.withLock { $0.plugins })
    }
    return router
  }

  private func page(of objects: [JSONValue], from start: Int) -> HostV1.ListReply {
    let size = state.withLock { $0.page }
    let page = objects.dropFirst(start).prefix(size)
    let isLast = start + page.count >= objects.count
    return HostV1.ListReply(
      objects: page.map { $0.serialized() }, version: 7,
      continueToken: isLast ? "" : String(start + page.count))
  }

  private func note(_ call: String, _ name: HostV1.ObjectName?) throws {
    try note("\(call) \(name?.kind ?? "") \(name?.namespace ?? "")/\(name?.name ?? "")")
  }

  private func note(_ call: String) throws {
    let failure = state.withLock { state in
      state.calls.append(call)
      return state.failures.isEmpty ? nil : state.failures.removeFirst()
    }
    if let failure { throw failure }
  }

  private func object(_ name: HostV1.ObjectName?, ofNamespace namespace: String = "") throws
    -> JSONValue
  {
    let object = state.withLock { state in
      state.objects.first { object in
        object["metadata"]?["name"]?.string == name?.name
          && (namespace.isEmpty || object["metadata"]?["namespace"]?.string == namespace)
      }
    }
    guard let object else {
      throw RPCError(.notFound, reason: "NotFound", message: "\(name?.name ?? "") not found")
    }
    return object
  }

  private func listed(_ request: HostV1.ListRequest) -> [JSONValue] {
    state.withLock { state in
      state.objects.filter { object in
        if !request.ownerUID.isEmpty {
          let owner =
            object["spec"]?["owner"]?["uid"] ?? object["regarding"]?["uid"]
            ?? object["metadata"]?["ownerReferences"]?.array?.first?["uid"]
          return owner?.string == request.ownerUID
        }
        let kind = object["kind"]?.string?.lowercased() ?? ""
        let namespace = object["metadata"]?["namespace"]?.string
        return ["", kind, kind + "s"].contains(request.kind.lowercased())
          && (request.namespace.isEmpty || request.namespace == namespace)
      }
    }
  }

  private func play(_ context: ServerContext, _ writer: ResponseWriter<HostV1.WatchEvent>)
    async throws
  {
    let script = state.withLock { $0.scripts.isEmpty ? [.hang] : $0.scripts.removeFirst() }
    for step in script {
      switch step {
      case .changed(let resource):
        try await writer.send(
          HostV1.WatchEvent(type: .modified, object: resource.json.serialized(), version: 8))
      case .deleted(let resource):
        try await writer.send(
          HostV1.WatchEvent(type: .deleted, object: resource.json.serialized(), version: 8))
      case .become(let resources):
        state.withLock { $0.objects = resources.map(\.json) }
      case .fail(let error):
        throw error
      case .hang:
        try await context.loop.sleep(for: .seconds(3600))
      }
    }
  }
}

/// What a command did.
struct CommandResult {
  var code: ExitCode
  var output: String
  var errors: String

  var lines: [String] { output.split(separator: "\n").map(String.init) }
}
