internal import Glibc
internal import LinuxSystem
internal import Synchronization
internal import TTRPC

/// A plugin that answers at a socket; where the kit started it, its process too.
///
/// Ends with the run: `Workplace.close` kills all that are left.
final class PluginInstance: Sendable {
  /// The process of a plugin, and what ties it to its host.
  struct Process: Sendable {
    let spawned: SpawnedProcess
    let liveness: Descriptor
    let pid: Int32
  }

  private static let listenDescriptor: Int32 = 3
  private static let livenessDescriptor: Int32 = 4

  let socketPath: String
  let stateDirectory: String
  let process: Process?
  let log = LogCapture()
  let loop: EventLoop
  private let ended = Mutex<ExitStatus?>(nil)
  /// The highest epoch that a host had here; lower ones are refused.
  private let epoch: Mutex<UInt64>

  private init(
    socketPath: String, stateDirectory: String, process: Process?, epoch: UInt64 = 1,
    on loop: EventLoop
  ) {
    self.socketPath = socketPath
    self.stateDirectory = stateDirectory
    self.process = process
    self.epoch = Mutex(epoch)
    self.loop = loop
  }

  static func attached(
    to path: String, stateDirectory: String, on loop: EventLoop
  ) -> PluginInstance {
    // It may have had other hosts, and remembers the epoch of the last.
    PluginInstance(
      socketPath: path, stateDirectory: stateDirectory, process: nil,
      epoch: UInt64(WallTime.nowUnixMS()), on: loop)
  }

  /// Starts a process as a host does: the socket listens before it exists, it has the two
  /// descriptors, a process group of its own, and nothing else of the kit's.
  static func start(
    _ subject: ConformanceSubject, path: String, arguments: [String], socketPath: String,
    stateDirectory: String, on loop: EventLoop
  ) throws -> PluginInstance {
    try FileSystem.makeDirectories(stateDirectory, mode: 0o700)
    try FileSystem.remove(socketPath)
    let listener = try UnixSocket.listen(socketPath)
    let (output, errors, liveness) = (try Pipe(), try Pipe(), try Pipe())
    var spec = ProcessSpec(
      .path(path), arguments: [path] + arguments, environment: subject.environment,
      workingDirectory: subject.workingDirectory ?? FileSystem.parent(of: path),
      descriptors: [
        .init(output.writeEnd, as: STDOUT_FILENO), .init(errors.writeEnd, as: STDERR_FILENO),
        .init(listener, as: listenDescriptor), .init(liveness.readEnd, as: livenessDescriptor),
      ])
    spec.environment["MORTISE_PLUGIN"] = subject.name ?? "plugin"
    spec.environment["MORTISE_LISTEN_FD"] = "\(listenDescriptor)"
    spec.environment["MORTISE_LIVENESS_FD"] = "\(livenessDescriptor)"
    spec.environment["MORTISE_NONCE"] = String(UInt64.random(in: .min ... .max), radix: 16)
    spec.newProcessGroup = true
    spec.noNewPrivileges = true
    let spawned = try spawn(spec)
    let instance = PluginInstance(
      socketPath: socketPath, stateDirectory: stateDirectory,
      process: Process(spawned: spawned, liveness: liveness.writeEnd, pid: spawned.pid), on: loop)
    instance.log.follow(output.readEnd, on: loop)
    instance.log.follow(errors.readEnd, on: loop)
    return instance
  }

  /// How the process ended; nil while it runs, and for one that the kit didn't start.
  var exitStatus: ExitStatus? {
    guard let process else { return nil }
    return ended.withLock { ended in
      if ended == nil { ended = try? process.spawned.pidfd.reap() }
      return ended
    }
  }

  func signal(_ number: Int32) throws { try process?.spawned.pidfd.signal(number) }

  /// What the plugin takes for the end of its host.
  func endHost() { process?.liveness.close() }

  /// Whether any process is left in the plugin's group.
  func hasGroup() throws -> Bool {
    guard let process else { return false }
    return try process.spawned.pidfd.signalGroup(0, identity: process.spawned.identity)
  }

  func waitForExit(_ patience: Duration, _ what: String) async throws -> ExitStatus {
    guard let process else { throw CaseFailure("\(what): there is no process to wait for") }
    try await loop.within(patience, what) { [loop] in
      try await loop.waitReadable(process.spawned.pidfd.descriptor.number)
    }
    guard let status = exitStatus else { throw CaseFailure("\(what): its end can't be read") }
    return status
  }

  /// SIGKILL to the whole group; returns when the process is gone.
  func kill(_ patience: Duration) async throws {
    guard let process, exitStatus == nil else { return }
    try process.spawned.pidfd.signalGroup(SIGKILL, identity: process.spawned.identity)
    _ = try await waitForExit(patience, "SIGKILL")
  }

  /// SIGKILL without waiting.
  func killNow() {
    guard let process else { return }
    _ = try? process.spawned.pidfd.signalGroup(SIGKILL, identity: process.spawned.identity)
    _ = exitStatus
  }

  var currentEpoch: UInt64 { epoch.withLock { $0 } }

  /// Another host takes over: its epoch.
  func nextEpoch() -> UInt64 {
    epoch.withLock { epoch in
      epoch += 1
      return epoch
    }
  }
}
