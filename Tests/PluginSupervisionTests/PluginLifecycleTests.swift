import Testing

@testable import PluginSupervision

/// One row: what happened so far, what happens now, what must come of it.
private struct Row: CustomTestStringConvertible, Sendable {
  let name: String
  let before: [PluginLifecycle.Event]
  let event: PluginLifecycle.Event
  let phase: PluginPhase
  let effects: [PluginLifecycle.Effect]

  var testDescription: String { name }
}

private let grace = Duration.seconds(3)
private let start = PluginLifecycle.startDeadline
private let reconnect = PluginLifecycle.reconnectDeadline
private let toVerified: [PluginLifecycle.Event] = [.start, .verified]
private let toStarting = toVerified + [.launched(run: 1)]
private let toReady = toStarting + [.introduced(run: 1, at: .zero)]
private let toDegraded = toReady + [.connectionLost(run: 1, "EOF", at: .seconds(1))]
/// A row of connections that were each lost within a second.
private func losses(_ count: Int) -> [PluginLifecycle.Event] {
  toReady
    + (1...count).flatMap { second -> [PluginLifecycle.Event] in
      [
        .connectionLost(run: 1, "EOF", at: .seconds(second)),
        .introduced(run: 1, at: .seconds(second)),
      ]
    }
}
private let toDraining = toReady + [.stop(grace: grace)]
private let toBackoff = toReady + [exit(1)]
private let toQuarantined: [PluginLifecycle.Event] = [.start, .verificationFailed("no file")]

private func exit(_ run: Int, at: Duration = .seconds(1)) -> PluginLifecycle.Event {
  .exited(run: run, "signal 9", at: at, chance: 1)
}

private let gone: [PluginLifecycle.Effect] = [.cancelTimer, .announceGone(run: 1)]

private let rows: [Row] = [
  Row(
    name: "a start verifies first", before: [], event: .start,
    phase: .discovered, effects: [.verify]),
  Row(
    name: "a verified plugin is launched", before: [.start], event: .verified,
    phase: .verified, effects: [.launch(run: 1)]),
  Row(
    name: "a plugin that fails verification is quarantined", before: [.start],
    event: .verificationFailed("no file"),
    phase: .quarantined, effects: [.announceQuarantined("no file")]),
  Row(
    name: "a process introduces itself under a deadline", before: toVerified,
    event: .launched(run: 1),
    phase: .starting,
    effects: [.setTimer(start), .introduce(run: 1, configure: true, after: .zero)]),
  Row(
    name: "a process that can't be made is a crash", before: toVerified,
    event: .launchFailed(run: 1, "ENOMEM", isFinal: false, at: .zero, chance: 1),
    phase: .backoff, effects: gone + [.setTimer(.milliseconds(50))]),
  Row(
    name: "an executable changed under its digest is quarantined", before: toVerified,
    event: .launchFailed(run: 1, "digest", isFinal: true, at: .zero, chance: 1),
    phase: .quarantined, effects: gone + [.announceQuarantined("digest")]),
  Row(
    name: "an introduced plugin is ready", before: toStarting,
    event: .introduced(run: 1, at: .zero),
    phase: .ready, effects: [.cancelTimer, .announceReady(run: 1)]),
  Row(
    name: "a failed introduction ends the process", before: toStarting,
    event: .introductionFailed(run: 1, "no answer", .refused),
    phase: .starting, effects: [.cancelTimer, .kill(run: 1)]),
  Row(
    name: "an impostor is ended and quarantined",
    before: toStarting + [.introductionFailed(run: 1, "named otherwise", .impostor)],
    event: exit(1),
    phase: .quarantined, effects: gone + [.announceQuarantined("named otherwise")]),
  Row(
    name: "a start that takes too long ends the process", before: toStarting, event: .timerFired,
    phase: .starting, effects: [.kill(run: 1)]),
  Row(
    name: "a crash while starting waits and starts again", before: toStarting, event: exit(1),
    phase: .backoff, effects: gone + [.setTimer(.milliseconds(50))]),
  Row(
    name: "a lost connection of a live process is made again", before: toReady,
    event: .connectionLost(run: 1, "EOF", at: .seconds(1)),
    phase: .degraded,
    effects: [.setTimer(reconnect), .introduce(run: 1, configure: false, after: .zero)]),
  Row(
    name: "a live process that loses its connection again and again is ended",
    before: losses(4),
    event: .connectionLost(run: 1, "EOF", at: .seconds(6)),
    phase: .degraded, effects: [.kill(run: 1)]),
  Row(
    name: "connections lost long after they were made are each the first", before: losses(4),
    event: .connectionLost(run: 1, "EOF", at: .seconds(60)),
    phase: .degraded,
    effects: [.setTimer(reconnect), .introduce(run: 1, configure: false, after: .zero)]),
  Row(
    name: "a reconnected plugin is ready again", before: toDegraded,
    event: .introduced(run: 1, at: .seconds(1)),
    phase: .ready, effects: [.cancelTimer, .announceReady(run: 1)]),
  Row(
    name: "an introduction without a connection is tried again", before: toStarting,
    event: .introductionFailed(run: 1, "reset", .noConnection),
    phase: .starting,
    effects: [.introduce(run: 1, configure: true, after: PluginLifecycle.introductionPause)]),
  Row(
    name: "a reconnection that is lost is tried again, until the deadline", before: toDegraded,
    event: .introductionFailed(run: 1, "reset", .noConnection),
    phase: .degraded,
    effects: [.introduce(run: 1, configure: false, after: PluginLifecycle.introductionPause)]),
  Row(
    name: "a live process that does not answer is ended", before: toDegraded,
    event: .introductionFailed(run: 1, "no answer", .refused),
    phase: .degraded, effects: [.cancelTimer, .kill(run: 1)]),
  Row(
    name: "a live process that ignores a connection is ended", before: toDegraded,
    event: .timerFired,
    phase: .degraded, effects: [.kill(run: 1)]),
  Row(
    name: "a crash seen as a lost connection first is one crash", before: toDegraded,
    event: exit(1),
    phase: .backoff, effects: gone + [.setTimer(.milliseconds(50))]),
  Row(
    name: "a crash of a ready plugin waits and starts again", before: toReady, event: exit(1),
    phase: .backoff, effects: gone + [.setTimer(.milliseconds(50))]),
  Row(
    name: "after its delay it is launched as a new run", before: toBackoff, event: .timerFired,
    phase: .starting, effects: [.launch(run: 2)]),
  Row(
    name: "what an earlier run says late is without effect",
    before: toBackoff + [.timerFired, .launched(run: 2)],
    event: .introduced(run: 1, at: .zero),
    phase: .starting, effects: []),
  Row(
    name: "the end of an earlier run told late is without effect",
    before: toBackoff + [.timerFired, .launched(run: 2)], event: exit(1),
    phase: .starting, effects: []),
  Row(
    name: "a ready plugin is asked to end", before: toReady, event: .stop(grace: grace),
    phase: .draining,
    effects: [.setTimer(grace), .askToShutDown(run: 1, grace: grace)]),
  Row(
    name: "a plugin that does not answer the request gets SIGTERM", before: toDraining,
    event: .shutdownRefused(run: 1),
    phase: .draining, effects: [.terminate(run: 1)]),
  Row(
    name: "a plugin that outlives its grace is killed", before: toDraining, event: .timerFired,
    phase: .draining, effects: [.kill(run: 1)]),
  Row(
    name: "a drained plugin is stopped, not crashed", before: toDraining, event: exit(1),
    phase: .stopped, effects: [.cancelTimer]),
  Row(
    name: "the connection of a draining plugin may end", before: toDraining,
    event: .connectionLost(run: 1, "EOF", at: .seconds(1)),
    phase: .draining, effects: []),
  Row(
    name: "a stop while starting is SIGTERM", before: toStarting, event: .stop(grace: grace),
    phase: .draining, effects: [.setTimer(grace), .terminate(run: 1)]),
  Row(
    name: "a stop while degraded is SIGTERM", before: toDegraded, event: .stop(grace: grace),
    phase: .draining, effects: [.setTimer(grace), .terminate(run: 1)]),
  Row(
    name: "a stop before the process exists waits for it", before: toVerified,
    event: .stop(grace: grace),
    phase: .draining, effects: [.setTimer(grace)]),
  Row(
    name: "a process that appears after the stop is ended",
    before: toVerified + [.stop(grace: grace)], event: .launched(run: 1),
    phase: .draining, effects: [.terminate(run: 1)]),
  Row(
    name: "a launch that fails after the stop is an end",
    before: toVerified + [.stop(grace: grace)],
    event: .launchFailed(run: 1, "ENOMEM", isFinal: false, at: .zero, chance: 1),
    phase: .stopped, effects: [.cancelTimer]),
  Row(
    name: "a stop during back-off ends the wait", before: toBackoff, event: .stop(grace: grace),
    phase: .stopped, effects: [.cancelTimer]),
  Row(
    name: "a stopped plugin's timer is without effect",
    before: toBackoff + [.stop(grace: grace)], event: .timerFired,
    phase: .stopped, effects: []),
  Row(
    name: "a stop during verification is an end", before: [.start], event: .stop(grace: grace),
    phase: .stopped, effects: [.cancelTimer]),
  Row(
    name: "a verification that ends after the stop launches nothing",
    before: [.start, .stop(grace: grace)], event: .verified,
    phase: .stopped, effects: []),
  Row(
    name: "a reset verifies anew", before: toQuarantined, event: .reset,
    phase: .discovered, effects: [.verify]),
  Row(
    name: "a reset of a plugin that runs changes nothing", before: toReady, event: .reset,
    phase: .ready, effects: []),
]

@Suite("plugin lifecycle")
struct PluginLifecycleTests {
  @Test("each event has its effects", arguments: rows)
  fileprivate func table(row: Row) {
    var machine = PluginLifecycle(policy: RestartPolicy())
    for event in row.before { _ = machine.on(event) }
    let effects = machine.on(row.event)
    #expect(machine.phase == row.phase)
    #expect(effects == row.effects)
  }

  @Test("a plugin that never becomes ready is quarantined, with the last reason")
  func crashLoop() {
    var machine = PluginLifecycle(policy: RestartPolicy())
    var effects = machine.on(.start) + machine.on(.verified)
    for run in 1...RestartPolicy().failedStartLimit {
      #expect(effects.last == .launch(run: run))
      _ = machine.on(.launched(run: run))
      effects = machine.on(exit(run, at: .seconds(run)))
      if machine.phase == .backoff { effects = machine.on(.timerFired) }
    }
    #expect(machine.phase == .quarantined)
    #expect(machine.message.contains("8 starts in a row"))
    #expect(machine.message.contains("signal 9"))
    #expect(machine.restarts == 7)
  }

  @Test("a reset forgets the crashes that led to quarantine")
  func resetForgets() {
    var machine = PluginLifecycle(policy: RestartPolicy())
    _ = machine.on(.start)
    _ = machine.on(.verified)
    while machine.phase != .quarantined {
      _ = machine.on(.launched(run: machine.run))
      _ = machine.on(exit(machine.run))
      _ = machine.on(.timerFired)
    }
    _ = machine.on(.reset)
    _ = machine.on(.verified)
    _ = machine.on(.launched(run: machine.run))
    let effects = machine.on(exit(machine.run))
    #expect(effects.last == .setTimer(.milliseconds(50)))
  }

  @Test("whatever happens, a run is launched only after the one before it ended")
  func neverTwoProcesses() {
    // All sequences of five events after Ready; the driver below answers for the process.
    let choices: [PluginLifecycle.Event] = [
      .timerFired, exit(1), .connectionLost(run: 1, "EOF", at: .seconds(1)), .stop(grace: grace),
      .reset,
      .introductionFailed(run: 1, "x", .impostor), .introduced(run: 1, at: .zero), .verified,
    ]
    var sequences: [[PluginLifecycle.Event]] = [[]]
    for _ in 1...5 { sequences = sequences.flatMap { head in choices.map { head + [$0] } } }
    for sequence in sequences {
      var machine = PluginLifecycle(policy: RestartPolicy())
      for event in toReady { _ = machine.on(event) }
      var lives = true
      var goneOnce = 0
      for event in sequence {
        if case .exited = event {
          guard lives else { continue }
          lives = false
        }
        for effect in machine.on(event) {
          if case .launch = effect { #expect(!lives, "\(sequence)") }
          if effect == .announceGone(run: 1) { goneOnce += 1 }
        }
      }
      #expect(goneOnce <= 1, "\(sequence)")
      if !lives && !sequence.contains(.stop(grace: grace)) {
        #expect(goneOnce == 1, "\(sequence)")
      }
    }
  }
}
