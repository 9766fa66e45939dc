/// What became of one child in one attempt.
///
/// Pending → Running ⇄ Unknown → one of the terminal ones. What is terminal is in the child's record
/// before anybody acts on it.
public enum ChildState: String, Sendable, CaseIterable {
  /// Its turn has not come, or it is not there.
  case pending = "Pending"
  case running = "Running"
  case complete = "Complete"
  case failed = "Failed"
  /// A person ended its plan.
  case cancelled = "Cancelled"
  /// The rollout ended its plan.
  case stopped = "Stopped"
  /// It was taken back to what it was before.
  case reverted = "Reverted"
  /// Nobody can tell what became of it: live, and never a success.
  case unknown = "Unknown"

  /// Whether nothing more comes of it in this attempt.
  public var isTerminal: Bool {
    switch self {
    case .complete, .failed, .cancelled, .stopped, .reverted: true
    case .pending, .running, .unknown: false
    }
  }

  /// Whether its turn has begun and not ended.
  public var isInFlight: Bool { self == .running || self == .unknown }
}
