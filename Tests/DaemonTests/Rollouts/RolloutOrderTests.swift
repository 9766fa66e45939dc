import Diagnostics
import JSON
import LinuxSystem
import Rollout
import SeededRandom
import Storage
import TTRPC
import Testing

@testable import Daemon
@testable import Model

/// What happened decides how a rollout ends, not when or in which order it was seen.
@Suite("Rollouts in random order", .timeLimit(.minutes(10)))
struct RolloutOrderTests {
  private static let replicas = 6

  private struct Script {
    var random: SplitMix64
    var policy: String
    var maxParallel: Int
    var fails: Set<Int>

    init(seed: UInt64) {
      var random = SplitMix64(seed: seed)
      let policies = ["halt", "pause", "continue", "continue", "newer-word"]
      policy = policies[Int.random(in: policies.indices, using: &random)]
      maxParallel = Int.random(in: 1...RolloutOrderTests.replicas, using: &random)
      var fails: Set<Int> = []
      for ordinal in 0..<RolloutOrderTests.replicas
      where Int.random(in: 0..<4, using: &random) == 0 {
        fails.insert(ordinal)
      }
      self.fails = fails
      self.random = random
    }
  }

  /// Plays the children, in any order and as often as it likes, over a store that dawdles, while hosts
  /// die; a child that failed mends itself behind the rollout's back.
  private func play(
    _ fixture: RolloutFixture, _ script: inout Script, attempt: Int64, fails: Set<Int>
  ) async throws {
    var open = Set(0..<Self.replicas)
    var isEnded = false
    while !isEnded {
      switch Int.random(in: 0..<12, using: &script.random) {
      case 0:
        fixture.restart()
      case 1:
        await fixture.wake()
      case 2:
        // A write that says nothing: who decided on the reading before loses.
        let ordinal = Int.random(in: 0..<Self.replicas, using: &script.random)
        try await fixture.change(fixture.child(ordinal)) { child in
          child.metadata.annotate("note", "\(child.version)")
        }
      default:
        guard let ordinal = open.randomElement(using: &script.random),
          let record = try await fixture.record(ordinal), record.attempt == attempt
        else { break }
        open.remove(ordinal)
        let fails = fails.contains(ordinal)
        try await fixture.end(ordinal, fails ? .failed : .complete)
        if fails, Bool.random(using: &script.random) {
          try await fixture.end(ordinal, .complete)
        }
      }
      try await fixture.engine.loop.sleep(
        for: .milliseconds(Int.random(in: 0..<3, using: &script.random)))
      let status = try await fixture.read(fixture.key)?.rolloutStatus()
      let records = try await fixture.children.compactMap(\.metadata.childRecord)
      isEnded =
        status?.attempt?.number == attempt && status?.attempt?.state.isTerminal == true
        && records.allSatisfy { $0.attempt != attempt || $0.result != nil }
    }
  }

  @Test(
    "through a slow store, conflicts, retries and restarts",
    arguments: 1...12 as ClosedRange<UInt64>)
  func order(seed: UInt64) async throws {
    var script = Script(seed: seed)
    let fixture = try RolloutFixture(seed: seed)
    try await fixture.apply(
      RolloutFixture.spec(
        replicas: Self.replicas,
        [
          ("onFailure", .string(script.policy)),
          ("maxParallel", .integer(Int64(script.maxParallel))),
        ]))
    try await play(fixture, &script, attempt: 1, fails: script.fails)
    try await fixture.untilTold(1)
    let (resource, status) = try await fixture.until("it") { _, _ in true }
    let wanted: RolloutState = script.fails.isEmpty ? .complete : .failed
    #expect(status.attempt?.state == wanted, "seed \(seed)")
    #expect(status.attempt?.number == 1, "seed \(seed)")
    #expect(status.attempts.map(\.state) == [wanted], "seed \(seed)")
    #expect(status.totals == [wanted: 1], "seed \(seed)")
    #expect(try await fixture.endEvents.map(\.count) == [1], "seed \(seed)")
    for child in try await fixture.children {
      let ordinal = try #require(
        NodeDeployment.ordinal(ofChild: child.metadata.name, of: "shop"))
      let result = child.metadata.childRecord?.result?.state
      #expect(result == (script.fails.contains(ordinal) ? .failed : .complete), "seed \(seed)")
    }
    #expect(fixture.earlyStates == [], "seed \(seed)")
    if script.policy == "continue" || script.fails.isEmpty {
      #expect(try await fixture.children.count == Self.replicas, "seed \(seed)")
    }
    #expect(
      resource.status.condition("Degraded")?.status == (script.fails.isEmpty ? .isFalse : .isTrue))
    guard !script.fails.isEmpty else { return }
    try await tryAgain(fixture, &script, seed)
  }

  /// The next attempt, in which nothing fails.
  private func tryAgain(_ fixture: RolloutFixture, _ script: inout Script, _ seed: UInt64)
    async throws
  {
    try await fixture.change(fixture.key) { resource in
      resource.metadata.annotate(ObjectMeta.retryAnnotation, "1")
    }
    await fixture.wake()
    try await play(fixture, &script, attempt: 2, fails: [])
    try await fixture.untilTold(2)
    let (resource, status) = try await fixture.until("it") { _, _ in true }
    #expect(status.attempts.map(\.state) == [.complete, .failed], "seed \(seed)")
    #expect(status.totals == [.failed: 1, .complete: 1], "seed \(seed)")
    #expect(try await fixture.endEvents.map(\.count) == [1, 1], "seed \(seed)")
    #expect(resource.status.condition("Degraded")?.status == .isFalse, "seed \(seed)")
    #expect(fixture.earlyStates == [], "seed \(seed)")
    let results = try await fixture.children.map(\.metadata.childRecord?.result?.state)
    #expect(results == [.complete, .complete, .complete, .complete, .complete, .complete])
  }
}
