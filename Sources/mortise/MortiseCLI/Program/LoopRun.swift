internal import Glibc
internal import LinuxSystem
internal import Synchronization
internal import TTRPC

/// Runs a command as a task on a loop of the calling thread.
enum LoopRun {
  /// The first SIGINT or SIGTERM cancels the command, which then ends in order; the second one ends
  /// the process on the spot.
  static func run(
    _ action: @escaping @Sendable (Invocation, HostLink) async throws(CommandFailure) -> ExitCode,
    _ invocation: Invocation
  ) throws(CommandFailure) -> ExitCode {
    let loop: EventLoop
    let signals: SignalFD
    do throws(SystemError) {
      signals = try SignalFD([SIGINT, SIGTERM])
      loop = try EventLoop(name: "mortise")
    } catch {
      throw CommandFailure(.failed, "mortise: can't start: \(error)")
    }
    let link = HostLink(
      socketPath: HostLink.socketPath(invocation.arguments, invocation.surroundings.environment),
      loop: loop, announce: { invocation.console.complain($0) })
    let outcome = Mutex(Result<ExitCode, CommandFailure>.success(.ok))
    loop.execute {
      let work = loop.spawn {
        do throws(CommandFailure) {
          let code = try await action(invocation, link)
          outcome.withLock { $0 = .success(code) }
        } catch {
          outcome.withLock { $0 = .failure(error) }
        }
        loop.stop()
      }
      loop.spawn {
        await signal(signals, loop)
        work.cancel()
        await signal(signals, loop)
        _exit(ExitCode.interrupted.rawValue)
      }
    }
    loop.run()
    return try outcome.withLock { $0 }.get()
  }

  /// Returns when a signal has come.
  private static func signal(_ signals: SignalFD, _ loop: EventLoop) async {
    do {
      while try signals.next() == nil {
        try await loop.waitReadable(signals.descriptor.number)
      }
    } catch {
      preconditionFailure("a signal descriptor of this process can be read: \(error)")
    }
  }
}
