internal import Diagnostics
internal import JSON
internal import LinuxSystem
internal import PluginProto
internal import TTRPC

/// Drives one plugin's lifecycle: performs the machine's effects, brings back what came of them.
///
/// The decisions are `PluginLifecycle`'s; what is here is how they are carried out.
///
/// - Isolation: an actor on the event loop, so that what it awaits there costs no thread hop.
actor PluginRunner {
  /// What a runner shares with the others.
  struct Surroundings: Sendable {
    let loop: EventLoop
    let host: HostIdentity
    let stateDirectory: String
    let policy: RestartPolicy
    let patience: PluginPatience
    let registry: PluginRegistry
    let log: Log
    let onEvent: @Sendable (PluginEvent) -> Void
  }

  nonisolated let surroundings: Surroundings
  nonisolated let paths: PluginPaths
  nonisolated var loop: EventLoop { surroundings.loop }
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// Every line names the plugin.
  nonisolated let log: Log

  var manifest: PluginManifest
  var machine: PluginLifecycle
  var executable: VerifiedExecutable?
  var process: PluginProcess?
  /// The present connection; nil while there is none.
  var handle: PluginHandle?
  let inFlight = InFlight()
  var output: PluginOutput
  /// What is told of the present run, until it ended.
  var exit = PluginExit(cause: .notStarted(""), pid: 0, lastLines: [])
  /// The configuration of the present run, its secrets filled in, and what of it is not to be shown.
  var config: (config: JSONObject, secrets: PluginSecrets) = (JSONObject(), PluginSecrets())
  /// What is wrong with the plugin by its own words; empty = nothing.
  var health = ""
  /// How long verification took since the plugin was ready last: next to nothing where the
  /// executable is unchanged.
  var verifyDuration: Duration = .zero
  /// Where the next Updates call of the present process goes on.
  var updatesCursor: UInt64 = 0
  private var timer: Task<Void, Never>?
  /// Which timer is the last one set: one that fired before it was cancelled is ignored.
  private var timerNumber = 0
  private var restWaiters: [CheckedContinuation<Void, Never>] = []

  init(manifest: PluginManifest, surroundings: Surroundings) {
    self.manifest = manifest
    self.surroundings = surroundings
    paths = PluginPaths(stateDirectory: surroundings.stateDirectory, name: manifest.name)
    log = surroundings.log.with(["plugin": .string(manifest.name)])
    machine = PluginLifecycle(policy: surroundings.policy)
    output = PluginOutput(logPath: paths.log)
  }

  func start() { on(.start) }

  /// Returns once nothing of the plugin runs.
  func stop(grace: Duration) async {
    on(.stop(grace: grace))
    if machine.isAtRest { return }
    await withCheckedContinuation { restWaiters.append($0) }
  }

  /// Tries again what was given up, by what plugin.yaml says now.
  func reset(_ manifest: PluginManifest) {
    guard machine.phase == .quarantined else { return }
    self.manifest = manifest
    on(.reset)
  }

  /// Feeds the machine, tells the world, and does what the machine wants.
  func on(_ event: PluginLifecycle.Event) {
    let before = machine.phase
    let effects = machine.on(event)
    if machine.phase != before {
      log.debug("plugin is \(machine.phase.rawValue)", ["was": .string(before.rawValue)])
    }
    // First: who is told that the plugin is ready may look it up at once.
    publish()
    for effect in effects { perform(effect) }
    if machine.isAtRest {
      let waiters = restWaiters
      restWaiters = []
      for waiter in waiters { waiter.resume() }
    }
  }

  /// For the machine, which has no clock of its own.
  var now: Duration { MonotonicTime.now().duration(since: MonotonicTime(nanoseconds: 0)) }

  /// For the machine, which throws no dice.
  var chance: Double { .random(in: 0..<1) }

  /// What operators and callers see.
  func publish() {
    var notes = [machine.message, health, output.note]
    if machine.phase == .ready && manifest.digest == nil {
      notes.append("plugin.yaml has no digest, so any executable is accepted: for development only")
    }
    let snapshot = PluginSnapshot(
      name: manifest.name, version: manifest.version, digest: executable?.digest ?? "",
      phase: machine.phase, pid: process?.pid ?? 0, startedUnixMS: process?.startedUnixMS ?? 0,
      restarts: machine.restarts, inFlight: inFlight.current,
      taskTypes: handle?.description.taskTypes.map(\.type) ?? [],
      intentKinds: handle?.description.driver?.kinds.map(\.kind) ?? [],
      message: notes.filter { !$0.isEmpty }.joined(separator: "; "))
    surroundings.registry.publish(snapshot, handle: machine.phase == .ready ? handle : nil)
  }

  /// Effects that take time are begun here; what comes of them is an event of its own.
  private func perform(_ effect: PluginLifecycle.Effect) {
    switch effect {
    case .verify:
      loop.spawn { await self.verify() }
    case .launch(let run):
      loop.spawn { await self.launch(run) }
    case .introduce(let run, let configures, let pause):
      loop.spawn { await self.introduce(run, configures: configures, after: pause) }
    case .setTimer(let delay):
      setTimer(delay)
    case .cancelTimer:
      cancelTimer()
    case .announceReady:
      announceReady()
    case .announceGone:
      let lines = exit.lastLines.suffix(3).map { JSONValue.string($0) }
      log.warning("plugin \(exit)", ["pid": .integer(Int64(exit.pid)), "stderr": .array(lines)])
      surroundings.onEvent(.gone(name: manifest.name, exit: exit))
    case .announceQuarantined(let reason):
      log.error("plugin is quarantined", ["reason": .string(reason)])
      surroundings.onEvent(.quarantined(name: manifest.name, reason: reason))
    case .askToShutDown(let run, let grace):
      loop.spawn { await self.askToShutDown(run, grace: grace) }
    case .terminate:
      terminate()
    case .kill:
      kill()
    }
  }

  private func setTimer(_ delay: Duration) {
    cancelTimer()
    let number = timerNumber
    timer = loop.spawn {
      do {
        try await self.loop.sleep(for: delay)
      } catch {
        return
      }
      await self.timerFired(number)
    }
  }

  private func cancelTimer() {
    timerNumber += 1
    timer?.cancel()
    timer = nil
  }

  private func timerFired(_ number: Int) {
    if number == timerNumber { on(.timerFired) }
  }

  /// From the making of the process to the end of its introduction: how long until the first call.
  private var startDuration: Duration {
    process.map { MonotonicTime.now().duration(since: $0.started) } ?? .zero
  }

  private func announceReady() {
    guard let handle else { preconditionFailure("\(manifest.name) is ready without a connection") }
    log.info(
      "plugin is ready",
      [
        "version": .string(manifest.version), "pid": .integer(Int64(handle.pid)),
        "verifyMicroseconds": .integer(Int64(clamping: verifyDuration.wholeNanoseconds / 1000)),
        "startMicroseconds": .integer(Int64(clamping: startDuration.wholeNanoseconds / 1000)),
      ])
    verifyDuration = .zero
    surroundings.onEvent(.ready(handle))
  }
}
