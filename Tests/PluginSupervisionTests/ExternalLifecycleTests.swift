import Testing

@testable import PluginSupervision

private typealias Event = ExternalLifecycle.Event
private typealias Effect = ExternalLifecycle.Effect

/// One row: what happened so far, what happens now, what must come of it.
private struct Row: CustomTestStringConvertible, Sendable {
  let name: String
  let before: [Event]
  let event: Event
  let phase: PluginPhase
  let effects: [Effect]

  var testDescription: String { name }
}

private let deadline = PluginPatience().acceptance
// The first try is numbered 2: what ended before it took 1.
private let toStarting: [Event] = [.appeared]
private let toReady = toStarting + [.introduced(attempt: 2)]
private let toDegraded = toReady + [.connectionLost(attempt: 2, "EOF")]
private let toRefused = toStarting + [.failed(attempt: 2, "named otherwise", .impostor)]
private let end: [Effect] = [.cancelTimer, .close]

private let rows: [Row] = [
  Row(
    name: "a socket that appears is called, under a deadline", before: [], event: .appeared,
    phase: .starting,
    effects: end + [.setTimer(deadline), .introduce(attempt: 2, after: .zero)]),
  Row(
    name: "nobody listens yet: again after a pause", before: toStarting,
    event: .failed(attempt: 2, "refused", .noListener), phase: .starting,
    effects: [.introduce(attempt: 3, after: .milliseconds(25))]),
  Row(
    name: "the pause grows",
    before: toStarting + [.failed(attempt: 2, "refused", .noListener)],
    event: .failed(attempt: 3, "refused", .noConnection), phase: .starting,
    effects: [.introduce(attempt: 4, after: .milliseconds(50))]),
  Row(
    name: "not accepted in time: refused", before: toStarting, event: .timerFired,
    phase: .quarantined,
    effects: end + [
      .announceRefused("it was not accepted within 30 s: nobody answers at its socket yet")
    ]),
  Row(
    name: "an impostor is refused at once", before: toStarting,
    event: .failed(attempt: 2, "named otherwise", .impostor), phase: .quarantined,
    effects: end + [.announceRefused("named otherwise")]),
  Row(
    name: "what comes of a try that is over is without effect", before: toRefused,
    event: .introduced(attempt: 2), phase: .quarantined, effects: []),
  Row(
    name: "another socket at its place is another try", before: toRefused, event: .appeared,
    phase: .starting, effects: end + [.setTimer(deadline), .introduce(attempt: 5, after: .zero)]),
  Row(
    name: "it joins", before: toStarting, event: .introduced(attempt: 2), phase: .ready,
    effects: [.cancelTimer, .announceReady, .announceJoined]),
  Row(
    name: "a driver waits for its turn without a deadline", before: toStarting,
    event: .waiting(attempt: 2), phase: .starting, effects: [.cancelTimer]),
  Row(
    name: "its turn comes", before: toStarting + [.waiting(attempt: 2)],
    event: .proceed(attempt: 2), phase: .starting, effects: [.setTimer(deadline)]),
  Row(
    name: "a lost connection is made anew", before: toReady,
    event: .connectionLost(attempt: 2, "EOF"), phase: .degraded,
    effects: [.introduce(attempt: 3, after: .zero)]),
  Row(
    name: "one that listens and does not answer is waited for", before: toDegraded,
    event: .failed(attempt: 3, "deadline", .refused), phase: .degraded,
    effects: [.introduce(attempt: 4, after: .milliseconds(25))]),
  Row(
    name: "it goes on where it was, and has not joined anew", before: toDegraded,
    event: .introduced(attempt: 3), phase: .ready, effects: [.cancelTimer, .announceReady]),
  Row(
    name: "nobody listens any more: it left", before: toDegraded,
    event: .failed(attempt: 3, "refused", .noListener), phase: .stopped,
    effects: end + [.announceLeft("refused")]),
  Row(
    name: "its socket is removed: it left", before: toReady, event: .removed("gone"),
    phase: .stopped, effects: end + [.announceLeft("gone")]),
  Row(
    name: "another process takes its socket's place: it left, and that one is called",
    before: toReady, event: .appeared, phase: .starting,
    effects: end + [
      .announceLeft("another socket took its place"), .setTimer(deadline),
      .introduce(attempt: 4, after: .zero),
    ]),
  Row(
    name: "a socket that never joined goes without a word", before: toStarting,
    event: .removed("gone"), phase: .stopped, effects: end),
]

@Suite("the life of an external plugin")
struct ExternalLifecycleTests {
  @Test("each decision", arguments: rows)
  fileprivate func decision(_ row: Row) {
    var machine = ExternalLifecycle(acceptance: deadline)
    for event in row.before { _ = machine.on(event) }
    #expect(machine.on(row.event) == row.effects)
    #expect(machine.phase == row.phase)
  }

  @Test("pauses do not grow beyond the longest")
  func longestPause() {
    var machine = ExternalLifecycle(acceptance: deadline)
    _ = machine.on(.appeared)
    var last: Effect?
    for _ in 1...100 {
      last = machine.on(.failed(attempt: machine.attempt, "refused", .noListener)).last
    }
    #expect(
      last == .introduce(attempt: machine.attempt, after: ExternalLifecycle.longestPause))
  }
}
