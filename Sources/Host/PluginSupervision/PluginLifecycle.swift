/// The life of one plugin as a pure machine: events in, effects out.
///
/// It knows no process, clock or socket. Whoever drives it performs the effects in their order and
/// brings back what came of them. A run is one process of the plugin, numbered from 1; an event
/// of an earlier run is without effect, so that what comes late does no harm.
///
/// - Invariant: between `launch(run)` and that run's `exited` or `launchFailed` no other run is
///   launched: two processes of one plugin never live together (guarded by
///   `PluginLifecycleTests`).
/// - Invariant: each run that ended without being asked to gives exactly one `announceGone`
///   (guarded by `PluginLifecycleTests`).
struct PluginLifecycle: Sendable, Equatable {
  /// How long a process may take from its start to Ready.
  static let startDeadline: Duration = .seconds(10)

  /// How long a live process may take to accept a new connection and introduce itself again.
  static let reconnectDeadline: Duration = .seconds(5)

  /// The pause before an introduction that found no connection is tried again. A process that is
  /// ending closes its sockets first; by then its end is known.
  static let introductionPause: Duration = .milliseconds(50)

  /// What an introduction that failed says about the process.
  enum IntroductionFailure: Sendable, Equatable {
    /// Nothing: there was no connection, or it was lost.
    case noConnection
    /// Nobody listens at its socket; as above, where the host knows the process.
    case noListener
    /// It does not work; another may.
    case refused
    /// It is not the plugin that its plugin.yaml promises; another would not be, either.
    case impostor
  }

  /// Something that happened to the plugin.
  enum Event: Sendable, Equatable {
    /// The host wants the plugin to run: first, and again once it was stopped.
    case start
    /// It introduced itself and may not be configured before another version has ended.
    case waiting(run: Int)
    /// It may be configured now.
    case proceed(run: Int)
    case verified
    case verificationFailed(String)
    /// The process exists.
    case launched(run: Int)
    /// No process exists. `isFinal`: trying again without an operator is of no use.
    case launchFailed(run: Int, String, isFinal: Bool, at: Duration, chance: Double)
    /// Handshake, Describe and all that makes it Ready went well.
    case introduced(run: Int, at: Duration)
    case introductionFailed(run: Int, String, IntroductionFailure)
    case connectionLost(run: Int, String, at: Duration)
    /// The process is gone and reaped.
    case exited(run: Int, String, at: Duration, chance: Double)
    /// The timer set last fired.
    case timerFired
    case stop(grace: Duration)
    /// The plugin would not take the polite request.
    case shutdownRefused(run: Int)
    /// An operator wants another try.
    case reset
  }

  /// Something to do. There is one timer: `setTimer` replaces it.
  enum Effect: Sendable, Equatable {
    case verify
    case launch(run: Int)
    /// Connect and introduce; `configure` on the first connection of a process only.
    case introduce(run: Int, configure: Bool, after: Duration)
    case setTimer(Duration)
    case cancelTimer
    case announceReady(run: Int)
    case announceGone(run: Int)
    case announceQuarantined(String)
    /// The Shutdown call.
    case askToShutDown(run: Int, grace: Duration)
    /// SIGTERM.
    case terminate(run: Int)
    /// SIGKILL.
    case kill(run: Int)
  }

  private(set) var phase: PluginPhase = .discovered
  /// Why it is not Ready, or what an operator should know though it is; may be empty.
  private(set) var message = ""
  /// The present or latest run; 0 before the first.
  private(set) var run = 0

  /// The process introduced itself, and its configuration has to wait.
  private(set) var isWaiting = false
  /// Whether it has neither been Ready nor failed since it was started.
  private(set) var isFirstTry = true

  let policy: RestartPolicy
  private var history = CrashHistory()
  private var hasProcess = false
  private var readySince: Duration?
  /// When the present connection was introduced.
  private var connectedSince: Duration = .zero
  /// Connections of this run that were lost soon after they were made.
  private var lossesInARow = 0
  /// Set while a process that may not be started again is being ended.
  private var refusal: String?

  init(policy: RestartPolicy) {
    self.policy = policy
  }

  /// Whether nothing of the plugin runs and nothing will unless an operator says so.
  var isAtRest: Bool { phase == .stopped || phase == .quarantined }

  /// How often it was started after its first start.
  var restarts: Int { max(0, run - 1) }

  mutating func on(_ event: Event) -> [Effect] {
    switch event {
    case .start:
      return start()
    case .waiting(let run):
      guard run == self.run, phase == .starting, hasProcess else { return [] }
      isWaiting = true
      return [.cancelTimer]
    case .proceed(let run):
      guard run == self.run, isWaiting else { return [] }
      isWaiting = false
      return [.setTimer(Self.startDeadline)]
    case .verified:
      guard phase == .discovered else { return [] }
      return launch(entering: .verified)
    case .verificationFailed(let reason):
      return phase == .discovered ? quarantine(reason) : []
    case .launched(let run):
      return run == self.run ? launched() : []
    case .launchFailed(let run, let reason, let isFinal, let now, let chance):
      guard run == self.run else { return [] }
      if isFinal { refusal = reason }
      return ended(reason, at: now, chance: chance)
    case .introduced(let run, let now):
      return run == self.run ? introduced(at: now) : []
    case .introductionFailed(let run, let reason, let failure):
      return run == self.run ? introductionFailed(reason, failure) : []
    case .connectionLost(let run, let reason, let now):
      return run == self.run ? connectionLost(reason, at: now) : []
    case .exited(let run, let reason, let now, let chance):
      return run == self.run ? ended(reason, at: now, chance: chance) : []
    case .timerFired:
      return timerFired()
    case .stop(let grace):
      return stop(grace: grace)
    case .shutdownRefused(let run):
      return run == self.run && phase == .draining && hasProcess ? [.terminate(run: run)] : []
    case .reset:
      return reset()
    }
  }
}

extension PluginLifecycle {
  private mutating func start() -> [Effect] {
    if phase == .stopped {
      phase = .discovered
      message = ""
      history = CrashHistory()
      isFirstTry = true
    }
    return phase == .discovered ? [.verify] : []
  }

  private mutating func launch(entering phase: PluginPhase) -> [Effect] {
    self.phase = phase
    run += 1
    readySince = nil
    lossesInARow = 0
    refusal = nil
    return [.launch(run: run)]
  }

  private mutating func launched() -> [Effect] {
    hasProcess = true
    switch phase {
    case .verified, .starting:
      phase = .starting
      return [.setTimer(Self.startDeadline), .introduce(run: run, configure: true, after: .zero)]
    case .draining:
      return [.terminate(run: run)]
    default:
      preconditionFailure("run \(run) launched in phase \(phase.rawValue)")
    }
  }

  private mutating func introduced(at now: Duration) -> [Effect] {
    guard phase == .starting || phase == .degraded else { return [] }
    phase = .ready
    message = ""
    isFirstTry = false
    connectedSince = now
    if readySince == nil { readySince = now }
    return [.cancelTimer, .announceReady(run: run)]
  }

  private mutating func introductionFailed(
    _ reason: String, _ failure: IntroductionFailure
  ) -> [Effect] {
    guard phase == .starting || phase == .degraded, hasProcess else { return [] }
    message = reason
    switch failure {
    case .noConnection, .noListener:
      // The deadline that runs bounds the tries.
      let isFirst = phase == .starting
      return [.introduce(run: run, configure: isFirst, after: Self.introductionPause)]
    case .refused:
      return [.cancelTimer, .kill(run: run)]
    case .impostor:
      refusal = reason
      return [.cancelTimer, .kill(run: run)]
    }
  }

  private mutating func connectionLost(_ reason: String, at now: Duration) -> [Effect] {
    guard phase == .ready else { return [] }
    phase = .degraded
    message = reason
    lossesInARow = now - connectedSince >= policy.steadyPeriod ? 1 : lossesInARow + 1
    if lossesInARow >= policy.connectionLossLimit {
      message = "it lost \(lossesInARow) connections in a row: \(reason)"
      return [.kill(run: run)]
    }
    return [
      .setTimer(Self.reconnectDeadline), .introduce(run: run, configure: false, after: .zero),
    ]
  }

  /// The run is over, as a process or before it was one.
  private mutating func ended(
    _ reason: String, at now: Duration, chance: Double
  ) -> [Effect] {
    hasProcess = false
    isWaiting = false
    isFirstTry = false
    if phase == .draining {
      phase = .stopped
      message = ""
      return [.cancelTimer]
    }
    guard [.verified, .starting, .ready, .degraded].contains(phase) else { return [] }
    message = reason
    let gone: [Effect] = [.cancelTimer, .announceGone(run: run)]
    if let refusal { return gone + quarantine(refusal) }
    switch history.crashed(at: now, readySince: readySince, chance: chance, policy: policy) {
    case .quarantine(let cause):
      return gone + quarantine("\(cause); the last: \(reason)")
    case .restart(let delay):
      phase = .backoff
      return gone + [.setTimer(delay)]
    }
  }

  private mutating func quarantine(_ reason: String) -> [Effect] {
    phase = .quarantined
    message = reason
    return [.announceQuarantined(reason)]
  }

  private mutating func timerFired() -> [Effect] {
    switch phase {
    case .backoff:
      return launch(entering: .starting)
    case .starting, .degraded:
      guard hasProcess else { return [] }
      message =
        phase == .starting
        ? "it was not ready \(Self.startDeadline.components.seconds) s after its start"
        : "it took no new connection within \(Self.reconnectDeadline.components.seconds) s"
      return [.kill(run: run)]
    case .draining:
      return hasProcess ? [.kill(run: run)] : []
    case .discovered, .verified, .ready, .stopped, .quarantined:
      return []
    }
  }

  private mutating func stop(grace: Duration) -> [Effect] {
    switch phase {
    case .stopped, .draining:
      return []
    case .discovered, .backoff, .quarantined:
      phase = .stopped
      return [.cancelTimer]
    case .ready:
      phase = .draining
      return [.setTimer(grace), .askToShutDown(run: run, grace: grace)]
    case .verified, .starting, .degraded:
      phase = .draining
      // Without a connection there is nobody to ask; without a process, `launched` ends it.
      return [.setTimer(grace)] + (hasProcess ? [.terminate(run: run)] : [])
    }
  }

  private mutating func reset() -> [Effect] {
    guard phase == .quarantined else { return [] }
    phase = .discovered
    message = ""
    history = CrashHistory()
    isFirstTry = true
    return [.verify]
  }
}
