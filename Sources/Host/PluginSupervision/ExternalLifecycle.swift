/// The life of a plugin that somebody else starts and ends, as a pure machine: events in, effects out.
///
/// It joins through its socket, is Ready while it answers there, and leaves with it. A try is one
/// connection, numbered from 1; what comes of an earlier one is without effect.
///
/// - Invariant: each `announceJoined` is followed by one `announceLeft` before the next (guarded by
///   `ExternalLifecycleTests`).
/// - Invariant: whoever is not accepted within `acceptance` of its appearance is refused with the
///   reason, and not tried again before its socket is another (guarded by `ExternalLifecycleTests`).
struct ExternalLifecycle: Sendable, Equatable {
  /// The pause after the first try that failed; doubled with each that follows, up to the longest.
  static let firstPause: Duration = .milliseconds(25)
  static let longestPause: Duration = .seconds(2)

  /// Something that happened to the plugin.
  enum Event: Sendable, Equatable {
    /// A socket is there that was not there before, or somebody wants another try of it.
    case appeared
    /// It introduced itself and may not be configured before another version has ended.
    case waiting(attempt: Int)
    case proceed(attempt: Int)
    case introduced(attempt: Int)
    case failed(attempt: Int, String, PluginLifecycle.IntroductionFailure)
    case connectionLost(attempt: Int, String)
    /// Its socket is gone, or it shall not be called any more.
    case removed(String)
    case timerFired
  }

  /// Something to do. There is one timer: `setTimer` replaces it.
  enum Effect: Sendable, Equatable {
    case introduce(attempt: Int, after: Duration)
    case setTimer(Duration)
    case cancelTimer
    /// It takes calls: for the first time since it left last, or through another connection.
    case announceReady
    case announceJoined
    case announceLeft(String)
    case announceRefused(String)
    case close
  }

  /// From the appearance of a socket to a plugin that takes calls.
  let acceptance: Duration
  private(set) var phase: PluginPhase = .discovered
  /// Why it is not Ready; may be empty.
  private(set) var message = ""
  private(set) var attempt = 0
  private(set) var isWaiting = false
  private(set) var hasJoined = false
  private var failuresInARow = 0

  init(acceptance: Duration) {
    self.acceptance = acceptance
  }

  mutating func on(_ event: Event) -> [Effect] {
    switch event {
    case .appeared:
      return appeared()
    case .waiting(let attempt):
      guard attempt == self.attempt, isTrying else { return [] }
      isWaiting = true
      return [.cancelTimer]
    case .proceed(let attempt):
      guard attempt == self.attempt, isWaiting else { return [] }
      isWaiting = false
      return hasJoined ? [] : [.setTimer(acceptance)]
    case .introduced(let attempt):
      return attempt == self.attempt && isTrying ? introduced() : []
    case .failed(let attempt, let reason, let failure):
      return attempt == self.attempt && isTrying ? failed(reason, failure) : []
    case .connectionLost(let attempt, let reason):
      guard attempt == self.attempt, phase == .ready else { return [] }
      phase = .degraded
      message = reason
      failuresInARow = 0
      return [next(after: .zero)]
    case .removed(let reason):
      return end(as: .stopped, reason)
    case .timerFired:
      guard phase == .starting else { return [] }
      let (seconds, rest) = acceptance.components
      let limit =
        rest == 0 ? "\(seconds) s" : "\(seconds * 1000 + rest / 1_000_000_000_000_000) ms"
      return refuse("it was not accepted within \(limit): \(message)")
    }
  }

  private var isTrying: Bool { phase == .starting || phase == .degraded }

  private mutating func next(after pause: Duration) -> Effect {
    attempt += 1
    return .introduce(attempt: attempt, after: pause)
  }

  private mutating func appeared() -> [Effect] {
    let left = end(as: .starting, "another socket took its place")
    message = "nobody answers at its socket yet"
    failuresInARow = 0
    return left + [.setTimer(acceptance), next(after: .zero)]
  }

  private mutating func introduced() -> [Effect] {
    phase = .ready
    message = ""
    isWaiting = false
    let isFirst = !hasJoined
    hasJoined = true
    return [.cancelTimer, .announceReady] + (isFirst ? [.announceJoined] : [])
  }

  /// Whoever listens and does not answer may stand in a debugger: it is asked again for as long as it
  /// listens, once it has joined.
  private mutating func failed(
    _ reason: String, _ failure: PluginLifecycle.IntroductionFailure
  ) -> [Effect] {
    message = reason
    isWaiting = false
    switch failure {
    case .impostor:
      return refuse(reason)
    case .noListener where phase == .degraded:
      return end(as: .stopped, reason)
    case .noListener, .noConnection, .refused:
      failuresInARow += 1
      var pause = Self.firstPause
      for _ in 1..<failuresInARow where pause < Self.longestPause { pause = pause * 2 }
      return [next(after: min(pause, Self.longestPause))]
    }
  }

  private mutating func refuse(_ reason: String) -> [Effect] {
    end(as: .quarantined, reason) + [.announceRefused(reason)]
  }

  /// What is under way is without effect from now on.
  private mutating func end(as phase: PluginPhase, _ reason: String) -> [Effect] {
    let hadJoined = hasJoined
    let isOver = self.phase == .stopped || self.phase == .quarantined
    self.phase = phase
    hasJoined = false
    isWaiting = false
    attempt += 1
    if !isOver || phase == .quarantined { message = reason }
    return [.cancelTimer, .close] + (hadJoined ? [.announceLeft(reason)] : [])
  }
}
