/// What a set of children makes of their rollout: the one function that answers both "what is its
/// state" and "may the next child start".
///
/// - Invariant: agrees with the rules as `docs/rollouts.md` states them for every set of up to four
///   children, of every state and policy (guarded by `ProjectionTests`).
/// - SeeAlso: DESIGN section 8.
public struct Projection: Sendable, Equatable {
  public var state: RolloutState
  /// A failure is there that lets the others go on, and others are still live.
  public var isHeld: Bool
  /// There is something that a person should see, whatever the state: a failure, or an unknown outcome.
  public var isDegraded: Bool

  public init(_ children: ChildTally) {
    isDegraded = children[.failed] + children[.unknown] > 0
    // What a person or the rollout itself ended is not held: else the state would depend on whether it or
    // the failure was seen first.
    let isEnded = children[.cancelled] + children[.stopped] + children[.reverted] > 0
    isHeld =
      children[.failed] > 0 && children.finalFailures == 0 && children.live > 0 && !isEnded
    state = isHeld ? .running : Self.base(children)
  }

  /// Whether anything may begin: a failure that ends the attempt ends this in the same breath.
  public var mayStartNext: Bool { !state.isTerminal }

  /// As of the children alone, worst first; nothing to do is done.
  private static func base(_ children: ChildTally) -> RolloutState {
    if children[.failed] > 0 { return .failed }
    if children[.cancelled] > 0 { return .cancelled }
    if children[.stopped] > 0 { return .stopped }
    if children[.reverted] > 0 { return .reverted }
    if children[.complete] == children.total { return .complete }
    return children.inFlight > 0 ? .running : .pending
  }
}
