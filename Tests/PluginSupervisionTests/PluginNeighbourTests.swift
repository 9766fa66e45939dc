import LinuxSystem
import Synchronization
import TTRPC
import Testing

@testable import PluginSupervision

/// What the callers of a plugin notice of another one that crashes, floods or talks nonsense: nothing.
///
/// Rounds beside the trouble are held against rounds without it, taken in turns in one run, so that whatever
/// else the machine has to do slows down both.
@Suite("the neighbour of a plugin in trouble", .timeLimit(.minutes(10)))
struct PluginNeighbourTests {
  private static let rounds = 8
  private static let callsPerRound = 50
  /// How long a round's slowest call may take: so many times as long as without the trouble, and a turn of a
  /// busy machine.
  private static let factor = 10
  private static let allowance = Duration.milliseconds(250)

  @Test(
    "answers as quickly as ever, on one connection, round after round",
    arguments: [
      ["crash", "abort"], ["crash", "segv"], ["misbehave", "garbage"], ["misbehave", "zeros"],
      ["misbehave", "flood-own"], ["misbehave", "flood-ended"], ["misbehave", "oversized"],
    ])
  func rounds(trouble: [String]) async throws {
    let workshop = try Workshop()
    try workshop.install("neighbour")
    try workshop.install("bad", arguments: trouble[0] == "misbehave" ? ["misbehave"] : [])
    try await workshop.supervisor.start()
    let neighbour = try await workshop.events.nextReady("neighbour")
    var bad = try await workshop.events.nextReady("bad")
    var (quiet, beside): ([Duration], [Duration]) = ([], [])
    for _ in 1...Self.rounds {
      quiet.append(try await slowest(of: Self.callsPerRound, to: neighbour))
      let present = bad
      let isOver = Atomic(false)
      async let next = { () async throws -> PluginHandle in
        defer { isOver.store(true, ordering: .relaxed) }
        let lost = await #expect(throws: RPCError.self) { try await present.execute(trouble[1]) }
        #expect(lost?.delivery == .mayHaveBeenReceived)
        // An answer that is too long costs the call alone.
        return trouble[1] == "oversized" ? present : try await workshop.events.nextReady("bad")
      }()
      // Until the plugin is back: its end and its start are part of the trouble.
      var slow = try await slowest(of: Self.callsPerRound, to: neighbour)
      while !isOver.load(ordering: .relaxed) {
        slow = max(slow, try await slowest(of: 1, to: neighbour))
      }
      beside.append(slow)
      bad = try await next
    }
    expectQuick(beside, quiet)
    #expect(workshop.supervisor.snapshot().first { $0.name == "neighbour" }?.restarts == 0)
    try await workshop.close()
  }

  @Test("answers as quickly as ever while another one floods its log")
  func log() async throws {
    let workshop = try Workshop()
    try workshop.install("neighbour")
    try workshop.install("bad", arguments: ["misbehave"])
    try await workshop.supervisor.start()
    let neighbour = try await workshop.events.nextReady("neighbour")
    let bad = try await workshop.events.nextReady("bad")
    func rounds() async throws -> [Duration] {
      var slow: [Duration] = []
      for _ in 1...Self.rounds {
        slow.append(try await slowest(of: Self.callsPerRound, to: neighbour))
      }
      return slow
    }
    let quiet = try await rounds()
    #expect(try await bad.execute("flood-log") == "first")
    expectQuick(try await rounds(), quiet)
    await workshop.supervisor.shutdown(grace: .zero)
    try await workshop.close()
  }

  private func slowest(of count: Int, to plugin: PluginHandle) async throws -> Duration {
    var slowest = Duration.zero
    for number in 1...count {
      let before = ContinuousClock.now
      #expect(try await plugin.execute("\(number)") == "\(number)")
      slowest = max(slowest, ContinuousClock.now - before)
    }
    return slowest
  }

  /// Of each round's slowest call the median counts: what happens to be slow once is not the trouble's.
  private func expectQuick(_ beside: [Duration], _ quiet: [Duration]) {
    func median(_ durations: [Duration]) -> Duration { durations.sorted()[durations.count / 2] }
    #expect(
      median(beside) <= median(quiet) * Self.factor + Self.allowance,
      "a round's slowest call took \(median(quiet)) without and \(median(beside)) beside the trouble"
    )
  }
}
