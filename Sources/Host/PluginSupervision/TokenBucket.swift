/// How much may pass in a time: a burst at once, a rate for ever.
///
/// What comes is always taken, because it has been read already; who took more than there was pauses
/// until that is paid back. Pure: time comes as an instant from any fixed origin.
struct TokenBucket: Sendable, Equatable {
  let burst: Int
  let perSecond: Int
  private var level: Double
  private var last: Duration?

  init(burst: Int, perSecond: Int) {
    precondition(burst > 0 && perSecond > 0, "a bucket that never fills")
    self.burst = burst
    self.perSecond = perSecond
    level = Double(burst)
  }

  /// - Returns: how long to pause before the next; zero where there was enough.
  mutating func take(_ count: Int, at now: Duration) -> Duration {
    let passed = max(.zero, now - (last ?? now))
    last = now
    level = min(Double(burst), level + passed / .seconds(1) * Double(perSecond)) - Double(count)
    return level >= 0 ? .zero : .seconds(-level / Double(perSecond))
  }
}
