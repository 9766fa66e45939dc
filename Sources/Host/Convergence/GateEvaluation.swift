public import JSON
public import Model

/// What a gate's evaluation found, and which intents have to be looked at before it can say more.
public struct GateEvaluation: Sendable, Equatable {
  public var verdict: GateVerdict
  /// Not verified since the gate was registered: verify, and evaluate again.
  public var stale: [IntentKey]

  /// One intent of a gate, as the host has it now.
  public struct Subject: Sendable {
    public var intent: Intent?
    /// Verified since the gate was registered, and nothing has said that it changed.
    public var isFresh: Bool
    /// Why its target can't be reached; nil = it can.
    public var unreachable: String?
    /// Its target is gone for good: nothing will ever be true there.
    public var isTargetGone: Bool

    public init(
      intent: Intent?, isFresh: Bool, unreachable: String?, isTargetGone: Bool = false
    ) {
      self.intent = intent
      self.isFresh = isFresh
      self.unreachable = unreachable
      self.isTargetGone = isTargetGone
    }
  }

  /// A clause that does not hold, and why.
  public struct Unmet: Sendable, Equatable {
    public var clause: GateClause
    public var message: String
    /// At the clause's path; null where it is about the intent, or nothing was seen.
    public var observed: JSONValue
    /// False while work or a verification is under way that will tell more by itself.
    public var isSettled: Bool
  }

  /// Every clause that does not hold on a target that can be reached, in their order.
  public private(set) var unmet: [Unmet]

  /// - Invariant: `met` rests on fresh subjects only (guarded by `GateEvaluationTests`).
  public init(of gate: Gate, subject: (IntentKey) -> Subject) {
    verdict = .met
    stale = []
    unmet = []
    var unreachable: String?
    for clause in gate.clauses {
      var found = subject(clause.intent)
      // A tombstone is there for plans alone.
      if found.intent?.state == .removed { found.intent = nil }
      if found.isTargetGone, clause.test.acceptsAbsence { continue }
      if let error = Self.failure(clause, found) {
        verdict = .failed(error)
        stale = []
        return
      }
      if let reason = found.unreachable {
        unreachable = "\(clause.intent.target): \(reason)"
        continue
      }
      guard let failing = Self.unmet(clause, found) else { continue }
      unmet.append(failing)
      if !found.isFresh, found.intent?.state == .committed { stale.append(clause.intent) }
    }
    if let unreachable {
      verdict = .unreachable(unreachable)
    } else if let settled = unmet.first(where: \.isSettled) {
      verdict = .unmet(settled.message)
    } else if !unmet.isEmpty {
      verdict = .unsettled
    }
  }

  private static func failure(_ clause: GateClause, _ found: Subject) -> TaskError? {
    if found.isTargetGone {
      return TaskError(
        reason: "TargetGone", message: "\(clause.intent): its target is gone for good")
    }
    guard let intent = found.intent, intent.isGivenUp else { return nil }
    if clause.test == .absent, intent.state != .removeFailed { return nil }
    let error = intent.error ?? TaskError(reason: "IntentGivenUp", message: "")
    return TaskError(reason: error.reason, message: "\(clause.intent): \(error.message)")
  }

  /// Why the clause does not hold; nil = it holds.
  private static func unmet(_ clause: GateClause, _ found: Subject) -> Unmet? {
    func unmet(_ message: String, observed: JSONValue = .null, isSettled: Bool = true) -> Unmet {
      Unmet(clause: clause, message: message, observed: observed, isSettled: isSettled)
    }
    guard let intent = found.intent else {
      return clause.test.acceptsAbsence ? nil : unmet("\(clause.intent) is not there")
    }
    let cause = intent.error.map { " (\($0.reason): \($0.message))" } ?? ""
    if clause.test == .absent || (clause.test == .settled && intent.state == .deletePending) {
      let isGoing = intent.state == .deletePending && intent.error == nil
      return unmet("\(clause.intent) is still there\(cause)", isSettled: !isGoing)
    }
    guard intent.state == .committed else {
      // What was written a moment ago is being worked on; an error is news.
      return unmet(
        "\(clause.intent) is \(intent.state.rawValue)\(cause)", isSettled: intent.error != nil)
    }
    guard found.isFresh else {
      return unmet("\(clause.intent) is being verified", isSettled: false)
    }
    if clause.test == .committed || clause.test == .settled { return nil }
    let observed = intent.observed.value(at: clause.path) ?? .null
    if clause.holds(of: observed) { return nil }
    let relation = clause.test == .equals ? "wants" : "wants at least"
    return unmet(
      "\(clause.path) of \(clause.intent) is \(observed), \(relation) \(clause.value)",
      observed: observed)
  }
}

extension GateClause.Test {
  fileprivate var acceptsAbsence: Bool { self == .absent || self == .settled }
}

extension GateClause {
  /// Of the two tests that are about what is observed.
  fileprivate func holds(of observed: JSONValue) -> Bool {
    switch test {
    case .equals:
      return observed == value
    case .atLeast:
      guard let observed = observed.double, let least = value.double else { return false }
      return observed >= least
    case .committed, .absent, .settled:
      preconditionFailure("what is observed does not matter to \(test.rawValue)")
    }
  }
}
