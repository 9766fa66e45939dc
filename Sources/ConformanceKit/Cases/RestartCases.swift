internal import LinuxSystem
internal import PluginProto
internal import TTRPC

/// What is left when a process is killed.
extension ConformanceCase {
  static let restart: [ConformanceCase] = [
    ConformanceCase(
      "recover.after-restart", .must, "mortise.plugin.v1", needs: [.program, .effect],
      why: "A plugin that crashed after its answer got lost is the only one who knows it."
    ) { run in
      let host = try await run.start()
      let task = try run.counted()
      let end = try await host.finish(task)
      let next = try await run.restart(host)
      let reply = try await next.recover(task)
      if !task.type.idempotent {
        try require(
          reply.state != .notStarted,
          "the task ended with \(end.summary); after a restart Recover says it was not started")
      }
      if reply.state == .finished {
        try require(
          reply.reply?.outcome == end.outcome,
          "the task ended with \(end.summary); after a restart Recover says "
            + "\(reply.reply?.summary ?? "nothing")")
      }
    },
    ConformanceCase(
      "recover.killed", .must, "mortise.plugin.v1", needs: [.program, .effect],
      why:
        "kill -9 comes at any moment, and what is asked afterwards decides whether work is lost or doubled."
    ) { run in
      let limit = try await run.timeOfOneTask()
      for round in 1...run.effort.kills {
        // The last one is killed when all is done.
        let delay = round == run.effort.kills ? nil : run.number(below: Int(limit))
        try await run.killAndRecover(afterMicroseconds: delay)
      }
    },
    ConformanceCase(
      "recover.running-after-restart", .must, "mortise.plugin.v1", needs: [.program, .slow],
      why: "A task that was running has a handle, and whoever gets it back must make sense of it."
    ) { run in
      let host = try await run.start()
      let task = try run.slow()
      let running = try run.known(try await host.execute(task).running)
      let next = try await run.restart(host)
      let reply = try await next.recover(
        task, handle: running.handle, version: running.handleVersion)
      let isKnown =
        switch reply.state {
        case .running, .finished: reply.reply != nil
        case .unknown: true
        case .notStarted: task.type.idempotent
        case .unrecognized: false
        }
      try require(
        isKnown, "the task was running; after a restart Recover says \(reply.state)")
    },
    ConformanceCase(
      "recover.updates-after-restart", .must, "mortise.plugin.v1", needs: [.program, .slow],
      why: "Cursors of a process that is gone must not hide the news of the one that followed it."
    ) { run in
      let host = try await run.start()
      let task = try run.slow()
      _ = try await host.execute(task)
      _ = try await host.cancelToEnd(task)
      let old = try await host.call(PluginV1.Plugin.updates, .init(call: host.context))
      let next = try await run.restart(host)
      let reply = try await next.call(
        PluginV1.Plugin.updates, .init(call: next.context, cursor: old.cursor, waitMS: 0))
      try require(
        reply.reset, "a cursor of the process before is taken for one of this process")
    },
  ]
}

extension CaseRun {
  /// How long the whole of a task takes, in microseconds, with some to spare.
  fileprivate func timeOfOneTask() async throws -> Int64 {
    let host = try await start()
    let started = MonotonicTime.now()
    _ = try await host.finish(try counted())
    let microseconds = MonotonicTime.now().nanoseconds / 1000 - started.nanoseconds / 1000
    return min(max(Int64(microseconds) * 3 / 2, 500), 2_000_000)
  }

  /// Executes a task, kills the process meanwhile, and does as a host does afterwards.
  ///
  /// - Parameter delay: nil = killed when the task has ended.
  fileprivate func killAndRecover(afterMicroseconds delay: Int?) async throws {
    let host = try await start()
    let task = try counted()
    let reply = try await withThrowingTaskGroup(of: PluginV1.TaskReply?.self) { group in
      group.addTask {
        // The answer of a process that is killed may come or not.
        delay == nil ? try await host.finish(task) : try? await host.execute(task)
      }
      if let delay {
        try await loop.sleep(for: .microseconds(delay))
        try await host.instance.kill(patience)
      }
      return try await group.next() ?? nil
    }
    let next = try await restart(host)
    let moment = delay.map { "killed \($0) µs after Execute" } ?? "killed after its end"
    let recovered = try await next.recover(
      task, handle: reply?.running?.handle ?? [], version: reply?.running?.handleVersion ?? 0)
    let mayRepeat =
      recovered.state == .notStarted || (recovered.state == .unknown && task.type.idempotent)
    var end = recovered.reply
    if mayRepeat { end = try await next.execute(task) }
    if let running = end { end = try await next.end(of: task, after: running) }
    let effects = try task.effects()
    try require(
      task.type.idempotent || effects <= 1,
      "\(moment), Recover said \(recovered.state); then the effect was made \(effects) times")
    try require(
      end?.isComplete != true || effects >= 1,
      "\(moment), Recover said \(recovered.state); the task is complete and has no effect")
    try require(
      delay != nil || reply?.isComplete != true || recovered.state != .notStarted
        || task.type.idempotent,
      "\(moment), Recover says that it was not started")
    try await next.instance.kill(patience)
  }
}
