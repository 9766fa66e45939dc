import Glibc
import JSON
import LinuxSystem
import PluginProto
import Synchronization
import TTRPC
import TestPlaces
import Testing

/// A host process that is started again whenever it dies, as a service manager would do it.
final class RunningHost: Sendable {
  let installation: Installation
  let loop: EventLoop
  private let failpoint: String?
  private let options: [String]
  private let environment: [String: String]
  private let state = Mutex(State())
  /// A value for each process of the host that ended.
  private let ends: AsyncStream<Void>
  private let ended: AsyncStream<Void>.Continuation

  private struct State {
    var process: SpawnedProcess?
    var deaths = 0
    var isStopping = false
  }

  /// How long anything that is waited for may take before the test has failed.
  static let patience = Duration.seconds(300)

  /// - Parameter options: of `mortise serve`, beyond what every test says.
  init(
    _ installation: Installation, failpoint: String? = nil, options: [String] = [],
    environment: [String: String] = [:]
  ) throws {
    self.installation = installation
    self.failpoint = failpoint
    self.options = options
    self.environment = environment
    loop = try EventLoop.startThread("test")
    (ends, ended) = AsyncStream.makeStream()
    try start()
  }

  deinit {
    state.withLock { $0.isStopping = true }
    kill()
    loop.stop()
  }

  var deaths: Int { state.withLock { $0.deaths } }

  private func start() throws {
    let log = try Descriptor.open(
      "\(installation.root)/host.log", O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
    var environment = ["PATH": "/usr/bin:/bin", "HOME": installation.root]
    environment[Failpoint.variable] = failpoint
    environment.merge(self.environment) { _, new in new }
    let spec = ProcessSpec(
      .path(BuiltProducts.path("mortise")),
      arguments: [
        "mortise", "--socket", installation.socket, "serve", "--state", installation.state,
        "--plugins", installation.plugins, "--log-level", "debug",
      ] + options,
      environment: environment, descriptors: [.init(log, as: 1), .init(log, as: 2)])
    let process = try spawn(spec)
    state.withLock { $0.process = process }
    loop.spawn { [weak self, loop] in
      try? await loop.waitReadable(process.pidfd.descriptor.number)
      _ = try? process.pidfd.reap()
      self?.hostEnded()
    }
  }

  private func hostEnded() {
    let again = state.withLock { state in
      state.process = nil
      state.deaths += 1
      return !state.isStopping
    }
    if again { try? start() }
    ended.yield()
  }

  /// `kill -9` of the host; it is started again.
  func kill() {
    _ = try? state.withLock { $0.process }?.pidfd.signal(SIGKILL)
  }

  /// `kill -9` of a plugin's process.
  func kill(plugin name: String) async throws {
    let reply = try await call(HostV1.Host.plugins, HostV1.PluginsRequest())
    guard let pid = reply.plugins.first(where: { $0.name == name })?.pid, pid > 0,
      let identity = try ProcessIdentity.read(Int32(pid))
    else { return }
    _ = try PIDFD.open(identity)?.signal(SIGKILL)
  }

  /// Ends the host for good, gracefully, and waits until it is gone.
  func stop() async throws {
    let process = state.withLock { state in
      state.isStopping = true
      return state.process
    }
    guard let process else { return }
    _ = try process.pidfd.signal(SIGTERM)
    try await within("the host's end") { [self] in
      for await _ in ends where state.withLock({ $0.process == nil }) { return }
    }
  }

  /// Calls the host; while it is away or starting, the call is made again.
  func call<Request, Reply>(_ method: Method<Request, Reply>, _ request: Request) async throws
    -> Reply
  {
    try await within("\(method.name)") { [loop, installation] in
      while true {
        do {
          let client = try await Client.connect(path: installation.socket, on: loop)
          defer { client.close() }
          return try await client.call(method, request, timeout: .seconds(10))
        } catch let error as RPCError where error.code == .unavailable {
          try await loop.sleep(for: .milliseconds(10))
        }
      }
    }
  }

  @discardableResult
  func apply(_ path: String) async throws -> HostV1.ApplyReply {
    try await apply(try FileSystem.read(path), source: path)
  }

  /// Applies a manifest that has no problem.
  func apply(text: String) async throws {
    #expect(try await problems(text: text) == [])
  }

  /// Why a manifest is refused; it is applied where there is no reason.
  func problems(text: String) async throws -> [HostV1.Problem] {
    try await apply(Array(text.utf8), source: "test.yaml").problems
  }

  private func apply(_ content: [UInt8], source: String) async throws -> HostV1.ApplyReply {
    var manifest = HostV1.Manifest()
    manifest.source = source
    manifest.content = content
    var request = HostV1.ApplyRequest()
    request.manifests = [manifest]
    return try await call(HostV1.Host.apply, request)
  }

  /// Whatever plugins are shown, until they are as wanted.
  func untilPlugins(
    _ what: String, _ isMet: @escaping @Sendable ([HostV1.PluginStatus]) -> Bool
  ) async throws {
    try await within(what) { [self] in
      while try await !isMet(call(HostV1.Host.plugins, HostV1.PluginsRequest()).plugins) {
        try await loop.sleep(for: .milliseconds(20))
      }
    }
  }

  /// An event, once there is one as wanted.
  @discardableResult
  func untilEvent(
    _ what: String, _ isMet: @escaping @Sendable (JSONValue) -> Bool
  ) async throws -> JSONValue {
    try await within(what) { [self] in
      while true {
        let reply = try await call(HostV1.Host.list, HostV1.ListRequest(kind: "Event"))
        if let event = try reply.objects.map({ try JSONValue(parsing: $0) }).first(where: isMet) {
          return event
        }
        try await loop.sleep(for: .milliseconds(20))
      }
    }
  }

  /// The most memory that the host's process had resident so far, in MiB.
  func peakMemoryMiB() throws -> Int {
    let pid = try #require(state.withLock { $0.process?.identity.pid })
    let peak = try Installation.lines("/proc/\(pid)/status").first { $0.hasPrefix("VmHWM:") }
    return try #require(
      peak?.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int($0) })
      / 1024
  }

  func name(_ name: String, kind: String) -> HostV1.ObjectName {
    var object = HostV1.ObjectName()
    object.kind = kind
    object.name = name
    return object
  }

  func delete(_ name: String, kind: String) async throws {
    var request = HostV1.DeleteRequest()
    request.name = self.name(name, kind: kind)
    _ = try await call(HostV1.Host.delete, request)
  }

  /// Follows an object until it is as wanted; nil stands for one that is not there.
  @discardableResult
  func until(
    _ kind: String, _ name: String, _ what: String,
    _ isMet: @escaping @Sendable (JSONValue?) -> Bool
  ) async throws -> JSONValue? {
    try await within(what) { [self] in
      while true {
        do {
          return try await follow(kind, name, isMet)
        } catch let error as RPCError where error.code == .unavailable {
          try await loop.sleep(for: .milliseconds(10))
        }
      }
    }
  }

  private func follow(
    _ kind: String, _ name: String, _ isMet: @Sendable (JSONValue?) -> Bool
  ) async throws -> JSONValue? {
    let client = try await Client.connect(path: installation.socket, on: loop)
    defer { client.close() }
    var list = HostV1.ListRequest()
    list.kind = kind
    let present = try await client.call(HostV1.Host.list, list, timeout: .seconds(10))
    let objects = try present.objects.map { try JSONValue(parsing: $0) }
    let object = objects.first { $0["metadata"]?["name"]?.string == name }
    if isMet(object) { return object }
    var watch = HostV1.WatchRequest()
    watch.kind = kind
    watch.name = name
    watch.fromVersion = present.version
    for try await event in try await client.openStream(HostV1.Host.watch, watch) {
      let object: JSONValue? =
        event.type == .deleted ? nil : try JSONValue(parsing: event.object)
      if isMet(object) { return object }
    }
    throw RPCError(.unavailable, reason: "StreamEnded", message: "the watch ended")
  }

  /// Fails with what was waited for and the host's last words, instead of hanging.
  func within<Value: Sendable>(
    _ what: String, _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let loop = loop
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try? await loop.sleep(for: Self.patience)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let value = first else {
        let log = try Installation.lines("\(installation.root)/host.log").suffix(20)
        throw Overdue(what: what, log: log.joined(separator: "\n"))
      }
      return value
    }
  }

  struct Overdue: Error, CustomStringConvertible {
    var what: String
    var log: String
    var description: String { "not within \(RunningHost.patience): \(what)\n\(log)" }
  }
}
