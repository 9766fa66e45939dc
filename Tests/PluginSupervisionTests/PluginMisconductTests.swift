import LinuxSystem
import PluginProto
import TTRPC
import Testing

@testable import PluginSupervision

/// Plugins that break the protocol on purpose, beside one that doesn't: a line for each row of the
/// table "A plugin that hangs or talks nonsense" in docs/plugin-lifecycle.md.
@Suite("a plugin that misbehaves", .timeLimit(.minutes(10)))
struct PluginMisconductTests {
  private func start(
    _ workshop: Workshop, _ arguments: [String] = []
  ) async throws -> (plugin: PluginHandle, neighbour: PluginHandle) {
    try workshop.install("bad", arguments: ["misbehave"] + arguments)
    try workshop.install("neighbour")
    try await workshop.supervisor.start()
    return (
      try await workshop.events.nextReady("bad"), try await workshop.events.nextReady("neighbour")
    )
  }

  /// The neighbour's connection is the one that it had at first, and answers.
  private func expectWell(_ neighbour: PluginHandle, _ workshop: Workshop) async throws {
    for number in 1...20 { #expect(try await neighbour.execute("\(number)") == "\(number)") }
    let snapshot = workshop.supervisor.snapshot().first { $0.name == "neighbour" }
    #expect(snapshot?.restarts == 0)
    #expect(snapshot?.phase == .ready)
  }

  @Test(
    "an answer that can't be taken costs its call, and the connection goes on",
    arguments: [("late", "DEADLINE_EXCEEDED"), ("oversized", "RESOURCE_EXHAUSTED")])
  func costsItsCall(misdeed: String, code: String) async throws {
    let workshop = try Workshop()
    let (plugin, neighbour) = try await start(workshop)
    let error = await #expect(throws: RPCError.self) {
      try await plugin.execute(
        misdeed, timeout: misdeed == "late" ? .milliseconds(100) : .seconds(60))
    }
    #expect(error?.code.name == code)
    #expect(error?.delivery == .mayHaveBeenReceived)
    // What was late arrives just before this.
    #expect(try await plugin.execute("next") == "next")
    try await expectWell(neighbour, workshop)
    try await workshop.close()
  }

  @Test("a second answer to one call is dropped")
  func duplicate() async throws {
    let workshop = try Workshop()
    let (plugin, neighbour) = try await start(workshop)
    #expect(try await plugin.execute("duplicate") == "first")
    #expect(try await plugin.execute("next") == "next")
    try await expectWell(neighbour, workshop)
    try await workshop.close()
  }

  @Test(
    "bytes that can't be followed, or never end, cost the connection; a new one is made",
    arguments: [
      "garbage", "zeros", "4-gib", "unknown-stream", "even-stream", "flood-ended", "flood-own",
    ])
  func costsItsConnection(misdeed: String) async throws {
    let workshop = try Workshop()
    let (plugin, neighbour) = try await start(workshop)
    async let lost = #expect(throws: RPCError.self) { try await plugin.execute(misdeed) }
    try await expectWell(neighbour, workshop)
    #expect(await lost?.delivery == .mayHaveBeenReceived)
    let again = try await workshop.events.nextReady("bad")
    #expect(again.pid == plugin.pid)
    #expect(try await again.execute("next") == "next")
    try await expectWell(neighbour, workshop)
    try await workshop.close()
  }

  @Test("one that loses its connection again and again is ended")
  func connectionLoop() async throws {
    var policy = RestartPolicy()
    policy.connectionLossLimit = 3
    policy.steadyPeriod = .seconds(3600)
    let workshop = try Workshop(policy: policy)
    try workshop.install("bad", arguments: ["misbehave"])
    try await workshop.supervisor.start()
    for _ in 1...3 {
      let plugin = try await workshop.events.nextReady("bad")
      await #expect(throws: RPCError.self) { try await plugin.execute("garbage") }
    }
    let exit = try await workshop.events.nextGone()
    #expect(exit.endedByHost?.hasPrefix("it lost 3 connections in a row: ") == true)
    try await workshop.close()
  }

  /// Quick to find a hang. On a slow machine a plugin that is well may be taken for hung as well, so
  /// tests with this patience wait for outcomes that come all the same.
  private var impatient: PluginPatience {
    var patience = PluginPatience()
    patience.updatesWait = .milliseconds(100)
    patience.updatesSlack = .seconds(2)
    return patience
  }

  @Test("what waits for one that stops reading is bounded: further calls are refused, unsent")
  func stopsReading() async throws {
    let workshop = try Workshop()
    let (plugin, neighbour) = try await start(workshop)
    await #expect(throws: RPCError.self) {
      try await plugin.execute("stop-reading", timeout: .milliseconds(100))
    }
    let large = String(repeating: "x", count: 1 << 20)
    let refused = await withTaskGroup(of: Bool.self) { group in
      for _ in 1...20 {
        group.addTask {
          let error = await #expect(throws: RPCError.self) {
            try await plugin.execute(large, timeout: .seconds(1))
          }
          return error?.reason == "OutboundQueueFull" && error?.delivery == .notSent
        }
      }
      return await group.reduce(0) { $1 ? $0 + 1 : $0 }
    }
    #expect(refused >= 20 - 10)
    try await expectWell(neighbour, workshop)
    await workshop.supervisor.shutdown(grace: .zero)
    try await workshop.close()
  }

  @Test(
    "one that stops reading or writing is found by Updates and ended",
    arguments: ["stop-reading", "stop-writing"])
  func hangs(misdeed: String) async throws {
    let workshop = try Workshop(patience: impatient)
    try workshop.install("bad", arguments: ["misbehave"])
    try await workshop.supervisor.start()
    let plugin = try await workshop.events.nextReady("bad")
    await #expect(throws: RPCError.self) {
      try await plugin.execute(misdeed, timeout: .milliseconds(100))
    }
    #expect(try await workshop.events.nextGone().endedByHost != nil)
    _ = try await workshop.events.nextReady("bad")
    await workshop.supervisor.shutdown(grace: .zero)
    try await workshop.close()
  }

  @Test("one that answers a byte a second costs its call its deadline, and then its connection")
  func dribbles() async throws {
    let workshop = try Workshop(patience: impatient)
    try workshop.install("bad", arguments: ["misbehave"])
    try await workshop.supervisor.start()
    let plugin = try await workshop.events.nextReady("bad")
    await #expect(throws: RPCError.self) {
      try await plugin.execute("dribble", timeout: .milliseconds(100))
    }
    let again = try await workshop.events.nextReady("bad")
    #expect(again.client !== plugin.client)
    await workshop.supervisor.shutdown(grace: .zero)
    try await workshop.close()
  }

  @Test("one that floods its log is slowed down; neighbours and the log's size are not its affair")
  func floodsLog() async throws {
    let workshop = try Workshop()
    let (plugin, neighbour) = try await start(workshop)
    #expect(try await plugin.execute("flood-log") == "first")
    while !workshop.supervisor.snapshot().contains(where: { $0.message.contains("slowed down") }) {
      try Task.checkCancellation()
      #expect(try await neighbour.execute("well") == "well")
    }
    try await expectWell(neighbour, workshop)
    for file in ["bad.log", "bad.log.1"] {
      let size = try FileSystem.status("\(workshop.state)/logs/plugins/\(file)")?.size ?? 0
      #expect(size <= PluginLogFile.fileBytesMax)
    }
    await workshop.supervisor.shutdown(grace: .zero)
    try await workshop.close()
  }

  @Test("one that always has news is asked no more often than its rate allows")
  func endlessUpdates() async throws {
    let workshop = try Workshop()
    let began = ContinuousClock.now
    let (_, neighbour) = try await start(workshop, ["--updates", "\(PluginNews.itemsMax)"])
    // An answer counts for one more than its changes.
    let answers = PluginNews.rate.burst / PluginNews.itemsMax + 3
    func told() -> Int {
      workshop.events.pending.count { if case .task(_, "bad") = $0 { true } else { false } }
    }
    while told() < answers * PluginNews.itemsMax {
      #expect(try await neighbour.execute("well") == "well")
      try await workshop.loop.sleep(for: .milliseconds(5))
    }
    let beyond = (answers - 1) * (PluginNews.itemsMax + 1) - PluginNews.rate.burst
    let least = Duration.seconds(1) * beyond / PluginNews.rate.perSecond
    #expect(ContinuousClock.now - began >= least)
    try await workshop.close()
  }

  @Test("one that tells too much at once is treated as changed in everything")
  func floodsUpdates() async throws {
    let workshop = try Workshop()
    let (_, neighbour) = try await start(
      workshop, ["--updates", "\(PluginNews.itemsMax + 1)"])
    let reset = try await workshop.events.next {
      if case .updatesReset("bad") = $0 { true } else { nil }
    }
    #expect(reset)
    try await expectWell(neighbour, workshop)
    let told = workshop.events.pending.filter {
      if case .task(_, "bad") = $0 { true } else { false }
    }
    #expect(told.isEmpty)
    try await workshop.close()
  }

  @Test("one that says it is degraded stays ready, and its words are shown")
  func degraded() async throws {
    let workshop = try Workshop()
    try workshop.install(arguments: ["--degraded", "no database"])
    try await workshop.supervisor.start()
    _ = try await workshop.events.nextReady()
    while !workshop.supervisor.snapshot()[0].message.contains("it is degraded: no database") {
      try Task.checkCancellation()
      await Task.yield()
    }
    #expect(workshop.supervisor.snapshot()[0].phase == .ready)
    try await workshop.close()
  }
}
