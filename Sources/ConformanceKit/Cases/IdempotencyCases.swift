internal import JSON
internal import PluginProto
internal import TTRPC

/// (task id, attempt) is the key of all work.
extension ConformanceCase {
  static let idempotency: [ConformanceCase] = [
    ConformanceCase(
      "idempotency.ten-in-a-row", .must, "mortise.plugin.v1", needs: [.effect],
      why: "Delivery is at least once: a volume that is made twice is somebody's data lost."
    ) { run in
      let host = try await run.connect()
      let task = try run.counted()
      for _ in 0..<10 { _ = try await host.finish(task) }
      try task.requireEffects(1, "ten Executes of one key")
    },
    ConformanceCase(
      "idempotency.ten-at-once", .must, "mortise.plugin.v1", needs: [.effect],
      why:
        "A host that was replaced may still have a call under way when its successor makes it again."
    ) { run in
      let host = try await run.connect()
      let task = try run.counted()
      let replies = try await withThrowingTaskGroup(of: PluginV1.TaskReply.self) { group in
        for _ in 0..<10 { group.addTask { try await host.execute(task) } }
        var replies: [PluginV1.TaskReply] = []
        while let reply = try await group.next() { replies.append(reply) }
        return replies
      }
      for reply in replies { _ = try await host.end(of: task, after: reply) }
      try task.requireEffects(1, "ten Executes of one key at once")
    },
    ConformanceCase(
      "idempotency.same-reply", .must, "mortise.plugin.v1", needs: [.good],
      why: "The second answer replaces one that was lost, so it has to be the same."
    ) { run in
      let host = try await run.connect()
      let task = try run.good()
      let first = try await host.finish(task)
      for _ in 0..<3 {
        let again = try await host.finish(task)
        try require(
          again == first, "the same key was answered with \(first), then with \(again)".prefixed)
      }
    },
    ConformanceCase(
      "idempotency.other-connection", .must, "mortise.plugin.v1", needs: [.effect],
      why: "After a lost connection the same work comes on a new one."
    ) { run in
      let task = try run.counted()
      for _ in 0..<3 {
        let host = try await run.connect()
        _ = try await host.finish(task)
        host.close()
      }
      try task.requireEffects(1, "Executes of one key on three connections")
    },
    ConformanceCase(
      "idempotency.other-params", .must, "mortise.plugin.v1", needs: [.other],
      why: "The key alone says that it is the same work; other params with it are a host's mistake."
    ) { run in
      let host = try await run.connect()
      let type = try run.known(
        run.facts.type(\.other, where: { $1.effect != nil && $1.good != nil }))
      let task = try run.task(type)
      _ = try await host.finish(task)
      let other = try run.task(type, \.other).renamed(task.id)
      do {
        _ = try await host.finish(other)
      } catch let error as RPCError {
        try error.mustBe(
          .invalidArgument, .alreadyExists, .failedPrecondition, .aborted,
          for: "the same key with other params")
      }
      try task.requireEffects(1, "two Executes of one key, with different params")
      try other.requireEffects(0, "the second of two Executes of one key")
    },
    ConformanceCase(
      "idempotency.next-attempt", .must, "mortise.plugin.v1", needs: [.effect],
      why: "After a failure the host tries again, with the next attempt, and means it."
    ) { run in
      let host = try await run.connect()
      let task = try run.counted()
      _ = try await host.finish(task)
      let reply = try await host.finish(task.on(attempt: 2))
      try require(reply.isComplete, "the second attempt led to \(reply.summary)")
      if !task.type.idempotent { try task.requireEffects(2, "two attempts") }
    },
    ConformanceCase(
      "idempotency.older-attempt", .must, "mortise.plugin.v1", needs: [.effect],
      why:
        "A call of an attempt that was given up may come late, and must not run beside the new one."
    ) { run in
      let host = try await run.connect()
      let task = try run.counted()
      _ = try await host.finish(task)
      _ = try await host.finish(task.on(attempt: 2))
      let before = try task.effects()
      do {
        _ = try await host.finish(task)
      } catch let error as RPCError {
        try error.mustBe(.failedPrecondition, .aborted, for: "an attempt that was overtaken")
      }
      try task.requireEffects(before, "an older attempt that came again")
    },
    ConformanceCase(
      "idempotency.whole-ids", .must, "mortise.plugin.v1", needs: [.effect],
      why: "Ids differ somewhere, perhaps only at their ends; a prefix is not enough."
    ) { run in
      let host = try await run.connect()
      let prefix = run.workplace.unique("t") + String(repeating: "x", count: 60)
      for end in ["a", "b"] {
        let task = try run.counted().renamed(prefix + end)
        _ = try await host.finish(task)
        try task.requireEffects(1, "a task whose id ends in another letter than an earlier one's")
      }
    },
    ConformanceCase(
      "idempotency.intents", .must, "mortise.plugin.v1", needs: [.intentTask],
      why: "Such a task is recovered by calling it again, which helps only if it answers the same."
    ) { run in
      let host = try await run.connect()
      let task = try run.task(run.known(run.facts.intentTask))
      let first = try await host.execute(task)
      let again = try await host.execute(task)
      try require(
        again == first, "the same step was answered with \(first), then with \(again)".prefixed)
    },
  ]
}

extension TaskTry {
  func requireEffects(_ count: Int, _ what: String) throws {
    let effects = try effects()
    try require(effects == count, "\(what) made \(effects) effects, not \(count)")
  }
}
