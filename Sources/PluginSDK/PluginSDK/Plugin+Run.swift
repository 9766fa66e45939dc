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
  /// - Throws: where there is no socket to listen on.
  public func run() throws {
    let launch = try PluginLaunch(
      arguments: CommandLine.arguments, environment: { getenv($0).map { String(cString: $0) } })
    SignalFD.ignore(SIGPIPE)
    let loop = try EventLoop(name: name)
    let log = PluginLog()
    let runtime = PluginRuntime(
      self, on: loop, instance: Self.makeInstance(), startUnixMS: WallTime.nowUnixMS(), log: log)
    let server = Server(
      loop: loop, router: runtime.router,
      admit: { peer in
        launch.host.map { $0 == peer.pid } ?? Server.isSameUserOrRoot(peer)
      },
      handlerFailed: { failure in
        log.fault(
          "a method failed", ["method": .string(failure.method), "error": "\(failure.error)"])
      })
    let termination = try SignalFD([SIGTERM])
    server.serve(listener: launch.listener)
    Self.stop(when: runtime, server, loop)
    loop.spawn { await Self.shutDown(runtime, on: .signal(termination), log) }
    if let liveness = launch.liveness {
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

  private static func makeInstance() -> String {
    String(UInt64.random(in: .min ... .max), radix: 16)
  }
}
