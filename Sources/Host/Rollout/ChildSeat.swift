internal import JSON
public import Model

/// What a rollout remembers of one child: a few words, whatever the child's size.
///
/// Texts are kept of children in trouble alone, at most `ChildRecord.errorLimit` characters each.
public struct ChildSeat: Sendable, Equatable {
  /// The part of the child's record that its state follows from.
  public struct Turn: Sendable, Equatable {
    public var attempt: Int64
    public var revision: Int64
    public var isContinuable: Bool
    /// Nil while the turn goes on, as far as its record says.
    public var result: ChildState?
  }

  /// A failure, or why nobody can tell, for people.
  public struct Failure: Sendable, Equatable {
    public var task: String
    public var error: String
    public var at: Timestamp

    public init(task: String, error: String, at moment: Timestamp) {
      self.task = task
      self.error = error
      at = moment
    }
  }

  /// The store's version of the reading.
  public var version: UInt64 = 0
  /// Nil = its object has no record: it has had no turn.
  public var turn: Turn?
  /// Running or Unknown, for a turn that goes on.
  public var observed = ChildState.running
  /// The turn has ended by the child's own state, and its record does not say so yet.
  public var isOverdue = false
  /// When to look again, if nothing happens before.
  public var recheckAt: Timestamp?
  /// It is not what its revision makes of it.
  public var isDrifted = false
  /// It is being deleted.
  public var isLeaving = false
  /// The plan that goes on, while the turn does; for who has to end it.
  public var planInFlight: String?
  public var failure: Failure?
  /// The place is taken by an object that is not this rollout's.
  public var isBlocked = false

  public init() {}

  /// A place that somebody else's object has.
  public static func blocked(_ error: String, at moment: Timestamp) -> ChildSeat {
    var seat = ChildSeat()
    seat.isBlocked = true
    seat.failure = Failure(task: "", error: error, at: moment)
    return seat
  }

  /// Reads a child as the store holds it.
  ///
  /// - Parameter template: of the revision that its record names; nil where it is no longer known.
  public init(
    _ child: Resource, template: RolloutSpec.Template?, _ rules: TurnRules, at now: Timestamp
  ) {
    version = child.version
    isLeaving = child.metadata.deletionTimestamp != nil
    guard let record = child.metadata.childRecord else { return }
    turn = Turn(
      attempt: record.attempt, revision: record.revision,
      isContinuable: record.onFailure.isContinuable, result: record.result?.state)
    isDrifted = !isLeaving && template.map { !$0.fits(child) } ?? false
    if let result = record.result {
      if result.state != .complete {
        failure = Failure(task: result.task, error: result.error, at: result.endedAt)
      }
      return
    }
    if let plan = child.status.plan, plan.phase == .active, record.stopping != plan.id {
      planInFlight = plan.id
    }
    switch ChildOutcome(of: child, record, rules, at: now) {
    case .live(let state, let moment):
      observed = state
      recheckAt = moment
      if state == .unknown { failure = Self.doubt(child) }
    case .ended:
      isOverdue = true
    }
  }

  private static func doubt(_ child: Resource) -> Failure? {
    guard let plan = child.status.plan, let index = plan.currentIndex,
      let park = plan.tasks[index].park
    else { return nil }
    return Failure(
      task: plan.tasks[index].name,
      error: String("\(park.reason.rawValue): \(park.message)".prefix(ChildRecord.errorLimit)),
      at: park.since)
  }

  /// What the child counts as in that attempt at that revision.
  public func state(attempt: Int64, revision: Int64) -> ChildState {
    if isBlocked { return .failed }
    guard let turn else { return .pending }
    if turn.attempt == attempt {
      if let result = turn.result { return isLeaving && result == .complete ? .pending : result }
      return observed
    }
    return turn.revision == revision && turn.result == .complete && !isLeaving
      ? .complete : .pending
  }
}

extension RolloutSpec.Template {
  /// Whether the child's spec and labels are what the template makes of them. Whoever paused a child by
  /// hand decides when it goes on.
  public func fits(_ child: Resource) -> Bool {
    var present = child.spec.object ?? JSONObject()
    var wanted = spec.object ?? JSONObject()
    present["paused"] = nil
    wanted["paused"] = nil
    return present == wanted
      && labels.members.allSatisfy { label in
        child.metadata.labels.contains { $0.name == label.name && $0.value == label.value.string }
      }
  }
}
