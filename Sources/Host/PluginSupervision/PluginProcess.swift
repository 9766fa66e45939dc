internal import Glibc
internal import LinuxSystem

/// A process of a plugin, and the host's ends of what ties the two.
struct PluginProcess: Sendable {
  /// The descriptors of a plugin's process, beside stdin, stdout and stderr.
  static let listenDescriptor: Int32 = 3
  static let livenessDescriptor: Int32 = 4

  let run: Int
  let pidfd: PIDFD
  let identity: ProcessIdentity
  let startedUnixMS: Int64
  /// Before the process was made.
  let started: MonotonicTime
  let stdout: Descriptor
  let stderr: Descriptor
  /// The plugin reads the end of this when the host is gone.
  let liveness: Descriptor

  var pid: Int32 { identity.pid }

  /// Listens for the plugin, notes who it will be, and starts it.
  ///
  /// The listening socket exists before the process does, and the host keeps no copy of it: calls
  /// wait in its backlog while the plugin starts, and are refused at once when it is gone.
  ///
  /// - Throws: why there is no process; then nothing of it is left.
  static func launch(
    run: Int, manifest: PluginManifest, executable: VerifiedExecutable, paths: PluginPaths
  ) throws(SystemError) -> PluginProcess {
    try FileSystem.makeDirectories(paths.ownDirectory, mode: 0o700)
    try FileSystem.makeDirectories(paths.driverDirectory, mode: 0o700)
    try FileSystem.remove(paths.socket)
    let listener = try UnixSocket.listen(paths.socket)
    let stdout = try Pipe()
    let stderr = try Pipe()
    let liveness = try Pipe()
    try stdout.readEnd.setNonblocking()
    try stderr.readEnd.setNonblocking()

    var record = IdentityRecord(
      bootID: try ProcessIdentity.currentBootID(), nonce: Nonce.make(), process: nil)
    try IdentityRecord.remove(paths)
    try record.write(to: paths)

    var spec = ProcessSpec(
      .descriptor(executable.descriptor), arguments: [manifest.executable] + manifest.arguments,
      workingDirectory: manifest.folder,
      descriptors: [
        .init(stdout.writeEnd, as: STDOUT_FILENO), .init(stderr.writeEnd, as: STDERR_FILENO),
        .init(listener, as: listenDescriptor), .init(liveness.readEnd, as: livenessDescriptor),
      ])
    spec.environment = environment(of: manifest, nonce: record.nonce)
    spec.limits = manifest.limits.resourceLimits
    spec.newProcessGroup = true
    spec.noNewPrivileges = true
    spec.fileAccess = try manifest.files.map { files throws(SystemError) in
      try files.access(manifest.folder, executable, paths)
    }
    spec.pidFile = try Descriptor.open(paths.pid, O_WRONLY | O_CREAT | O_TRUNC)
    let started = MonotonicTime.now()
    let spawned = try spawn(spec)
    let process = PluginProcess(
      run: run, pidfd: spawned.pidfd, identity: spawned.identity,
      startedUnixMS: WallTime.nowUnixMS(), started: started, stdout: stdout.readEnd,
      stderr: stderr.readEnd, liveness: liveness.writeEnd)
    record.process = spawned.identity
    do throws(SystemError) {
      try record.write(to: paths)
    } catch {
      try process.kill()
      _ = try process.pidfd.reap()
      throw error
    }
    return process
  }

  /// Sends SIGKILL to the process and all others of its group.
  func kill() throws(SystemError) {
    try pidfd.signalGroup(SIGKILL, identity: identity)
  }

  /// What ties the process to the host; plugin.yaml may not let other values through.
  static let ownVariables: Set<String> = [
    "MORTISE_PLUGIN", "MORTISE_LISTEN_FD", "MORTISE_LIVENESS_FD", IdentityRecord.nonceVariable,
  ]

  /// Nothing of the host's but what the manifest names, and what ties the process to the host.
  private static func environment(
    of manifest: PluginManifest, nonce: String
  ) -> [String: String] {
    var environment: [String: String] = [:]
    for name in manifest.environment {
      if let value = getenv(name) { environment[name] = String(cString: value) }
    }
    environment["MORTISE_PLUGIN"] = manifest.name
    environment["MORTISE_LISTEN_FD"] = "\(listenDescriptor)"
    environment["MORTISE_LIVENESS_FD"] = "\(livenessDescriptor)"
    environment[IdentityRecord.nonceVariable] = nonce
    return environment
  }
}

extension PluginFiles {
  /// What programs are made of, and what they ask the system.
  private static let everyProgramReads = [
    "/bin", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr",
  ]

  /// As the kernel takes it: these files, the plugin's own, and what every program needs.
  fileprivate func access(
    _ folder: String, _ executable: VerifiedExecutable, _ paths: PluginPaths
  ) throws(SystemError) -> FileAccess {
    let access = try FileAccess()
    for path in Self.everyProgramReads where try FileSystem.status(path) != nil {
      try access.allow(.read, path)
    }
    try access.allow(.devices, "/dev")
    try access.allow(.read, folder)
    try access.allow(.read, executable.descriptor)
    try access.allow(.write, paths.ownDirectory)
    // Whether it is a driver it tells only when it runs.
    try access.allow(.write, paths.driverDirectory)
    for path in read { try access.allow(.read, path) }
    for path in write { try access.allow(.write, path) }
    return access
  }
}

extension PluginLimits {
  /// As the kernel takes them.
  fileprivate var resourceLimits: [ProcessSpec.Limit] {
    var limits: [ProcessSpec.Limit] = []
    if let memory { limits.append(.init(.data, memory)) }
    if let openFiles { limits.append(.init(.openFiles, openFiles)) }
    if let processes { limits.append(.init(.processes, processes)) }
    return limits
  }
}

/// A number that nobody else has.
enum Nonce {
  /// 128 random bits as hex digits.
  static func make() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
      let digits = String(generator.next(), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
