/// When a crashed plugin is started again, and when the host stops trying.
///
/// Pure: crashes arrive with their instant, and chance arrives as a number, so that tests need
/// neither a clock nor a seed.
public struct RestartPolicy: Sendable, Equatable {
  /// The delay before the first restart of a row; doubled with each crash that follows.
  public var firstDelay: Duration = .milliseconds(50)

  /// No delay is longer than this.
  public var longestDelay: Duration = .seconds(30)

  /// A plugin that stayed Ready for this long before it crashed begins a new row.
  public var steadyPeriod: Duration = .seconds(5)

  /// Processes in a row that ended before they were Ready: so many, and the plugin is quarantined.
  public var failedStartLimit: Int = 8

  /// Crashes within `window`, Ready before or not: so many, and the plugin is quarantined.
  public var crashLimit: Int = 20

  /// Connections in a row that a live process lost before `steadyPeriod` was over: so many, and it is
  /// ended, which counts as a crash.
  public var connectionLossLimit: Int = 5

  public var window: Duration = .seconds(600)

  public init() {}

  /// The delay before the restart that follows the nth crash of a row.
  ///
  /// - Parameters:
  ///   - crashesInARow: 1 for the first.
  ///   - chance: 0 up to 1. It spreads the delay over its upper half, so that plugins which one
  ///     cause ended together do not return together.
  public func delay(crashesInARow: Int, chance: Double) -> Duration {
    precondition(crashesInARow > 0, "a restart without a crash")
    var delay = firstDelay
    for _ in 1..<crashesInARow where delay < longestDelay { delay = delay * 2 }
    return min(delay, longestDelay) * (0.5 + 0.5 * chance)
  }
}

/// What a plugin's crashes so far say about its next start.
struct CrashHistory: Sendable, Equatable {
  /// What to do about a crash.
  enum Verdict: Sendable, Equatable {
    case restart(after: Duration)
    case quarantine(reason: String)
  }

  private var failedStartsInARow = 0
  private var crashesInARow = 0
  /// Instants of the crashes within the window, oldest first; never more than the limit.
  private var recent: [Duration] = []

  /// Takes note of a crash.
  ///
  /// - Parameters:
  ///   - now: the instant of the crash, from any fixed origin.
  ///   - readySince: when that process became Ready; nil where it never did.
  ///   - chance: 0 up to 1, for the jitter.
  mutating func crashed(
    at now: Duration, readySince: Duration?, chance: Double, policy: RestartPolicy
  ) -> Verdict {
    if let readySince {
      failedStartsInARow = 0
      crashesInARow = now - readySince >= policy.steadyPeriod ? 1 : crashesInARow + 1
    } else {
      failedStartsInARow += 1
      crashesInARow += 1
    }
    recent.removeAll { now - $0 > policy.window }
    recent.append(now)
    if failedStartsInARow >= policy.failedStartLimit {
      return .quarantine(
        reason: "\(failedStartsInARow) starts in a row ended before the plugin was ready")
    }
    if recent.count >= policy.crashLimit {
      return .quarantine(
        reason: "it crashed \(recent.count) times within \(policy.window.components.seconds) s")
    }
    return .restart(after: policy.delay(crashesInARow: crashesInARow, chance: chance))
  }
}
