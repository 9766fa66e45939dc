public import Model

/// All children of one rollout as its attempt sees them, kept up to date child by child.
///
/// Taking in a change, and asking what follows, costs the same whatever the number of children; only a
/// new attempt looks at all of them, in memory.
///
/// - Invariant: equals the board that is made anew of the same seats (guarded by `ChildBoardTests`).
public struct ChildBoard: Sendable {
  public private(set) var attempt: Int64 = 0
  public private(set) var revision: Int64 = 0
  public private(set) var replicas = 0
  public private(set) var tally = ChildTally()
  /// The failure that came first, and whose it is.
  public private(set) var firstFailure: (ordinal: Int, failure: ChildSeat.Failure)?

  private var seats: [Int: ChildSeat] = [:]
  private var startable = OrdinalSet()
  private var surplus = OrdinalSet()
  private var drifted = OrdinalSet()
  private var overdue = OrdinalSet()
  private var stoppable = OrdinalSet()
  private var unknown = OrdinalSet()
  private var failures: [Int: ChildSeat.Failure] = [:]
  private var rechecks = Schedule<Int>()

  public init() {}

  /// Children whose objects are there.
  public var count: Int { seats.count }

  /// What is known of that child; nil = it is not there.
  public subscript(ordinal: Int) -> ChildSeat? { seats[ordinal] }

  /// The state that the child counts with.
  public func state(_ ordinal: Int) -> ChildState {
    seats[ordinal]?.state(attempt: attempt, revision: revision) ?? .pending
  }

  /// The first child of which nobody can tell what became of it, and by which task.
  public var firstUnknown: (ordinal: Int, trouble: ChildSeat.Failure)? {
    var ordinals = unknown
    guard let ordinal = ordinals.first(1).first, let trouble = seats[ordinal]?.failure else {
      return nil
    }
    return (ordinal, trouble)
  }

  /// Puts another attempt on the board. Places that others had are looked at anew.
  public mutating func begin(attempt: Int64, revision: Int64, replicas: Int) {
    guard (attempt, revision, replicas) != (self.attempt, self.revision, self.replicas) else {
      return
    }
    let kept = seats.filter { !$0.value.isBlocked }
    self = ChildBoard()
    self.attempt = attempt
    self.revision = revision
    self.replicas = replicas
    for ordinal in 0..<replicas { enter(ordinal) }
    for (ordinal, seat) in kept { set(ordinal, seat) }
  }

  /// Takes in what became of one child; nil = it is gone.
  public mutating func set(_ ordinal: Int, _ seat: ChildSeat?) {
    leave(ordinal)
    seats[ordinal] = seat
    enter(ordinal)
  }

  /// What a place counts as; nil = not at all. One that is too many is not done before it is gone.
  private func counted(_ ordinal: Int) -> (ChildState, isContinuable: Bool)? {
    let seat = seats[ordinal]
    if ordinal < replicas { return (state(ordinal), seat?.turn?.isContinuable ?? false) }
    return seat.map { $0.isBlocked ? nil : (.running, false) } ?? nil
  }

  private mutating func leave(_ ordinal: Int) {
    guard let (state, isContinuable) = counted(ordinal) else { return }
    tally.remove(state, isContinuable: isContinuable)
  }

  private mutating func enter(_ ordinal: Int) {
    let seat = seats[ordinal]
    let isWanted = ordinal < replicas
    let state = state(ordinal)
    let isLeaving = seat?.isLeaving ?? false
    if let (state, isContinuable) = counted(ordinal) {
      tally.add(state, isContinuable: isContinuable)
    }
    startable.set(ordinal, isWanted && state == .pending && !isLeaving)
    surplus.set(ordinal, !isWanted && seat != nil && seat?.isBlocked == false)
    drifted.set(ordinal, isWanted && seat?.isDrifted ?? false)
    overdue.set(ordinal, seat?.isOverdue ?? false)
    stoppable.set(ordinal, isWanted && state.isInFlight && seat?.planInFlight != nil)
    unknown.set(ordinal, isWanted && state == .unknown)
    rechecks.set(ordinal, at: seat?.recheckAt)
    note(isWanted && state == .failed ? seat?.failure : nil, of: ordinal)
  }

  private mutating func note(_ failure: ChildSeat.Failure?, of ordinal: Int) {
    failures[ordinal] = failure
    if let failure {
      guard let first = firstFailure, first.ordinal != ordinal else {
        // The only one, or the first one changed.
        firstFailure = failures.count == 1 ? (ordinal, failure) : earliest
        return
      }
      if (failure.at, ordinal) < (first.failure.at, first.ordinal) {
        firstFailure = (ordinal, failure)
      }
    } else if firstFailure?.ordinal == ordinal {
      firstFailure = earliest
    }
  }

  private var earliest: (ordinal: Int, failure: ChildSeat.Failure)? {
    failures.min { ($0.value.at, $0.key) < ($1.value.at, $1.key) }
      .map { (ordinal: $0.key, failure: $0.value) }
  }
}

/// What is to be done; each part at most as long as its limit.
extension ChildBoard {
  /// Children whose turn has ended by their own state, or is to be looked at again by now.
  public mutating func takeOverdue(at now: Timestamp) -> [Int] {
    for ordinal in rechecks.take(at: now) { overdue.set(ordinal, true) }
    return overdue.first(overdue.count)
  }

  /// When a child is to be looked at again, if nothing happens before.
  public mutating func nextRecheck() -> Timestamp? { rechecks.nextMoment() }

  /// Children whose turn comes next, in order.
  ///
  /// - Parameter canary: only those below; nil = all.
  public mutating func next(maxParallel: Int, canary: Int?) -> [Int] {
    let next = startable.first(max(0, maxParallel - tally.inFlight))
    return canary.map { canary in next.filter { $0 < canary } } ?? next
  }

  /// Whether all that is left waits behind the canaries.
  public mutating func isHeldBehind(canary: Int) -> Bool {
    guard tally.inFlight == 0, let first = startable.first(1).first else { return false }
    return first >= canary
  }

  /// Children to be brought back to their revision.
  public mutating func nextDrifted(_ limit: Int) -> [Int] { drifted.first(limit) }

  /// Children that are too many, the last one first; those on their way out included.
  public func nextSurplus(_ limit: Int) -> [Int] { surplus.last(limit) }

  /// Whether children beyond the replicas are there.
  public var hasSurplus: Bool { !surplus.isEmpty }

  /// Children with a plan that the rollout may end.
  public mutating func nextStoppable(_ limit: Int) -> [Int] { stoppable.first(limit) }
}
