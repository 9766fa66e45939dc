internal import JSON
internal import Model
internal import Rollout

/// A rollout's children as the host has them in memory: read once, then kept up to date by a watch.
///
/// What is read of it for a while is copied out part by part: a copy of the whole would have the board's
/// next change copy the board.
struct FollowedRollout: Sendable {
  var identity: Identity
  var standards: Standards
  var board = ChildBoard()
  /// Ends with the rollout.
  var watch: Task<Void, Never>?
  /// The watch missed something: all of it is to be read anew.
  var isStale = false
  /// The newest change that was taken in. A child that is not on the board and was written before it
  /// is gone since, whatever its writer still believes.
  private(set) var seen: UInt64 = 0

  /// Whose children they are, and how they are called.
  struct Identity: Sendable {
    /// Of the deployment; one that was made again under the same name is another.
    let uid: String
    let deployment: ObjectKey
    let childKind: String

    var children: ObjectFilter { ObjectFilter(kind: childKind, owner: uid) }

    func key(_ ordinal: Int) -> ObjectKey {
      ObjectKey(
        kind: childKind, namespace: deployment.namespace,
        name: NodeDeployment.childName(ordinal, of: deployment.name))
    }
  }

  /// What children are judged by.
  struct Standards: Sendable {
    /// By revision, to see which children drifted.
    var templates: [Int64: RolloutSpec.Template]
    var rules: TurnRules

    init(_ spec: RolloutSpec, _ status: RolloutStatus) {
      templates = Dictionary(
        status.revisions.map { ($0.number, $0.template) }, uniquingKeysWith: { first, _ in first })
      rules = spec.rules
    }

    func seat(_ child: Resource, at now: Timestamp) -> ChildSeat {
      ChildSeat(
        child, template: child.metadata.childRecord.flatMap { templates[$0.revision] }, rules,
        at: now)
    }

    func outcome(_ child: Resource, _ record: ChildRecord, at now: Timestamp) -> ChildOutcome {
      ChildOutcome(of: child, record, rules, at: now)
    }
  }

  init(_ deployment: Resource, _ spec: RolloutSpec, _ status: RolloutStatus) {
    identity = Identity(
      uid: deployment.metadata.uid, deployment: deployment.key, childKind: spec.template.kind)
    standards = Standards(spec, status)
  }

  /// Takes in a child as this host has just written or read it, unless the watch was faster.
  mutating func take(_ child: Resource, _ ordinal: Int, at now: Timestamp) {
    let isNews = board[ordinal].map { $0.version <= child.version } ?? (child.version > seen)
    if isNews { board.set(ordinal, standards.seat(child, at: now)) }
  }

  /// Takes in a change of a child's object; one that is older than what is known changes nothing.
  mutating func take(_ stored: StoredObject, isGone: Bool, at now: Timestamp) {
    seen = max(seen, stored.version)
    let name = stored.key.name
    guard
      let ordinal = NodeDeployment.ordinal(ofChild: name, of: identity.deployment.name),
      board[ordinal].map({ $0.version <= stored.version }) ?? true
    else { return }
    if isGone { return board.set(ordinal, nil) }
    do {
      board.set(ordinal, standards.seat(try Resource(stored), at: now))
    } catch {
      board.set(ordinal, .blocked("\(stored.key) can't be read: \(error)", at: now))
    }
  }
}
