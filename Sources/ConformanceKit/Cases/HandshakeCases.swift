internal import PluginProto
internal import TTRPC

/// How a connection begins.
extension ConformanceCase {
  static let handshake: [ConformanceCase] = [
    ConformanceCase(
      "handshake.nonce", .must, "mortise.plugin.v1",
      why: "The nonce tells that an answer is to this question and not to an earlier one."
    ) { run in
      for nonce in ["a", "b-\(run.number(below: 1 << 30))", ""] {
        let reply = try await run.greet(nonce: nonce)
        try require(reply.nonce == nonce, "the nonce \"\(nonce)\" came back as \"\(reply.nonce)\"")
      }
    },
    ConformanceCase(
      "handshake.common-major", .must, "mortise.plugin.v1",
      why: "A newer host offers majors that a plugin has never heard of, and both must find theirs."
    ) { run in
      let reply = try await run.greet(majors: [4_000_000, 1, 4_000_001])
      try require(
        reply.protocolMajor == 1,
        "of the majors 4000000, 1 and 4000001 the plugin chose \(reply.protocolMajor)")
    },
    ConformanceCase(
      "handshake.no-common-major", .must, "mortise.plugin.v1",
      why: "Two sides that share no version must part at once, not at the first odd answer."
    ) { run in
      let client = try await run.unshaken(try await run.shared())
      var request = CaseRun.greeting(epoch: try await run.shared().currentEpoch)
      request.protocolMajors = [4_000_000]
      do throws(RPCError) {
        let reply = try await client.call(
          PluginV1.Plugin.handshake, request, timeout: run.patience)
        throw RPCError(
          .unknown, reason: "", message: "the plugin took major \(reply.protocolMajor)")
      } catch {
        try error.mustBe(.failedPrecondition, for: "a handshake with major 4000000 alone")
      }
    },
    ConformanceCase(
      "handshake.required", .must, "mortise.plugin.v1",
      why: "Before the handshake neither side knows which protocol the other speaks."
    ) { run in
      let instance = try await run.shared()
      let client = try await run.unshaken(instance)
      let host = HostConnection(
        client: client, instance: instance, patience: run.patience, epoch: instance.currentEpoch)
      let what = "a call before Handshake"
      let context = host.context
      try await host.refusal(PluginV1.Plugin.describe, .init(call: context))
        .mustBe(.failedPrecondition, for: what)
      try await host.refusal(PluginV1.Plugin.updates, .init(call: context))
        .mustBe(.failedPrecondition, for: what)
      if !run.facts.description.taskTypes.isEmpty {
        try await host.refusal(PluginV1.Tasks.validate, .init(call: context, type: "t"))
          .mustBe(.failedPrecondition, for: what)
        try await host.refusal(
          PluginV1.Tasks.execute, .init(call: context, taskID: "t", attempt: 1, step: 1)
        )
        .mustBe(.failedPrecondition, for: what)
        try await host.refusal(PluginV1.Tasks.forget, .init(call: context, taskIDs: ["t"]))
          .mustBe(.failedPrecondition, for: what)
      }
      if run.facts.driver != nil {
        try await host.refusal(PluginV1.Drivers.targets, .init(call: context))
          .mustBe(.failedPrecondition, for: what)
      }
    },
    ConformanceCase(
      "handshake.each-connection", .must, "mortise.plugin.v1",
      why: "A host connects more than once, and one connection's greeting says nothing of another."
    ) { run in
      let greeted = try await run.connect()
      let client = try await run.unshaken(greeted.instance)
      let other = HostConnection(
        client: client, instance: greeted.instance, patience: run.patience, epoch: greeted.epoch)
      try await other.refusal(PluginV1.Plugin.health, .init(call: other.context))
        .mustBe(.failedPrecondition, for: "Health on a connection without a handshake")
      _ = try await greeted.health()
    },
    ConformanceCase(
      "handshake.features", .must, "mortise.plugin.v1",
      why: "What a plugin agrees to it must know: the host relies on it from then on."
    ) { run in
      let offered = ["no-such-feature-\(run.number(below: 1 << 30))", "update-step"]
      let known = try await run.greet(features: offered).features
      try require(
        Set(known).isSubset(of: ["update-step"]),
        "the plugin agreed to \(known), which it can't know")
      let unasked = try await run.greet(features: []).features
      try require(unasked.isEmpty, "the plugin agreed to \(unasked), which was not offered")
    },
    ConformanceCase(
      "handshake.instance", .must, "mortise.plugin.v1", needs: [.program],
      why: "By its instance a host tells a restarted plugin from one that it lost touch with."
    ) { run in
      let first = try run.startUntouched()
      let names = [
        try await run.greet(first).pluginInstance, try await run.greet(first).pluginInstance,
      ]
      try require(
        !names[0].isEmpty && names[0] == names[1],
        "two handshakes with one process named the instances \(names)")
      let other = try await run.greet(try run.startUntouched()).pluginInstance
      try require(other != names[0], "two processes both call themselves \"\(other)\"")
    },
    ConformanceCase(
      "handshake.stale-host", .must, "mortise.plugin.v1",
      why: "A host that was replaced must not connect again and go on working beside its successor."
    ) { run in
      let instance = try await run.shared()
      let newer = instance.nextEpoch()
      _ = try await run.connect(to: instance)
      let client = try await run.unshaken(instance)
      let old = HostConnection(
        client: client, instance: instance, patience: run.patience, epoch: newer - 1)
      try await old.refusal(PluginV1.Plugin.handshake, CaseRun.greeting(epoch: newer - 1))
        .mustBe(.failedPrecondition, for: "a handshake of a host that was replaced")
    },
    ConformanceCase(
      "handshake.stale-call", .must, "mortise.plugin.v1",
      why: "A connection that a replaced host still holds must not let it do any more work."
    ) { run in
      let old = try await run.connect()
      _ = old.instance.nextEpoch()
      _ = try await run.connect(to: old.instance)
      try await old.refusal(PluginV1.Plugin.health, .init(call: old.context))
        .mustBe(.failedPrecondition, for: "a call of a host that was replaced")
      if let type = run.facts.type(\.good) {
        try await old.refusal(
          PluginV1.Tasks.execute, run.task(type).execute(old.context)
        ).mustBe(.failedPrecondition, for: "Execute of a host that was replaced")
      }
    },
  ]
}

extension CaseRun {
  fileprivate func greet(
    _ instance: PluginInstance? = nil, majors: [UInt32] = [1], nonce: String = "n",
    features: [String] = []
  ) async throws -> PluginV1.HandshakeReply {
    let instance = if let instance { instance } else { try await shared() }
    var request = Self.greeting(
      epoch: instance.currentEpoch, nonce: nonce, features: features)
    request.protocolMajors = majors
    let client = try await unshaken(instance)
    return try await client.call(PluginV1.Plugin.handshake, request, timeout: patience)
  }
}
