import JSON
package import LinuxSystem
package import TTRPC

/// A plugin with the server that answers for it, in a process that may be anyone's: a plugin's own,
/// or a test's.
package struct ServedPlugin: Sendable {
  package let server: Server
  /// Where it runs.
  package var loop: EventLoop { runtime.loop }
  let runtime: PluginRuntime

  /// - Parameter admit: whether a peer may call at all.
  /// - Parameter sleep: how tasks wait; nil = on the loop's timers.
  package init(
    _ plugin: Plugin, on loop: EventLoop, log: PluginLog,
    admit: @escaping @Sendable (PeerCredentials) -> Bool = Server.isSameUserOrRoot,
    sleep: (@Sendable (Duration) async throws -> Void)? = nil
  ) {
    runtime = PluginRuntime(
      plugin, on: loop, instance: String(UInt64.random(in: .min ... .max), radix: 16),
      startUnixMS: WallTime.nowUnixMS(), log: log, sleep: sleep)
    server = Server(
      loop: loop, router: runtime.router, admit: admit,
      handlerFailed: { failure in
        log.fault(
          "a method failed", ["method": .string(failure.method), "error": "\(failure.error)"])
      })
  }

  /// Lets go of what the plugin holds of its state directory, as the end of its process would.
  package func close() async {
    await server.shutdown(grace: .zero)
    await runtime.configuration.present?.steps?.journal.close()
  }
}

/// What ends a plugin without a call.
package enum PluginEnd: Hashable, Sendable {
  case signal
  case hostGone
}
