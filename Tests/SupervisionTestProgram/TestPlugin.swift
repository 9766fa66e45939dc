import Glibc
import LinuxSystem
import PluginProto
import Synchronization
import TTRPC

/// A plugin that behaves as its arguments say, to be supervised in tests.
///
/// - `--name N`, `--version V`: what Describe answers.
/// - `--no-driver`: offers its task type alone.
/// - `--configure-lock PATH`: exits with code 98 where another process has the lock at Configure.
/// - `--stubborn`: ignores Shutdown, SIGTERM and the end of its host.
/// - `--disjoint`: refuses the Handshake's versions.
/// - `--mute`: never answers a Handshake.
/// - `--refuse-config`: answers Configure with INVALID_ARGUMENT.
/// - `--degraded WHY`: what Health answers.
/// - `--lock PATH`: exits with code 99 where another process has the lock.
/// - `--socket PATH`: listens there, as one that no host starts.
/// - `--user UID`: does all as this user.
/// - `--crash MOMENT MEANS`: dies at its start (`start`) or when it is called (`handshake`…), as Execute's
///   params of the same name have it.
/// - `--child PATH`: starts a child in its process group, which writes its pid there.
struct TestPlugin: Sendable {
  let arguments: [String]

  /// Held until the process ends.
  private static let heldLocks = Mutex<[FileLock]>([])

  func run() throws {
    for line in 1...3 { say("line \(line)") }
    crash(at: "start")
    let lock = try option("--lock").map { try FileLock.acquire($0) }
    if let lock, lock == nil { exit(99) }
    if let path = option("--child") { try startChild(path) }
    if has("--stubborn") { signal(SIGTERM, SIG_IGN) }
    let loop = try EventLoop(name: "test-plugin")
    let server = Server(loop: loop, router: router())
    if let path = option("--socket") {
      if let user = option("--user").flatMap(UInt32.init) { setuid(user) }
      server.serve(listener: try UnixSocket.listen(path))
      return loop.run()
    }
    server.serve(listener: try descriptor("MORTISE_LISTEN_FD"))
    let liveness = try descriptor("MORTISE_LIVENESS_FD")
    if !has("--stubborn") {
      loop.spawn {
        try? await loop.waitReadable(liveness.number)
        exit(0)
      }
    }
    loop.run()
    withExtendedLifetime(lock) {}
  }

  private func router() -> Router {
    var router = Router()
    router.handle(PluginV1.Plugin.handshake) { request, context in
      crash(at: "handshake")
      if has("--disjoint") {
        throw RPCError(
          .failedPrecondition, reason: "NoCommonProtocol",
          message: "this plugin speaks [2, 3], the host \(request.protocolMajors)")
      }
      if has("--mute") { try await context.loop.sleep(for: .seconds(3600)) }
      return PluginV1.HandshakeReply(
        protocolMajor: 1, pluginInstance: "\(getpid())", nonce: request.nonce)
    }
    router.handle(PluginV1.Plugin.describe) { _, _ in
      crash(at: "describe")
      return PluginV1.DescribeReply(
        name: option("--name") ?? String(cString: getenv("MORTISE_PLUGIN")),
        version: option("--version") ?? "1.0.0",
        taskTypes: [
          PluginV1.TaskTypeDescription(type: "test.do", version: option("--version") ?? "1.0.0")
        ],
        driver: has("--no-driver")
          ? nil
          : PluginV1.DriverDescription(kinds: [
            PluginV1.IntentKindDescription(kind: "Thing", band: 10)
          ]))
    }
    router.handle(PluginV1.Plugin.configure) { request, _ in
      crash(at: "configure")
      if has("--refuse-config") {
        let config = String(decoding: request.config, as: UTF8.self)
        throw RPCError(
          .invalidArgument, reason: "BadConfig", message: "config.colour: unknown in \(config)")
      }
      if let path = option("--configure-lock") {
        guard let lock = try FileLock.acquire(path) else { exit(98) }
        Self.heldLocks.withLock { $0.append(lock) }
      }
      say("configured with \(String(decoding: request.config, as: UTF8.self))")
      return PluginV1.ConfigureReply()
    }
    router.handle(PluginV1.Plugin.updates) { request, context in
      crash(at: "updates")
      if request.cursor == 0 { return firstUpdates() }
      try await context.loop.sleep(for: .milliseconds(Int(request.waitMS)))
      return PluginV1.UpdatesReply(cursor: request.cursor)
    }
    router.handle(PluginV1.Plugin.health) { _, _ in
      crash(at: "health")
      let message = option("--degraded")
      return PluginV1.HealthReply(
        status: message == nil ? .serving : .degraded, message: message ?? "")
    }
    router.handle(PluginV1.Plugin.shutdown) { _, context in
      if has("--stubborn") { try await context.loop.sleep(for: .seconds(3600)) }
      // After the reply has left.
      context.loop.spawn {
        try? await context.loop.sleep(for: .milliseconds(1))
        exit(0)
      }
      return PluginV1.ShutdownReply()
    }
    router.handle(PluginV1.Drivers.targets) { _, _ in
      crash(at: "targets")
      return PluginV1.TargetsReply(targets: [PluginV1.TargetState(name: "here", reachable: true)])
    }
    router.handle(PluginV1.Tasks.execute, execute)
    return router
  }

  /// The task's params say what to do.
  @Sendable private func execute(
    _ request: PluginV1.ExecuteRequest, _ context: ServerContext
  ) async throws -> PluginV1.TaskReply {
    let text = String(decoding: request.params, as: UTF8.self)
    die(text)
    switch text {
    case _ where text.hasPrefix("try "):
      return complete(attempts(Array(text.split(separator: " ").dropFirst().map(String.init))))
    case "environment":
      var names: [String] = []
      var entry = environ
      while let variable = entry.pointee {
        names.append(String(String(cString: variable).prefix { $0 != "=" }))
        entry += 1
      }
      return complete(names.sorted().joined(separator: ","))
    case "limits":
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
      return complete("\(limit.rlim_cur)")
    default:
      return complete(text)
    }
  }

  /// As its arguments have it.
  private func crash(at moment: String) {
    guard let index = arguments.firstIndex(of: "--crash"), arguments[index + 1] == moment else {
      return
    }
    die(arguments[index + 2])
  }

  /// Returns where `means` is no way to die.
  private func die(_ means: String) {
    guard ["abort", "segv", "exit", "kill", "memory"].contains(means) else { return }
    // Without Swift's own handlers, which print a backtrace.
    signal(SIGABRT, SIG_DFL)
    signal(SIGSEGV, SIG_DFL)
    say("about to \(means)")
    switch means {
    case "abort": abort()
    case "segv": UnsafeMutablePointer<Int>(bitPattern: 8)!.pointee = 1
    case "exit": exit(7)
    case "kill": Glibc.kill(getpid(), SIGKILL)
    default: useMemory()
    }
  }

  /// What a program does that takes malloc's word for granted.
  private func useMemory() -> Never {
    while true {
      let piece = malloc(1 << 20) ?? UnsafeMutableRawPointer(bitPattern: 8)!
      memset(piece, 1, 1 << 20)
    }
  }

  /// Tries what a plugin has no business with: `read PATH`, `write PATH`, `connect PATH`, `kill PID`.
  private func attempts(_ words: [String]) -> String {
    do {
      switch words[0] {
      case "read": return "read \(try FileSystem.read(words[1]).count)"
      case "write":
        try AtomicFile.write("x".utf8, to: words[1])
        return "wrote"
      case "connect":
        let socket = try UnixSocket.connect(words[1])
        _ = fcntl(socket.number, F_SETFL, 0)
        // A server that admits nobody hangs up.
        return try socket.read(upTo: 1).isEmpty ? "hung up" : "read"
      default: return Glibc.kill(Int32(words[1])!, 0) == 0 ? "may" : "may not"
      }
    } catch {
      return "\(error)"
    }
  }

  private func complete(_ text: String) -> PluginV1.TaskReply {
    PluginV1.TaskReply(
      outcome: .complete(PluginV1.Complete(outputs: Array(text.utf8))))
  }

  private func firstUpdates() -> PluginV1.UpdatesReply {
    PluginV1.UpdatesReply(
      cursor: 7,
      tasks: [PluginV1.TaskUpdate(taskID: "t1", attempt: 1)],
      targets: [
        PluginV1.TargetChange(target: PluginV1.TargetState(name: "there", reachable: true))
      ])
  }

  private func startChild(_ path: String) throws {
    let spec = ProcessSpec(
      .path("/bin/sh"),
      arguments: ["sh", "-c", "echo $$ > \(path).new; mv \(path).new \(path); exec sleep 300"],
      environment: [
        "PATH": "/usr/bin:/bin", "MORTISE_NONCE": String(cString: getenv("MORTISE_NONCE")),
      ])
    _ = try spawn(spec)
  }

  private func descriptor(_ variable: String) throws -> Descriptor {
    try Descriptor.adopt(Int32(String(cString: getenv(variable)))!)
  }

  private func has(_ flag: String) -> Bool { arguments.contains(flag) }

  private func option(_ name: String) -> String? {
    guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else {
      return nil
    }
    return arguments[index + 1]
  }

  private func say(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }
}
