internal import LinuxSystem
internal import PluginProto
internal import TTRPC

/// The long poll.
extension ConformanceCase {
  static let updates: [ConformanceCase] = [
    ConformanceCase(
      "execute.updates-cursor", .must, "mortise.plugin.v1", needs: [.slow],
      why: "A cursor that does not move makes the host read the same news for ever."
    ) { run in
      let host = try await run.connect()
      let task = try run.slow()
      guard case .running = try await host.execute(task).outcome else { return }
      _ = try await host.cancelToEnd(task)
      var cursor: UInt64 = 0
      var told = 0
      // What is pending comes first, in as many replies as it takes.
      for _ in 0..<100 {
        let news = try await host.updates(after: cursor)
        if news.tasks.isEmpty, news.targets.isEmpty { break }
        told += news.tasks.count { $0.taskID == task.id }
        cursor = news.cursor
      }
      try require(told > 0, "Updates from the start does not tell the end of task \(task.id)")
      let again = try await host.updates(after: cursor)
      try require(
        again.tasks.isEmpty,
        "what was told once is told again after its cursor: \(again.tasks.map(\.taskID))".prefixed)
    },
    ConformanceCase(
      "execute.updates-reset", .must, "mortise.plugin.v1", needs: [.tasks],
      why:
        "A cursor of another process means that news may have been missed, and somebody must say so."
    ) { run in
      let host = try await run.connect()
      let reply = try await host.updates(after: 1)
      try require(reply.reset, "Updates after a cursor of another process says no reset")
    },
    ConformanceCase(
      "execute.updates-wait", .should, "mortise.plugin.v1", needs: [.tasks],
      why: "A poll that comes back at once, with nothing, costs both sides a processor."
    ) { run in
      let host = try await run.connect()
      var cursor: UInt64 = 0
      for _ in 0..<100 {
        let news = try await host.updates(after: cursor)
        cursor = news.cursor
        if news.tasks.isEmpty, news.targets.isEmpty { break }
      }
      let wait = Duration.milliseconds(100)
      let started = MonotonicTime.now()
      let reply = try await host.call(
        PluginV1.Plugin.updates, .init(call: host.context, cursor: cursor, waitMS: 100))
      // A driver may have news of its own at any time.
      guard reply.tasks.isEmpty, reply.targets.isEmpty else { return }
      let waited = MonotonicTime.now().duration(since: started)
      try require(
        waited >= wait / 2, "Updates with nothing to tell came back after \(waited), not \(wait)")
    },
    ConformanceCase(
      "execute.updates-step", .capability("update-step"), "mortise.plugin.v1", needs: [.slow],
      why: "Late news of an earlier step would be taken for the present one's."
    ) { run in
      let host = try await run.connect()
      let greeting = try await host.call(
        PluginV1.Plugin.handshake, CaseRun.greeting(epoch: host.epoch))
      guard greeting.features.contains("update-step") else { return }
      let task = try run.slow()
      guard case .running = try await host.execute(task).outcome else { return }
      _ = try await host.cancelToEnd(task)
      var cursor: UInt64 = 0
      for _ in 0..<100 {
        let news = try await host.updates(after: cursor)
        cursor = news.cursor
        if let own = news.tasks.last(where: { $0.taskID == task.id }) {
          return try require(
            own.step == task.step, "the end of step \(task.step) was told as of step \(own.step)")
        }
        if news.tasks.isEmpty, news.targets.isEmpty { break }
      }
      throw CaseFailure("Updates from the start does not tell the end of task \(task.id)")
    },
  ]
}

extension HostConnection {
  /// What there is to tell now.
  fileprivate func updates(after cursor: UInt64) async throws -> PluginV1.UpdatesReply {
    try await call(PluginV1.Plugin.updates, .init(call: context, cursor: cursor, waitMS: 0))
  }
}
