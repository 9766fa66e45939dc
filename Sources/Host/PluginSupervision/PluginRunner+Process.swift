internal import Diagnostics
internal import Glibc
internal import LinuxSystem
internal import PluginProto
internal import TTRPC

/// The plugin's process: verified, made, watched, ended.
extension PluginRunner {
  /// Bytes of output still taken when a process has ended: more than a pipe holds. What outlives
  /// the process may write to the pipe for ever.
  private static let lastOutputBytesMax = 1 << 20

  func verify() async {
    do throws(VerificationError) {
      try await openExecutable()
      on(.verified)
    } catch {
      on(.verificationFailed(error.message))
    }
  }

  /// Makes the process of a run: of the very file that was verified, for as long as that holds what
  /// it held. What takes its place meanwhile is another version, and is told by the supervisor.
  func launch(_ run: Int) async {
    exit = PluginExit(cause: .notStarted(""), version: manifest.version, pid: 0, lastLines: [])
    output.beginRun()
    updatesCursor = 0
    health = ""
    do throws(PluginSecrets.Missing) {
      config = try PluginSecrets.fill(manifest)
      output.secrets = config.secrets
    } catch {
      return launchFailed(run, error.message, isFinal: true)
    }
    do throws(VerificationError) {
      if let same = await executable?.unchanged() {
        executable = same
      } else {
        try await openExecutable()
      }
    } catch {
      return launchFailed(run, error.message, isFinal: true)
    }
    guard paths.socket.utf8.count <= UnixSocket.pathBytesMax else {
      let reason =
        "the path of its socket, \(paths.socket), has \(paths.socket.utf8.count) bytes; Linux "
        + "allows \(UnixSocket.pathBytesMax): choose a state directory with a shorter path"
      return launchFailed(run, reason, isFinal: true)
    }
    guard let executable, machine.phase != .draining else {
      return launchFailed(run, "stopped before it started", isFinal: false)
    }
    let launched: PluginProcess
    do throws(SystemError) {
      launched = try PluginProcess.launch(
        run: run, manifest: manifest, executable: executable, paths: paths)
    } catch {
      return launchFailed(run, error.description, isFinal: false)
    }
    process = launched
    exit.pid = launched.pid
    loop.spawn { await self.watch(launched) }
    on(.launched(run: run))
  }

  /// Asks politely: the plugin hands over what is in flight, answers and ends.
  func askToShutDown(_ run: Int, grace: Duration) async {
    guard let handle else { return on(.shutdownRefused(run: run)) }
    let milliseconds = UInt32(clamping: grace.wholeNanoseconds / 1_000_000)
    do throws(RPCError) {
      _ = try await handle.client.call(
        PluginV1.Plugin.shutdown,
        PluginV1.ShutdownRequest(call: callContext, graceMS: milliseconds), timeout: grace)
    } catch {
      on(.shutdownRefused(run: run))
    }
  }

  func terminate() {
    guard let process else { return }
    attempt { () throws(SystemError) in try process.pidfd.signal(SIGTERM) }
  }

  /// A process that has ended by itself is not counted as ended by the host.
  func kill() {
    guard let process, !process.pidfd.hasEnded else { return }
    if machine.phase != .draining { exit.endedByHost = machine.message }
    attempt { () throws(SystemError) in try process.kill() }
  }

  private func openExecutable() async throws(VerificationError) {
    let began = MonotonicTime.now()
    executable = try await VerifiedExecutable.open(
      manifest.executable, expected: manifest.digest, earlier: executable)
    verifyDuration += MonotonicTime.now().duration(since: began)
  }

  private func launchFailed(_ run: Int, _ reason: String, isFinal: Bool) {
    exit.cause = .notStarted(reason)
    on(.launchFailed(run: run, reason, isFinal: isFinal, at: now, chance: chance))
  }

  /// Reads what the process writes until it has ended; then ends what it left behind, and tells.
  private func watch(_ process: PluginProcess) async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.readOutput(process.stdout, .stdout) }
      group.addTask { await self.readOutput(process.stderr, .stderr) }
      // Nobody cancels this task, so the wait ends only with the process.
      try? await loop.waitReadable(process.pidfd.descriptor.number)
      group.cancelAll()
    }
    // Not reaped yet, so the number of its group is still its own.
    attempt { () throws(SystemError) in try process.kill() }
    exit.cause = Self.reap(process)
    takeLastOutput(process)
    exit.lastLines = output.lastErrorLines
    handle?.client.close()
    handle = nil
    self.process = nil
    takeTurn(false)
    attempt { () throws(SystemError) in
      try IdentityRecord.remove(paths)
      try FileSystem.remove(paths.socket)
    }
    on(.exited(run: process.run, exit.description, at: now, chance: chance))
  }

  private static func reap(_ process: PluginProcess) -> PluginExit.Cause {
    do throws(SystemError) {
      switch try process.pidfd.reap() {
      case .exited(let code): return .code(code)
      case .signalled(let signal): return .signal(signal)
      case nil: preconditionFailure("process \(process.pid) runs though its pidfd is readable")
      }
    } catch {
      preconditionFailure("process \(process.pid) was reaped by somebody else: \(error)")
    }
  }

  private func readOutput(_ descriptor: Descriptor, _ stream: PluginOutput.Stream) async {
    while true {
      do {
        try await loop.waitReadable(descriptor.number)
      } catch {
        return
      }
      switch output.read(descriptor, stream) {
      case .end: return
      case .nothingNow: continue
      case .some(let bytes):
        let note = output.note
        let pause = output.pause(after: bytes, at: now)
        if output.note != note { publish() }
        guard pause > .zero else { continue }
        do {
          try await loop.sleep(for: pause)
        } catch {
          return
        }
      }
    }
  }

  private func takeLastOutput(_ process: PluginProcess) {
    for (descriptor, stream) in [(process.stdout, .stdout), (process.stderr, .stderr)]
      as [(Descriptor, PluginOutput.Stream)]
    {
      var taken = 0
      while taken < Self.lastOutputBytesMax,
        case .some(let bytes) = output.read(descriptor, stream)
      {
        taken += bytes
      }
    }
    output.endRun()
  }

  /// For what fails only where somebody takes the host's own files or rights away: told, because
  /// the plugin's life goes on either way.
  private func attempt(_ body: () throws(SystemError) -> Void) {
    do throws(SystemError) {
      try body()
    } catch {
      log.error("plugin's remains can't be cleared: \(error)")
    }
  }
}
