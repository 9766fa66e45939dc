internal import LinuxSystem
internal import PluginProto
internal import TTRPC

/// Much of everything, and garbage.
extension ConformanceCase {
  static let limits: [ConformanceCase] = [
    ConformanceCase(
      "limits.tasks", .should, "Limits", needs: [.program, .effect],
      why: "A plugin runs for months: what each task leaves behind adds up to a crash."
    ) { run in
      let host = try await run.start()
      try await run.finish(20, on: host)
      let before = try ProcessUse(of: host.instance)
      try await run.finish(run.effort.tasks, on: host)
      try ProcessUse(of: host.instance).requireBack(to: before, after: "\(run.effort.tasks) tasks")
    },
    ConformanceCase(
      "limits.connections", .should, "Limits", needs: [.program],
      why: "A host reconnects for as long as both live, and descriptors are few."
    ) { run in
      let host = try await run.start()
      try await run.touch(5, host.instance)
      let before = try ProcessUse(of: host.instance)
      try await run.touch(run.effort.connections, host.instance)
      // The plugin learns of the last ends only when it has read them.
      let deadline = MonotonicTime.now() + run.patience
      while true {
        do {
          return try ProcessUse(of: host.instance)
            .requireBack(to: before, after: "\(run.effort.connections) connections")
        } catch let failure as CaseFailure {
          if MonotonicTime.now() > deadline { throw failure }
          try await run.loop.sleep(for: .milliseconds(50))
        }
      }
    },
    ConformanceCase(
      "limits.large-params", .must, "Limits", needs: [.good],
      why: "Whatever fits a frame is either taken or refused; it is no reason to fail."
    ) { run in
      let host = try await run.connect()
      var task = try run.good()
      task.params += [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
      do {
        let reply = try await host.finish(task)
        try require(
          reply.isComplete || task.type.acts == .throughIntents,
          "good params with a megabyte of spaces led to \(reply.summary)")
      } catch let error as RPCError {
        try error.mustBe(.invalidArgument, .resourceExhausted, for: "params of a megabyte")
      }
    },
    ConformanceCase(
      "limits.mutated-params", .must, "Errors", needs: [.tasks],
      why: "Params come from people, and no text of theirs may end the process or look like a bug."
    ) { run in
      let host = try await run.connect()
      let tasks = try run.facts.description.taskTypes.map { type in
        run.facts.samples.tasks[type.type]?.good == nil
          ? run.bare(type, Array("{\"a\": [1, \"b\"], \"c\": {\"d\": null}}".utf8))
          : try run.task(type)
      }
      for index in 0..<run.effort.mutatedParams {
        let task = tasks[index % tasks.count]
        var request = task.validate(host.context)
        request.params = run.mutated(task.params)
        do {
          _ = try await host.call(PluginV1.Tasks.validate, request)
        } catch let error as RPCError {
          try error.mustBe(
            .invalidArgument,
            for: "Validate of \(String(decoding: request.params, as: UTF8.self))")
        }
      }
      try await run.requireServing(host.instance, after: "mutated params")
    },
    ConformanceCase(
      "limits.mutated-messages", .must, "Errors",
      why: "Bytes that a broken host or a broken disk made must be answered, and nothing more."
    ) { run in
      let instance = try await run.shared()
      let samples = run.messages(epoch: instance.currentEpoch)
      var sent = 0
      while sent < run.effort.mutatedMessages {
        let peer = try await run.wire(to: instance)
        let count = min(50, run.effort.mutatedMessages - sent)
        let streams = (1...count).map { UInt32(2 * $0 + 1) }
        var bytes: [UInt8] = []
        for stream in streams {
          let sample = samples[run.number(below: samples.count)]
          bytes +=
            WirePeer.request(
              sample.service, sample.method, run.mutated(sample.payload), stream: stream
            ).bytes
        }
        try await peer.connection.send(bytes: bytes)
        let answers = try await peer.answers(on: Set(streams), "mutated messages")
        try require(
          answers.count == count, "of \(count) mutated messages \(answers.count) were answered")
        let faulty = answers.values.first { $0.code == .internal || $0.code == .unknown }
        try require(
          faulty == nil, "a mutated message was answered with \(faulty?.description ?? "")")
        peer.close()
        sent += count
      }
      try await run.requireServing(instance, after: "mutated messages")
    },
  ]
}

extension CaseRun {
  /// Executes so many tasks, some at once, and has them forgotten.
  fileprivate func finish(_ count: Int, on host: HostConnection) async throws {
    var left = count
    while left > 0 {
      let tasks = try (0..<min(10, left)).map { _ in try counted() }
      left -= tasks.count
      try await withThrowingTaskGroup { group in
        for task in tasks { group.addTask { _ = try await host.finish(task) } }
        try await group.waitForAll()
      }
      _ = try await host.call(
        PluginV1.Tasks.forget, .init(call: host.context, taskIDs: tasks.map(\.id)))
    }
  }

  /// Connects and hangs up so many times.
  fileprivate func touch(_ count: Int, _ instance: PluginInstance) async throws {
    for _ in 0..<count {
      let host = try await connect(to: instance)
      _ = try await host.health()
      host.close()
      await host.client.waitUntilClosed()
    }
  }

  /// The bytes with some changed, cut off or put in.
  fileprivate func mutated(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...number(below: 4) {
      let place = number(below: bytes.count + 1)
      switch number(below: 4) {
      case 0: bytes.insert(UInt8(number(below: 256)), at: place)
      case 1 where place < bytes.count: bytes.remove(at: place)
      case 2: bytes.removeLast(min(number(below: 5), bytes.count))
      default:
        if place < bytes.count { bytes[place] ^= UInt8(1 << number(below: 8)) }
      }
    }
    return bytes
  }

  /// Messages whose mutants are read, and do nothing even where they can be.
  fileprivate func messages(
    epoch: UInt64
  ) -> [(service: String, method: String, payload: [UInt8])] {
    let plugin = "mortise.plugin.v1.Plugin"
    let tasks = "mortise.plugin.v1.Tasks"
    let call = PluginV1.CallContext(traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-01")
    return [
      (plugin, "Describe", PluginV1.DescribeRequest(call: call).serialized()),
      (plugin, "Health", PluginV1.HealthRequest(call: call).serialized()),
      (
        tasks, "Recover",
        PluginV1.RecoverRequest(
          call: call, taskID: "mutated", attempt: 1, step: 1, type: "no-such-type",
          params: Array("{\"a\":1}".utf8), handle: [1, 2, 3]
        ).serialized()
      ),
      (
        tasks, "Cancel",
        PluginV1.CancelRequest(call: call, taskID: "mutated", attempt: 1).serialized()
      ),
    ]
  }
}
