internal import Glibc
internal import LinuxSystem
internal import PluginProto
internal import TTRPC

/// How a plugin ends.
extension ConformanceCase {
  private static let graceMS: UInt32 = 2000

  static let shutdown: [ConformanceCase] = [
    ConformanceCase(
      "shutdown.exits", .must, "mortise.plugin.v1", needs: [.program],
      why: "A plugin that stays is killed after its grace, in the middle of whatever it does."
    ) { run in
      let host = try await run.start()
      _ = try await host.call(
        PluginV1.Plugin.shutdown, .init(call: host.context, graceMS: graceMS))
      _ = try await host.instance.waitForExit(run.patience, "the exit after Shutdown")
    },
    ConformanceCase(
      "shutdown.clean-exit", .should, "mortise.plugin.v1", needs: [.program],
      why: "An exit code other than 0 reads like a crash to whoever looks at the host's log."
    ) { run in
      let gone = try await run.stop(try await run.start())
      let status = gone.exitStatus
      try require(
        status == .exited(code: 0),
        "after Shutdown the plugin ended with \(status?.description ?? "")")
    },
    ConformanceCase(
      "shutdown.poll-answered", .should, "States", needs: [.program],
      why:
        "What is in flight is answered before the end, so that no host takes the end for a crash."
    ) { run in
      let host = try await run.start()
      let first = try await host.call(PluginV1.Plugin.updates, .init(call: host.context))
      let peer = try await run.wire(to: host.instance)
      try await peer.send(
        WirePeer.request(
          PluginV1.Plugin.updates,
          .init(call: host.context, cursor: first.cursor, waitMS: 50_000), stream: 3))
      // Once this is answered the poll has been read.
      try await peer.send(WirePeer.health(stream: 5))
      if try await peer.answer(on: 3, before: [5]) != nil { return }
      _ = try await host.call(
        PluginV1.Plugin.shutdown, .init(call: host.context, graceMS: graceMS))
      _ = try await peer.answer(on: 3, "a poll that waits when Shutdown comes")
    },
    ConformanceCase(
      "shutdown.refuses-work", .must, "mortise.plugin.v1", needs: [.program, .slow, .effect],
      why: "Work that is begun in the last moments ends with the process, and nobody knows how."
    ) { run in
      let host = try await run.start()
      let slow = try run.slow()
      _ = try await host.execute(slow)
      let peer = try await run.wire(to: host.instance)
      try await peer.send(
        WirePeer.request(
          PluginV1.Plugin.shutdown, .init(call: host.context, graceMS: 20_000), stream: 3))
      let refused = try await run.firstRefused(host)
      try await host.instance.kill(run.patience)
      try refused.requireEffects(0, "an Execute after Shutdown that was refused")
    },
    ConformanceCase(
      "shutdown.signal", .must, "mortise.plugin.v1", needs: [.program],
      why: "SIGTERM is how the machine, or a host without a connection, asks a plugin to end."
    ) { run in
      let host = try await run.start()
      try host.instance.signal(SIGTERM)
      _ = try await host.instance.waitForExit(run.patience, "the exit after SIGTERM")
    },
    ConformanceCase(
      "shutdown.host-gone", .must, "mortise.plugin.v1", needs: [.program],
      why: "A host that was killed can't ask; a plugin that outlives it keeps the next one waiting."
    ) { run in
      let host = try await run.start()
      host.instance.endHost()
      _ = try await host.instance.waitForExit(run.patience, "the exit after the host's end")
    },
    ConformanceCase(
      "shutdown.no-orphans", .should, "mortise.plugin.v1", needs: [.program],
      why: "What a plugin started and left in its process group is killed by the host, halfway."
    ) { run in
      let host = try await run.start()
      if run.facts.type(\.good) != nil { _ = try await host.finish(try run.good()) }
      let gone = try await run.stop(host)
      try require(
        try !gone.hasGroup(), "processes of the plugin's group are left after its Shutdown")
    },
  ]
}

extension CaseRun {
  /// Asks the process to end, and waits for it.
  func stop(_ host: HostConnection) async throws -> PluginInstance {
    _ = try await host.call(
      PluginV1.Plugin.shutdown, .init(call: host.context, graceMS: 2000))
    _ = try await host.instance.waitForExit(patience, "the exit after Shutdown")
    return host.instance
  }

  /// Once the plugin has read Shutdown it begins nothing new; a plugin that has ended doesn't either.
  fileprivate func firstRefused(_ host: HostConnection) async throws -> TaskTry {
    let triesMax = 200
    for _ in 1...triesMax {
      let task = try counted()
      do throws(RPCError) {
        _ = try await host.client.call(
          PluginV1.Tasks.execute, task.execute(host.context), timeout: patience)
      } catch {
        try error.mustBe(.unavailable, for: "Execute after Shutdown")
        return task
      }
      try await loop.sleep(for: .milliseconds(5))
    }
    throw CaseFailure("after Shutdown \(triesMax) Executes one after the other were taken")
  }
}
