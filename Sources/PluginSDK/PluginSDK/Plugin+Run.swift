import Glibc
import JSON
import LinuxSystem
import TTRPC

extension Plugin {
  /// How long tasks may go on once nobody is left to serve: the host is gone, or SIGTERM came.
  static let unaskedGrace = Duration.seconds(2)

  /// Serves the plugin on this thread until its host tells it to stop or is gone.
  ///
  /// The host hands over a listening socket (MORTISE_LISTEN_FD) and a pipe that ends with it
  /// (MORTISE_LIVENESS_FD). For debugging, `--socket PATH` listens there instead and needs no host.
  ///
  /// Called by a plugin's main program. Where it can't begin, for want of a socket for instance, it says
  /// why on standard error and ends the process with status 1: no retry is of use before somebody has
  /// started it otherwise (guarded by `PluginProcessTests`).
  public func run() {
    do {
      try run { served, launch in
        served.server.serve(listener: launch.listener)
        return [.signal, .hostGone]
      }
    } catch {
      PluginLog.writeToStandardError(Array("\(name): \(error)\n".utf8))
      exit(1)
    }
  }

  /// As `run`, but what listens, and what ends the process besides Shutdown, is the caller's to say:
  /// for the plugin that breaks rules on purpose.
  package func run(
    _ begin: (ServedPlugin, PluginLaunch) throws -> Set<PluginEnd>
  ) throws {
    let launch = try PluginLaunch(
      arguments: CommandLine.arguments, environment: { getenv($0).map { String(cString: $0) } })
    SignalFD.ignore(SIGPIPE)
    let loop = try EventLoop(name: name)
    let log = PluginLog()
    let served = ServedPlugin(
      self, on: loop, log: log,
      admit: { peer in
        // A connection of this process with itself harms nobody.
        Server.isSameUserOrRoot(peer)
          && (launch.host.map { $0 == peer.pid || peer.pid == getpid() } ?? true)
      })
    let (runtime, server) = (served.runtime, served.server)
    let termination = try SignalFD([SIGTERM])
    let ends = try begin(served, launch)
    Self.stop(when: runtime, server, loop)
    if ends.contains(.signal) {
      loop.spawn { await Self.shutDown(runtime, on: .signal(termination), log) }
    }
    if let liveness = launch.liveness, ends.contains(.hostGone) {
      loop.spawn { await Self.shutDown(runtime, on: .endOf(liveness), log) }
    }
    log.info("serving", ["plugin": .string(name), "version": .string(version)])
    loop.run()
  }

  /// What ends a plugin without a call.
  private enum Cause {
    case signal(SignalFD)
    case endOf(Descriptor)

    var descriptor: Descriptor {
      switch self {
      case .signal(let signals): signals.descriptor
      case .endOf(let pipe): pipe
      }
    }
  }

  private static func shutDown(_ runtime: PluginRuntime, on cause: Cause, _ log: PluginLog) async {
    do {
      // Nothing is ever written to the liveness pipe: readable is its end.
      try await runtime.loop.waitReadable(cause.descriptor.number)
    } catch {
      log.fault("can't wait for the host's end; exiting", ["error": "\(error)"])
    }
    await runtime.shutdown(grace: unaskedGrace)
  }

  /// Ends the process's loop once the plugin drained and its answers are written.
  private static func stop(when runtime: PluginRuntime, _ server: Server, _ loop: EventLoop) {
    loop.spawn {
      try? await runtime.drained.value()
      await server.shutdown(grace: unaskedGrace)
      loop.stop()
    }
  }
}
