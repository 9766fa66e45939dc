internal import JSON
internal import PluginProto
internal import TTRPC

/// What Execute answers.
extension ConformanceCase {
  static let execute: [ConformanceCase] = [
    ConformanceCase(
      "execute.ends-well", .must, "mortise.plugin.v1", needs: [.good],
      why: "Every reply has exactly one outcome: the host can do nothing with any other."
    ) { run in
      let host = try await run.connect()
      for type in run.facts.types(where: { $1.good != nil }) {
        let reply = try await host.finish(try run.task(type))
        switch (reply.outcome, type.acts) {
        case (.complete, _), (.wait, .throughIntents): break
        default:
          throw CaseFailure("good params of \(type.type) led to \(reply.summary)")
        }
      }
    },
    ConformanceCase(
      "execute.outputs", .must, "mortise.plugin.v1", needs: [.good],
      why: "Outputs are held against their schema, and reach a resource's status only if they fit."
    ) { run in
      let host = try await run.connect()
      for type in run.facts.types(where: { $1.good != nil }) {
        let reply = try await host.finish(try run.task(type))
        guard case .complete(let complete) = reply.outcome else { continue }
        try type.check(outputs: complete.outputs)
      }
    },
    ConformanceCase(
      "execute.bad-params", .must, "mortise.plugin.v1", needs: [.bad],
      why: "Params that a type can't use end the task with a reason; nobody is helped by a guess."
    ) { run in
      let host = try await run.connect()
      for type in run.facts.types(where: { !$1.bad.isEmpty }) {
        for params in run.facts.samples.tasks[type.type]?.bad ?? [] {
          try await host.requireRefused(
            run.bare(type, params.serialized()), "the bad params \(params)")
        }
      }
    },
    ConformanceCase(
      "execute.params-no-json", .must, "mortise.plugin.v1", needs: [.tasks],
      why: "Bytes that are no JSON must not be taken for params without members."
    ) { run in
      let host = try await run.connect()
      for type in run.facts.description.taskTypes {
        try await host.requireRefused(
          run.bare(type, Array("{\"a\":".utf8)), "params that end early")
      }
    },
    ConformanceCase(
      "execute.unknown-type", .must, "mortise.plugin.v1", needs: [.tasks],
      why: "A task of a type that the plugin lacks ends at once, instead of being tried for ever."
    ) { run in
      let host = try await run.connect()
      try await host.refusal(
        PluginV1.Tasks.execute,
        .init(
          call: host.context, taskID: run.workplace.unique("t"), attempt: 1, step: 1,
          type: "no-such-type", params: [123, 125])
      ).mustBe(.unimplemented, for: "Execute of an unknown task type")
    },
    ConformanceCase(
      "execute.required-fields", .must, "mortise.plugin.v1", needs: [.good],
      why: "Work without a key can't be told from other work, so nothing may begin without one."
    ) { run in
      let host = try await run.connect()
      var unnamed = try run.good()
      unnamed.id = ""
      try await host.refusal(PluginV1.Tasks.execute, unnamed.execute(host.context))
        .mustBe(.invalidArgument, for: "Execute without a task id")
      try await host.refusal(
        PluginV1.Tasks.execute, run.good().on(attempt: 0).execute(host.context)
      ).mustBe(.invalidArgument, for: "Execute without an attempt")
      var untyped = try run.good().execute(host.context)
      untyped.type = ""
      try await host.refusal(PluginV1.Tasks.execute, untyped)
        .mustBe(.invalidArgument, .unimplemented, for: "Execute without a task type")
    },
    ConformanceCase(
      "execute.dry-run", .capability("dryRun"), "mortise.plugin.v1",
      needs: [.countedCapability("dryRun")],
      why: "Who asks what would be done must be able to rely on it that nothing is."
    ) { run in
      let host = try await run.connect()
      let task = try run.task(run.known(run.facts.counted(offering: "dryRun")))
      var request = task.execute(host.context)
      request.dryRun = true
      let reply = try await host.call(PluginV1.Tasks.execute, request)
      let effects = try task.effects()
      try require(effects == 0, "a dry run made \(effects) effects")
      try require(reply.isComplete, "a dry run was answered with \(reply.summary)")
      let recovered = try await host.recover(task)
      try require(
        recovered.state == .notStarted || recovered.state == .unknown,
        "after a dry run Recover says \(recovered.state)")
    },
    ConformanceCase(
      "execute.no-dry-run", .must, "mortise.plugin.v1", needs: [.lacking("dryRun")],
      why: "A type that can't show what it would do must refuse, or a look becomes a deed."
    ) { run in
      let host = try await run.connect()
      var request = try run.task(run.known(run.facts.type(lacking: "dryRun")))
        .execute(host.context)
      request.dryRun = true
      try await host.refusal(PluginV1.Tasks.execute, request)
        .mustBe(.unimplemented, for: "a dry run of a type without dryRun")
    },
    ConformanceCase(
      "execute.intents", .must, "mortise.plugin.v1", needs: [.intentTask],
      why: "The host stores the intents that a task sets, and holds it to what they say."
    ) { run in
      let host = try await run.connect()
      let reply = try await host.execute(try run.task(run.known(run.facts.intentTask)))
      guard case .wait(let wait) = reply.outcome else { return }
      for write in wait.set {
        let key = try run.known(write.id)
        try require(
          !key.kind.isEmpty && !key.key.isEmpty && !key.target.isEmpty,
          "an intent has the key \(key)")
        try require(
          (try? JSONValue(parsing: write.spec))?.object != nil,
          "the spec of intent \(key.kind) \(key.key) is no JSON object")
      }
      for clause in wait.gate?.clauses ?? [] {
        try require(
          clause.test != .unspecified && clause.intent != nil, "a gate has a clause without a test")
      }
    },
    ConformanceCase(
      "execute.expand", .capability("expand"), "mortise.plugin.v1", needs: [.capability("expand")],
      why: "Phases are named in what a person sees and stored by their names, so each has its own."
    ) { run in
      let host = try await run.connect()
      let task = try run.task(run.known(run.facts.type(offering: "expand")))
      let reply = try await host.expand(task)
      let names = reply.phases.map(\.name)
      try require(!names.isEmpty && !names.contains(""), "Expand names the phases \(names)")
      try require(Set(names).count == names.count, "two phases have one name: \(names)")
    },
    ConformanceCase(
      "execute.connection-lost", .must, "mortise.plugin.v1", needs: [.slow],
      why: "Connections break while work goes on, and the work is not to be lost with them."
    ) { run in
      let host = try await run.connect()
      let task = try run.slow()
      let reply = try await host.execute(task)
      let handle = reply.running?.handle ?? []
      host.close()
      let other = try await run.connect(to: host.instance)
      // A plugin that would end what its connection began has had the time for it.
      _ = try await other.health()
      let recovered = try await other.recover(
        task, handle: handle, version: reply.running?.handleVersion ?? 0)
      try require(
        recovered.state == .running,
        "after the connection was lost Recover says \(recovered.state), "
          + "\(recovered.reply?.summary ?? "without a reply")")
      _ = try await other.cancelToEnd(task)
    },
  ]
}

extension CaseRun {
  /// A task with params that are no sample's.
  func bare(_ type: PluginV1.TaskTypeDescription, _ params: [UInt8]) -> TaskTry {
    TaskTry(
      id: workplace.unique("task"), type: type, params: params, target: "local", effect: nil)
  }
}

extension HostConnection {
  /// The task is refused as such, or fails for good.
  fileprivate func requireRefused(_ task: TaskTry, _ what: String) async throws {
    let reply: PluginV1.TaskReply
    do {
      reply = try await finish(task)
    } catch let error as RPCError {
      return try error.mustBe(.invalidArgument, for: "Execute with \(what)")
    }
    guard case .failed(let failed) = reply.outcome, !failed.transient else {
      throw CaseFailure("\(task.type.type) answered \(what) with \(reply.summary)".prefixed)
    }
    try require(
      failed.reason.isCamelCase, "\(task.type.type) failed with the reason \"\(failed.reason)\"")
  }
}

extension PluginV1.TaskTypeDescription {
  /// As far as a host needs it at least: an object with what is required.
  fileprivate func check(outputs: [UInt8]) throws(CaseFailure) {
    let schema = try? JSONValue(parsing: outputsSchema)
    let value = outputs.isEmpty ? [:] : try? JSONValue(parsing: outputs)
    guard let object = value?.object else {
      throw CaseFailure("the outputs of \(type) are no JSON object")
    }
    for name in (schema?["required"]?.array ?? []).compactMap(\.string) {
      try require(
        object[name] != nil, "the outputs of \(type) lack \(name), which their schema requires")
    }
  }
}
