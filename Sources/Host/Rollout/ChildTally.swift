/// How many children of an attempt are in which state: all that a projection follows from.
///
/// Kept up to date child by child, so that a rollout's state costs the same for six and for thousands.
public struct ChildTally: Sendable, Equatable {
  private var counts = [Int](repeating: 0, count: ChildState.allCases.count)
  /// Failed children whose failure is not continuable.
  public private(set) var finalFailures = 0
  public private(set) var total = 0

  public init() {}

  /// Children in that state.
  public subscript(state: ChildState) -> Int { counts[state.place] }

  /// Children whose turn has begun and not ended.
  public var inFlight: Int { self[.running] + self[.unknown] }

  /// Children of which something may still come.
  public var live: Int { inFlight + self[.pending] }

  /// Takes a child in.
  public mutating func add(_ state: ChildState, isContinuable: Bool) {
    count(state, isContinuable, by: 1)
  }

  /// Takes out what was added.
  public mutating func remove(_ state: ChildState, isContinuable: Bool) {
    count(state, isContinuable, by: -1)
    precondition(counts[state.place] >= 0 && finalFailures >= 0, "only what was added is removed")
  }

  private mutating func count(_ state: ChildState, _ isContinuable: Bool, by change: Int) {
    counts[state.place] += change
    total += change
    if state == .failed, !isContinuable { finalFailures += change }
  }
}

extension ChildState {
  fileprivate var place: Int {
    switch self {
    case .pending: 0
    case .running: 1
    case .complete: 2
    case .failed: 3
    case .cancelled: 4
    case .stopped: 5
    case .reverted: 6
    case .unknown: 7
    }
  }
}
