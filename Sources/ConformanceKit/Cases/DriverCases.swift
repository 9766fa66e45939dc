internal import JSON
internal import LinuxSystem
internal import PluginProto
internal import TTRPC

/// What converges intents.
extension ConformanceCase {
  static let driver: [ConformanceCase] = [
    ConformanceCase(
      "driver.kinds", .must, "mortise.plugin.v1", needs: [.driver],
      why: "The host gives each kind to one driver, in the order of the bands."
    ) { run in
      let host = try await run.connect()
      let found = try await host.call(PluginV1.Plugin.describe, .init(call: host.context))
      let kinds = found.driver?.kinds ?? []
      let names = kinds.map(\.kind)
      try require(!names.isEmpty && !names.contains(""), "the driver's kinds are \(names)")
      try require(Set(names).count == names.count, "two kinds have one name: \(names)")
      for kind in kinds where !kind.specSchema.isEmpty {
        try require(
          (try? JSONValue(parsing: kind.specSchema))?.object != nil,
          "the spec schema of \(kind.kind) is no JSON object")
      }
    },
    ConformanceCase(
      "driver.targets", .must, "mortise.plugin.v1", needs: [.driver],
      why:
        "Tasks wait for targets by their names, and a target that isn't named is never reachable."
    ) { run in
      let host = try await run.connect()
      let names = try await host.call(PluginV1.Drivers.targets, .init(call: host.context))
        .targets.map(\.name)
      try require(!names.isEmpty && !names.contains(""), "the targets are \(names)")
      try require(Set(names).count == names.count, "two targets have one name: \(names)")
    },
    ConformanceCase(
      "driver.apply", .must, "mortise.plugin.v1", needs: [.driver, .intents],
      why: "What was applied is verified, or everything that waits for it waits for ever."
    ) { run in
      let host = try await run.connect()
      let intents = try await run.intents(host)
      for intent in intents { try await host.apply(intent) }
      for intent in intents { try await host.settle(intent, .matches) }
      for intent in intents.reversed() { try await host.remove(intent) }
    },
    ConformanceCase(
      "driver.apply-again", .must, "mortise.plugin.v1", needs: [.driver, .intents],
      why: "The same intent comes any number of times, and each time but the first changes nothing."
    ) { run in
      let host = try await run.connect()
      let intents = try await run.intents(host)
      for intent in intents { try await host.apply(intent) }
      for intent in intents { try await host.apply(intent) }
      for intent in intents.reversed() { try await host.remove(intent) }
    },
    ConformanceCase(
      "driver.observed", .must, "mortise.plugin.v1", needs: [.driver, .intents],
      why: "Gates and blueprints read what is observed, and read nothing in what is no JSON."
    ) { run in
      let host = try await run.connect()
      let intent = try run.known(try await run.intents(host).first)
      let reply = try await host.apply(intent)
      try require(
        reply.observed.isEmpty || (try? JSONValue(parsing: reply.observed)) != nil,
        "what Apply observed is no JSON")
      try await host.settle(intent, .matches)
      try await host.remove(intent)
    },
    ConformanceCase(
      "driver.remove", .must, "mortise.plugin.v1", needs: [.driver, .intents],
      why: "A resource is gone when all its intents are, and not before."
    ) { run in
      let host = try await run.connect()
      let intent = try run.known(try await run.intents(host).first)
      try await host.apply(intent)
      try await host.settle(intent, .matches)
      try await host.remove(intent)
      try await host.settle(intent, .absent)
    },
    ConformanceCase(
      "driver.remove-absent", .must, "mortise.plugin.v1", needs: [.driver, .intents],
      why: "An intent that was never applied is removed, too: the host can't know how far it got."
    ) { run in
      let host = try await run.connect()
      for intent in try await run.intents(host) {
        try await host.remove(intent)
        try await host.remove(intent)
      }
    },
    ConformanceCase(
      "driver.required-fields", .must, "mortise.plugin.v1", needs: [.driver],
      why: "An Apply of nothing that counts as done hides that the host's request was damaged."
    ) { run in
      let host = try await run.connect()
      for method in [PluginV1.Drivers.apply, PluginV1.Drivers.remove] {
        try await host.refusal(method, .init(call: host.context))
          .mustBe(.invalidArgument, for: "\(method.name) without an intent")
      }
    },
    ConformanceCase(
      "driver.verify-order", .must, "mortise.plugin.v1", needs: [.driver, .intents],
      why: "Answers are matched with intents by their places."
    ) { run in
      let host = try await run.connect()
      let one = try run.known(try await run.intents(host).first)
      var intents = [one, one, one]
      for index in intents.indices { intents[index].id?.key += "-\(index)" }
      let reply = try await host.verify(intents)
      try require(
        reply.verifications.count == intents.count,
        "\(intents.count) intents were given \(reply.verifications.count) verifications")
      for (intent, found) in zip(intents, reply.verifications) where found.id != nil {
        try require(
          found.id == intent.id,
          "the answer for \(intent.id?.key ?? "") is of \(found.id?.key ?? "")")
      }
    },
    ConformanceCase(
      "driver.unknown-kind", .must, "mortise.plugin.v1", needs: [.driver],
      why: "A kind that the driver lacks must not count as converged."
    ) { run in
      let host = try await run.connect()
      let intent = PluginV1.Intent(
        id: .init(target: try await run.target(host), kind: "NoSuchKind", key: "default/a"),
        spec: [123, 125], generation: 1)
      do {
        let reply = try await host.call(
          PluginV1.Drivers.apply, .init(call: host.context, intent: intent))
        try require(
          reply.result == .failedFinal, "Apply of an unknown kind led to \(reply.result)")
      } catch let error as RPCError {
        try error.mustBe(.invalidArgument, .unimplemented, for: "Apply of an unknown kind")
      }
    },
    ConformanceCase(
      "driver.unknown-target", .must, "mortise.plugin.v1", needs: [.driver],
      why: "Nothing can be said of intents on a target that is not the driver's."
    ) { run in
      let host = try await run.connect()
      do {
        let reply = try await host.call(
          PluginV1.Drivers.verify, .init(call: host.context, target: "no-such-target"))
        try require(
          reply.target?.reachable != true, "a target that does not exist is said to be reachable")
      } catch let error as RPCError {
        try error.mustBe(.notFound, .invalidArgument, for: "Verify on an unknown target")
      }
    },
    ConformanceCase(
      "driver.restarted", .must, "mortise.plugin.v1", needs: [.program, .driver, .intents],
      why: "A driver that forgets what it made makes it twice, or lets it go to ruin."
    ) { run in
      let host = try await run.start()
      let intent = try run.known(try await run.intents(host).first)
      try await host.apply(intent)
      try await host.settle(intent, .matches)
      let next = try await run.restart(host)
      let first = try await next.verify([intent]).verifications.first?.presence
      try require(
        first != .absent, "after a restart an intent that was applied is said to be absent")
      try await next.settle(intent, .matches)
      try await next.remove(intent)
      try await next.settle(intent, .absent)
    },
  ]
}

extension CaseRun {
  fileprivate func target(_ host: HostConnection) async throws -> String {
    if !facts.samples.target.isEmpty { return facts.samples.target }
    let targets = try await host.call(PluginV1.Drivers.targets, .init(call: host.context)).targets
    return try known(targets.first).name
  }

  /// The samples' intents, under keys of the case's own.
  fileprivate func intents(_ host: HostConnection) async throws -> [PluginV1.Intent] {
    let target = try await target(host)
    let values = values(try workplace.makeDirectory("scratch"), workplace.unique("intent"))
    return facts.samples.intents.map { sample in
      PluginV1.Intent(
        id: .init(target: target, kind: sample.kind, key: sample.key.filled(values)),
        spec: sample.spec.filled(values).serialized(), generation: 1, state: .pending,
        owner: .init(kind: "Sample", namespace: "default", name: "sample", uid: "sample-uid"))
    }
  }
}

extension HostConnection {
  @discardableResult
  fileprivate func apply(_ intent: PluginV1.Intent) async throws -> PluginV1.DriverReply {
    let reply = try await insist(
      PluginV1.Drivers.apply, .init(call: context, intent: intent), until: Self.isDecided)
    try require(
      reply.result == .done,
      "Apply of \(intent.id?.key ?? "") led to \(reply.result) \(reply.reason): \(reply.message)")
    return reply
  }

  fileprivate func remove(_ intent: PluginV1.Intent) async throws {
    var intent = intent
    intent.state = .deletePending
    let reply = try await insist(
      PluginV1.Drivers.remove, .init(call: context, intent: intent), until: Self.isDecided)
    try require(
      reply.result == .done,
      "Remove of \(intent.id?.key ?? "") led to \(reply.result) \(reply.reason): \(reply.message)")
  }

  /// Calls again, as a host does, while the driver can't tell yet: its target may be away for a while.
  private func insist<Request, Reply>(
    _ method: Method<Request, Reply>, _ request: Request, until isDecided: (Reply) -> Bool
  ) async throws -> Reply {
    let deadline = MonotonicTime.now() + patience
    while true {
      let isLast = MonotonicTime.now() > deadline
      do {
        let reply = try await call(method, request)
        if isLast || isDecided(reply) { return reply }
      } catch let error as RPCError
        where !isLast && error.code == .unavailable && error.reason != "ConnectionLost"
      {}
      try await instance.loop.sleep(for: .milliseconds(50))
    }
  }

  private static func isDecided(_ reply: PluginV1.DriverReply) -> Bool {
    reply.result != .failedRecoverable
  }

  fileprivate func verify(_ intents: [PluginV1.Intent]) async throws -> PluginV1.VerifyReply {
    try await insist(
      PluginV1.Drivers.verify,
      .init(call: context, target: intents.first?.id?.target ?? "", intents: intents)
    ) { _ in true }
  }

  /// Asks until the intent is so: convergence takes its time.
  fileprivate func settle(
    _ intent: PluginV1.Intent, _ presence: PluginV1.Presence
  ) async throws {
    try await instance.loop.within(patience, "\(presence) of intent \(intent.id?.key ?? "")") {
      var pause = Duration.milliseconds(5)
      while try await verify([intent]).verifications.first?.presence != presence {
        try await instance.loop.sleep(for: pause)
        pause = min(pause * 2, .milliseconds(500))
      }
    }
  }
}
