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
actor PluginRunner: PluginRunning, PluginListener {
  /// What a runner shares with the others.
  struct Surroundings: Sendable {
    let loop: EventLoop
    let host: HostIdentity
    let stateDirectory: String
    let policy: RestartPolicy
    let patience: PluginPatience
    let fleet: PluginFleet
    let log: Log
  }

  nonisolated let surroundings: Surroundings
  nonisolated let paths: PluginPaths
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// Every line names the plugin.
  nonisolated let log: Log

  var manifest: PluginManifest
  var machine: PluginLifecycle
  var executable: VerifiedExecutable?
  var process: PluginProcess?
  /// The present connection; nil while there is none.
  var handle: PluginHandle?
  let meter = PluginMeter()
  var output: PluginOutput
  /// What is told of the present run, until it ended.
  var exit = PluginExit(cause: .notStarted(""), version: "", pid: 0, lastLines: [])
  /// The configuration of the present run, its secrets filled in, and what of it is not to be shown.
  var config: (config: JSONObject, secrets: PluginSecrets) = (JSONObject(), PluginSecrets())
  /// What is wrong with the plugin by its own words; empty = nothing.
  var health = ""
  /// How long verification took since the plugin was ready last: next to nothing where the
  /// executable is unchanged.
  var verifyDuration: Duration = .zero
  /// Where the next Updates call of the present process goes on.
  var updatesCursor: UInt64 = 0
  var secrets: PluginSecrets { config.secrets }
  var rules: PluginManifest? { manifest }
  /// What Describe answered last.
  var description: PluginFleet.PluginDescription?
  /// A driver's introduction that waits for its turn to be configured.
  var turn: CheckedContinuation<Bool, Never>?
  /// What plugin.yaml says by now, for the next start.
  private var next: PluginDirectory.Installed?
  /// What the present version was started by.
  private var installed: PluginDirectory.Installed
  private var isClosed = false
  private var timer = SingleTimer()
  private var restWaiters: [CheckedContinuation<Void, Never>] = []

  init(installed: PluginDirectory.Installed, surroundings: Surroundings) {
    let manifest = installed.manifest
    self.installed = installed
    self.manifest = manifest
    self.surroundings = surroundings
    paths = PluginPaths(stateDirectory: surroundings.stateDirectory, name: manifest.place)
    log = surroundings.log.with(["plugin": .string(manifest.name)])
    machine = PluginLifecycle(policy: surroundings.policy)
    output = PluginOutput(logPath: paths.log)
  }

  /// Begins, or begins again what was stopped, by what plugin.yaml says now.
  func start() {
    guard !isClosed else { return }
    if machine.isAtRest { takeManifest() }
    on(.start)
  }

  /// Returns once nothing of the plugin runs.
  func stop(grace: Duration) async {
    on(.stop(grace: grace))
    if machine.isAtRest { return }
    await withCheckedContinuation { restWaiters.append($0) }
  }

  /// As `stop`, for good.
  func close(grace: Duration) async {
    isClosed = true
    await stop(grace: grace)
  }

  /// Ends the process and begins anew, by what plugin.yaml says now; what was given up is tried again.
  func restart(grace: Duration) async {
    if machine.phase == .quarantined { return reset() }
    await stop(grace: grace)
    start()
  }

  /// Tries again what was given up, by what plugin.yaml says now.
  func reset() {
    guard machine.phase == .quarantined, !isClosed else { return }
    takeManifest()
    on(.reset)
  }

  /// Takes note of what stands in the folder now: it counts from the next start on.
  func consider(_ present: PluginDirectory.Installed) -> InstallationChange {
    next = present
    let isRunning = ![.discovered, .backoff, .quarantined, .stopped].contains(machine.phase)
    let change = InstallationChange(from: installed, to: present, isRunning: isRunning)
    // Nothing of it runs, and nothing shall: the next start will see.
    return change == .restart && machine.phase == .stopped ? .nothing : change
  }

  /// Whether a restart would run another version or another executable.
  var wouldChange: Bool {
    guard let next else { return false }
    if case .refuse = InstallationChange(from: installed, to: next, isRunning: true) { return true }
    return false
  }

  private func takeManifest() {
    guard let next else { return }
    installed = next
    manifest = next.manifest
    self.next = nil
  }

  /// The version before it has ended: the driver may be configured.
  func proceed() {
    guard machine.isWaiting else { return }
    on(.proceed(run: machine.run))
    takeTurn(true)
  }

  func takeTurn(_ isGranted: Bool) {
    turn?.resume(returning: isGranted)
    turn = nil
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

  /// For the machine, which throws no dice.
  var chance: Double { .random(in: 0..<1) }

  /// What operators and callers see.
  func publish() {
    var notes = [machine.message, health, output.note]
    if machine.phase == .ready && manifest.digest == nil {
      notes.append("plugin.yaml has no digest, so any executable is accepted: for development only")
    }
    let snapshot = PluginSnapshot(
      name: manifest.name, version: manifest.version, place: manifest.place,
      digest: executable?.digest ?? "",
      phase: machine.phase, pid: process?.pid ?? 0, startedUnixMS: process?.startedUnixMS ?? 0,
      restarts: machine.restarts, inFlight: meter.current,
      taskTypes: handle?.description.taskTypes.map(\.type) ?? [],
      intentKinds: handle?.description.driver?.kinds.map(\.kind) ?? [],
      message: notes.filter { !$0.isEmpty }.joined(separator: "; "))
    surroundings.fleet.publish(
      manifest.place,
      PluginFleet.Report(
        snapshot: snapshot, handle: machine.phase == .ready ? handle : nil, standing: standing,
        description: description))
  }

  private var standing: PluginRoster.Standing {
    switch machine.phase {
    case .ready: .ready
    case .stopped: .stopped
    case .quarantined: .quarantined
    case .draining: .ending
    case .starting where machine.isWaiting: .waiting
    case .discovered, .verified, .starting:
      machine.isFirstTry ? .untried : .down
    case .degraded, .backoff: .down
    }
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
      timer.set(delay, on: loop) { await self.timerFired($0) }
    case .cancelTimer:
      timer.cancel()
    case .announceReady:
      announceReady()
    case .announceGone:
      let lines = exit.lastLines.suffix(3).map { JSONValue.string($0) }
      log.warning("plugin \(exit)", ["pid": .integer(Int64(exit.pid)), "stderr": .array(lines)])
      surroundings.fleet.tell(.gone(name: manifest.name, exit: exit))
    case .announceQuarantined(let reason):
      log.error("plugin is quarantined", ["reason": .string(reason)])
      surroundings.fleet.tell(.quarantined(name: manifest.name, reason: reason))
    case .askToShutDown(let run, let grace):
      loop.spawn { await self.askToShutDown(run, grace: grace) }
    case .terminate:
      terminate()
    case .kill:
      kill()
    }
  }

  private func timerFired(_ number: Int) {
    if timer.isPresent(number) { on(.timerFired) }
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
    surroundings.fleet.tell(.ready(handle))
  }
}
