/// How long a container that ended waits before it is started again.
///
/// Doubles from run to run that fails early, and is forgotten after a run that lasted.
struct RestartBackoff: Equatable, Sendable {
  static let first = Duration.milliseconds(200)
  static let longest = Duration.seconds(30)
  /// A run of this length counts as one that worked.
  static let forgiveAfter = Duration.seconds(60)

  private var failures = 0

  init() {}

  /// The wait after a run of this length.
  mutating func next(afterRunOf duration: Duration) -> Duration {
    if duration >= Self.forgiveAfter { failures = 0 }
    let wait = min(Self.first * (1 << min(failures, 20)), Self.longest)
    failures += 1
    return wait
  }
}
