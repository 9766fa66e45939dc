internal import LinuxSystem
internal import PluginProto
internal import TTRPC

/// Cancel, and the calls' own ends.
extension ConformanceCase {
  static let cancel: [ConformanceCase] = [
    ConformanceCase(
      "cancel.ends", .capability("cancel"), "mortise.plugin.v1", needs: [.slow],
      why:
        "A person who cancels waits for the end; a task that goes on holds up everything after it."
    ) { run in
      let host = try await run.connect()
      let task = try run.slow()
      _ = try await host.execute(task)
      let end = try await host.cancelToEnd(task)
      try require(
        end.outcome != nil && !end.isRunning, "a task that was cancelled ended with \(end.summary)")
    },
    ConformanceCase(
      "cancel.unknown", .must, "mortise.plugin.v1", needs: [.tasks],
      why: "A host cancels what it is not sure was begun; that nothing is there is what it wants."
    ) { run in
      let host = try await run.connect()
      try await host.cancel(run.bare(run.known(run.facts.description.taskTypes.first), []))
    },
    ConformanceCase(
      "cancel.again", .must, "mortise.plugin.v1", needs: [.slow],
      why:
        "The host sends Cancel again every two seconds until the end comes, and after it once more."
    ) { run in
      let host = try await run.connect()
      let task = try run.slow()
      _ = try await host.execute(task)
      for _ in 0..<3 { try await host.cancel(task) }
      _ = try await host.cancelToEnd(task)
      try await host.cancel(task)
    },
    ConformanceCase(
      "cancel.after-end", .must, "mortise.plugin.v1", needs: [.good],
      why: "A Cancel that comes too late must not make a failure of what was done."
    ) { run in
      let host = try await run.connect()
      let task = try run.task(run.known(run.facts.completing))
      let end = try await host.finish(task)
      try await host.cancel(task)
      let reply = try await host.finish(task)
      try require(
        reply == end, "the task ended with \(end.summary), and after a Cancel with \(reply.summary)"
      )
    },
    ConformanceCase(
      "cancel.race", .must, "mortise.plugin.v1", needs: [.slow],
      why: "Cancel and end cross on their way; whichever wins, everybody must hear the same."
    ) { run in
      let host = try await run.connect()
      for _ in 0..<3 {
        let task = try run.slow()
        let reply = try await run.execute(
          task, on: host, cancelledAfter: .microseconds(run.number(below: 2000)))
        let end = reply.isRunning ? try await host.cancelToEnd(task) : reply
        let recovered = try await host.recover(task)
        try require(
          recovered.state == .finished && recovered.reply == end,
          "the end was told as \(end.summary); Recover says \(recovered.state), "
            + "\(recovered.reply?.summary ?? "without a reply")")
      }
    },
    ConformanceCase(
      "cancel.crosses-end", .must, "mortise.plugin.v1", needs: [.effect],
      why: "What ended by itself while it was cancelled has one end: the one that was told."
    ) { run in
      let host = try await run.connect()
      let started = MonotonicTime.now()
      _ = try await host.finish(try run.counted())
      let time = Int(MonotonicTime.now().duration(since: started) / .microseconds(1))
      for round in 1...4 {
        let task = try run.counted()
        let end: PluginV1.TaskReply
        if round == 4 {
          end = try await host.finish(task)
          try await host.cancel(task)
        } else {
          let reply = try await run.execute(
            task, on: host, cancelledAfter: .microseconds(run.number(below: time + 1)))
          end = try await host.end(of: task, after: reply)
        }
        let recovered = try await host.recover(task)
        try require(
          recovered.state == .finished && recovered.reply == end,
          "the end was told as \(end.summary); Recover says \(recovered.state), "
            + "\(recovered.reply?.summary ?? "without a reply")")
        let effects = try task.effects()
        try require(
          effects == 1 || (effects == 0 && !end.isComplete),
          "a task that was cancelled meanwhile ended with \(end.summary) and \(effects) effects")
      }
    },
  ]

  static let deadline: [ConformanceCase] = [
    ConformanceCase(
      "deadline.envelope", .must, "Envelope", needs: [.tasks],
      why: "The host has stopped waiting by then, and what still works for it works for nobody."
    ) { run in
      try await run.requireDeadline(envelope: .milliseconds(50), message: nil)
    },
    ConformanceCase(
      "deadline.message", .must, "Envelope", needs: [.tasks],
      why:
        "Relays rewrite envelopes; the deadline in the message is the host's own, and counts as well."
    ) { run in
      try await run.requireDeadline(envelope: .zero, message: .milliseconds(50))
    },
    ConformanceCase(
      "deadline.task-known", .must, "mortise.plugin.v1", needs: [.slow],
      why: "A deadline ends a call and not the work: what became of it must be found out by asking."
    ) { run in
      let host = try await run.connect()
      let task = try run.slow()
      var request = task.execute(host.context)
      request.call?.deadlineUnixMS = run.now + 50
      var reply: PluginV1.TaskReply?
      do throws(RPCError) {
        reply = try await host.client.call(PluginV1.Tasks.execute, request, timeout: run.patience)
      } catch {
        try error.mustBe(.deadlineExceeded, for: "Execute with a deadline in 50 ms")
      }
      let recovered = try await host.recover(
        task, handle: reply?.running?.handle ?? [], version: reply?.running?.handleVersion ?? 0)
      try require(
        recovered.state == .running || (reply == nil && recovered.state == .notStarted),
        "after the deadline of its call Recover says \(recovered.state)")
      _ = try await host.execute(task)
      _ = try await host.cancelToEnd(task)
    },
  ]
}

extension CaseRun {
  /// What Execute answers while a Cancel follows it on the same connection.
  fileprivate func execute(
    _ task: TaskTry, on host: HostConnection, cancelledAfter pause: Duration
  ) async throws -> PluginV1.TaskReply {
    try await withThrowingTaskGroup(of: PluginV1.TaskReply?.self) { group in
      group.addTask { try await host.execute(task) }
      group.addTask { [loop] in
        try await loop.sleep(for: pause)
        try await host.cancel(task)
        return nil
      }
      var reply: PluginV1.TaskReply?
      while let next = try await group.next() { reply = next ?? reply }
      return try known(reply)
    }
  }
}

extension Facts {
  /// A type whose good params lead to Complete.
  var completing: PluginV1.TaskTypeDescription? { type(\.good) }
}
