internal import PluginProto
internal import TTRPC

/// Undoing what was done.
extension ConformanceCase {
  private static let needs: [Need] = [.countedCapability("revert")]

  static let revert: [ConformanceCase] = [
    ConformanceCase(
      "revert.undoes", .capability("revert"), "mortise.plugin.v1", needs: needs,
      why: "A rollback that reports success and leaves the effect is worse than none."
    ) { run in
      let host = try await run.connect()
      let task = try run.revertible()
      _ = try await host.finish(task)
      try task.requireEffects(1, "Execute")
      let reply = try await host.revert(task.reverting)
      try require(reply.isComplete, "Revert led to \(reply.summary)")
      try task.requireEffects(0, "Execute and its Revert")
    },
    ConformanceCase(
      "revert.again", .capability("revert"), "mortise.plugin.v1", needs: needs,
      why: "Revert is a delivery like any other: its answer may be lost, and it comes again."
    ) { run in
      let host = try await run.connect()
      let task = try run.revertible()
      _ = try await host.finish(task)
      let first = try await host.revert(task.reverting)
      let again = try await host.revert(task.reverting)
      try require(
        again == first, "one Revert led to \(first.summary), then to \(again.summary)")
    },
    ConformanceCase(
      "revert.nothing-there", .capability("revert"), "mortise.plugin.v1", needs: needs,
      why: "What a rollback undoes may never have been done, and that is just as well."
    ) { run in
      let host = try await run.connect()
      let task = try run.revertible()
      let reply = try await host.revert(task.reverting)
      try require(reply.isComplete, "Revert of what was never done led to \(reply.summary)")
    },
    ConformanceCase(
      "revert.recovered", .capability("revert"), "mortise.plugin.v1", needs: needs,
      why: "A rollback whose answer was lost is asked about, too, and by the id of its own."
    ) { run in
      let host = try await run.connect()
      let task = try run.revertible()
      _ = try await host.finish(task)
      let end = try await host.revert(task.reverting)
      let reply = try await host.recover(task.reverting, revert: true)
      try require(
        reply.state == .finished && reply.reply == end,
        "the Revert ended with \(end.summary); Recover says \(reply.state)")
    },
    ConformanceCase(
      "revert.not-offered", .must, "mortise.plugin.v1", needs: [.lacking("revert")],
      why: "Where nothing can be undone a person must be told, before it is counted on."
    ) { run in
      let host = try await run.connect()
      let task = try run.task(run.known(run.facts.type(lacking: "revert")))
      try await host.refusal(PluginV1.Tasks.revert, task.reverting.execute(host.context))
        .mustBe(.unimplemented, for: "Revert of a type without the capability")
    },
  ]
}

extension CaseRun {
  fileprivate func revertible() throws -> TaskTry {
    try task(known(facts.counted(offering: "revert")))
  }
}

extension TaskTry {
  /// The same params under the revert's own id.
  fileprivate var reverting: TaskTry { renamed(id + "-revert") }
}

extension HostConnection {
  fileprivate func revert(_ task: TaskTry) async throws -> PluginV1.TaskReply {
    try await end(
      of: task, after: try await call(PluginV1.Tasks.revert, task.execute(context)))
  }
}
