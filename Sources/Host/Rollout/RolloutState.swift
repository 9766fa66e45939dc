/// The state of an attempt, as its children make it.
///
/// Pending ⇄ Running → one of the terminal ones, which nothing leaves but Failed: see
/// `AttemptStatus.take`.
public enum RolloutState: String, Sendable, CaseIterable {
  case pending = "Pending"
  case running = "Running"
  case complete = "Complete"
  case failed = "Failed"
  case cancelled = "Cancelled"
  case stopped = "Stopped"
  case reverted = "Reverted"

  public var isTerminal: Bool { self != .pending && self != .running }
}

/// An attempt has ended, and what was asked for would have it go on.
public struct RevivalRefused: Error, Sendable, Equatable, CustomStringConvertible {
  public var attempt: Int64
  public var from: RolloutState
  public var to: RolloutState

  public init(attempt: Int64, from: RolloutState, to: RolloutState) {
    self.attempt = attempt
    self.from = from
    self.to = to
  }

  public var description: String {
    "attempt \(attempt) is \(from.rawValue) and does not become \(to.rawValue): an attempt that has "
      + "ended is not revived; another one begins by mortise rollout retry, or by a change of the spec"
  }
}
