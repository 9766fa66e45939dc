internal import PluginProto
internal import TTRPC

/// Several things at once.
extension ConformanceCase {
  static let concurrency: [ConformanceCase] = [
    ConformanceCase(
      "concurrency.answers-overtake", .must, "Streams",
      why: "A poll that waits must not hold up the calls after it."
    ) { run in
      let reader = try await run.connect()
      var cursor: UInt64 = 0
      for _ in 0..<100 {
        let news = try await reader.call(
          PluginV1.Plugin.updates, .init(call: reader.context, cursor: cursor))
        cursor = news.cursor
        if news.tasks.isEmpty, news.targets.isEmpty { break }
      }
      for _ in 0..<20 {
        let peer = try await run.wire(to: reader.instance)
        let context = reader.context
        try await peer.send(
          WirePeer.request(
            PluginV1.Plugin.updates, .init(call: context, cursor: cursor, waitMS: 20_000),
            stream: 3))
        try await peer.send(WirePeer.health(stream: 5))
        let first = try await run.loop.within(run.patience, "an answer to Updates or Health") {
          try await peer.connection.next()
        }
        peer.close()
        if first?.stream == 5 { return }
        // News that came just now, of a target for instance, are told at once.
        guard let first, let envelope = try? TTRPCProto.Response(serialized: first.data),
          let news = try? PluginV1.UpdatesReply(serialized: envelope.payload),
          !news.tasks.isEmpty || !news.targets.isEmpty
        else { break }
        cursor = news.cursor
      }
      throw CaseFailure("Health was answered only after the poll that was sent before it")
    },
    ConformanceCase(
      "concurrency.connections", .must, "Limits",
      why: "A host that reconnects may hold several connections for a while."
    ) { run in
      var hosts: [HostConnection] = []
      for _ in 0..<16 { hosts.append(try await run.connect()) }
      for host in hosts { _ = try await host.health() }
    },
    ConformanceCase(
      "concurrency.many-tasks", .must, "mortise.plugin.v1", needs: [.effect],
      why: "Tasks of many resources run at once, and none may take another's place."
    ) { run in
      let host = try await run.connect()
      let tasks = try (0..<16).map { _ in try run.counted() }
      try await withThrowingTaskGroup { group in
        for task in tasks {
          group.addTask {
            let reply = try await host.finish(task)
            try require(reply.isComplete, "one of 16 tasks at once led to \(reply.summary)")
          }
        }
        try await group.waitForAll()
      }
      for task in tasks { try task.requireEffects(1, "one of 16 tasks at once") }
    },
    ConformanceCase(
      "concurrency.declared-exceeded", .must, "mortise.plugin.v1", needs: [.limitedSlow],
      why: "A host that lost count sends one call too many, and is told so or served, never misled."
    ) { run in
      let host = try await run.connect()
      let type = try run.known(run.facts.limitedSlow)
      let tasks = try (0..<Int(type.maxConcurrent) + 2).map { _ in try run.task(type, \.slow) }
      var begun: [TaskTry] = []
      for task in tasks {
        do {
          _ = try await host.execute(task)
          begun.append(task)
        } catch let error as RPCError {
          try error.mustBe(
            .resourceExhausted, .unavailable, .aborted,
            for: "one more Execute of \(type.type) than it takes at once")
        }
      }
      for task in begun { try await host.cancel(task) }
      for task in begun { _ = try await host.cancelToEnd(task) }
    },
  ]
}
