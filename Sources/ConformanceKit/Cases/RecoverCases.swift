internal import PluginProto
internal import TTRPC

/// What a plugin says of work whose outcome its host does not know.
extension ConformanceCase {
  static let recover: [ConformanceCase] = [
    ConformanceCase(
      "recover.unknown-id", .must, "mortise.plugin.v1", needs: [.effect],
      why: "A host asks about work that may never have reached the plugin, and would wait for ever."
    ) { run in
      let host = try await run.connect()
      let task = try run.counted()
      let reply = try await host.recover(task)
      try require(
        reply.state != .running, "Recover of a task that was never executed says running")
      try require(
        reply.state != .finished || reply.reply?.isComplete == true,
        "Recover of a task that was never executed says \(reply.reply?.summary ?? "finished")")
    },
    ConformanceCase(
      "recover.finished", .must, "mortise.plugin.v1", needs: [.good],
      why: "An answer that was lost is not made twice: the host takes it from here."
    ) { run in
      let host = try await run.connect()
      let task = try run.task(run.known(run.facts.type(\.good) { type, _ in true }))
      let end = try await host.finish(task)
      guard task.type.acts == .externally else { return }
      let reply = try await host.recover(task)
      try require(
        reply.state == .finished && reply.reply == end,
        "the task ended with \(end.summary); Recover says \(reply.state), "
          + "\(reply.reply?.summary ?? "without a reply")")
    },
    ConformanceCase(
      "recover.running", .must, "mortise.plugin.v1", needs: [.slow],
      why: "Work that goes on must not be begun again beside itself."
    ) { run in
      let host = try await run.connect()
      let task = try run.slow()
      let running = try await host.execute(task).running
      let reply = try await host.recover(
        task, handle: running?.handle ?? [], version: running?.handleVersion ?? 0)
      try require(
        reply.state == .running && reply.reply?.isRunning == true,
        "the task is running; Recover says \(reply.state), "
          + "\(reply.reply?.summary ?? "without a reply")")
      _ = try await host.cancelToEnd(task)
    },
    ConformanceCase(
      "recover.does-nothing", .must, "mortise.plugin.v1", needs: [.effect],
      why: "Recover is a question; who acts on it makes an effect that nobody asked for."
    ) { run in
      let host = try await run.connect()
      let task = try run.counted()
      for _ in 0..<3 { _ = try await host.recover(task) }
      try task.requireEffects(0, "three Recovers of a task that was never executed")
    },
    ConformanceCase(
      "recover.corrupt-handle", .must, "mortise.plugin.v1", needs: [.externalTasks, .good],
      why: "Handles come back from a store that a disk or a person may have damaged."
    ) { run in
      let host = try await run.connect()
      let bytes = (0..<64).map { _ in UInt8(run.number(below: 256)) }
      for handle in [bytes, Array("{\"".utf8), [UInt8](repeating: 0xFF, count: 100_000)] {
        let task = try run.good()
        // Who looks at the world may find the work done, whatever a handle says.
        let isDone = try await host.recover(task).state == .finished
        do {
          let reply = try await host.recover(task, handle: handle, version: 1)
          try require(
            reply.state != .running && (reply.state != .finished || isDone),
            "Recover with a handle of garbage says \(reply.state)")
        } catch let error as RPCError {
          try error.mustBe(
            .invalidArgument, .failedPrecondition, for: "Recover with a handle of garbage")
        }
      }
      try await run.requireServing(host.instance, after: "Recover with a handle of garbage")
    },
    ConformanceCase(
      "recover.handle-version", .must, "mortise.plugin.v1", needs: [.slow],
      why:
        "A handle of another version of the plugin comes after an upgrade, and after a downgrade."
    ) { run in
      let host = try await run.connect()
      let task = try run.slow().renamed(run.workplace.unique("other"))
      do {
        let reply = try await host.recover(task, handle: [1, 2, 3], version: 4_000_000)
        try require(
          reply.state != .finished, "Recover with a handle of version 4000000 says \(reply.state)")
      } catch let error as RPCError {
        try error.mustBe(
          .invalidArgument, .failedPrecondition, for: "Recover with a handle of version 4000000")
      }
    },
    ConformanceCase(
      "recover.unknown-type", .must, "mortise.plugin.v1", needs: [.tasks],
      why: "A task of a type that was removed by a downgrade is not one that was never begun."
    ) { run in
      let host = try await run.connect()
      try await host.refusal(
        PluginV1.Tasks.recover,
        .init(call: host.context, taskID: "t", attempt: 1, step: 1, type: "no-such-type")
      ).mustBe(.unimplemented, for: "Recover of an unknown task type")
    },
    ConformanceCase(
      "recover.forget", .must, "mortise.plugin.v1", needs: [.good],
      why: "Forget comes for ids that the plugin knows, has forgotten, and never knew."
    ) { run in
      let host = try await run.connect()
      let task = try run.good()
      _ = try await host.finish(task)
      for ids in [[task.id], [task.id], [run.workplace.unique("never")], []] {
        _ = try await host.call(
          PluginV1.Tasks.forget, .init(call: host.context, taskIDs: ids))
      }
      let reply = try await host.recover(task)
      try require(reply.state != .running, "a task that was forgotten is running")
    },
    ConformanceCase(
      "recover.complete", .must, "mortise.plugin.v1", needs: [.tasks],
      why: "That nothing is left to recover is said again after each reset, and is never a mistake."
    ) { run in
      let host = try await run.connect()
      for _ in 0..<2 {
        do {
          _ = try await host.call(PluginV1.Tasks.recoveryComplete, .init(call: host.context))
        } catch let error as RPCError {
          try error.mustBe(.unimplemented, for: "RecoveryComplete")
        }
      }
    },
  ]
}
