internal import JSON
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

    public init(intent: Intent?, isFresh: Bool, unreachable: String?) {
      self.intent = intent
      self.isFresh = isFresh
      self.unreachable = unreachable
    }
  }

  /// - Invariant: `met` rests on fresh subjects only (guarded by `GateEvaluationTests`).
  public init(of gate: Gate, subject: (IntentKey) -> Subject) {
    verdict = .met
    stale = []
    for clause in gate.clauses {
      let found = subject(clause.intent)
      if let error = Self.failure(clause, found.intent) {
        verdict = .failed(error)
        stale = []
        return
      }
      if let reason = found.unreachable {
        verdict = .unreachable("\(clause.intent.target): \(reason)")
        continue
      }
      guard let unmet = Self.unmet(clause, found) else { continue }
      if !found.isFresh, found.intent?.state == .committed { stale.append(clause.intent) }
      if verdict == .met { verdict = .unmet(unmet) }
    }
  }

  private static func failure(_ clause: GateClause, _ intent: Intent?) -> TaskError? {
    guard let intent, intent.isGivenUp else { return nil }
    if clause.test == .absent, intent.state != .removeFailed { return nil }
    let error = intent.error ?? TaskError(reason: "IntentGivenUp", message: "")
    return TaskError(reason: error.reason, message: "\(clause.intent): \(error.message)")
  }

  /// Why the clause does not hold; nil = it holds.
  private static func unmet(_ clause: GateClause, _ found: Subject) -> String? {
    guard clause.test != .absent else {
      return found.intent == nil ? nil : "\(clause.intent) is still there"
    }
    guard let intent = found.intent else { return "\(clause.intent) is not there" }
    guard intent.state == .committed else {
      let cause = intent.error.map { " (\($0.reason): \($0.message))" } ?? ""
      return "\(clause.intent) is \(intent.state.rawValue)\(cause)"
    }
    guard found.isFresh else { return "\(clause.intent) is being verified" }
    guard clause.test != .committed else { return nil }
    let observed = intent.observed.value(at: clause.path) ?? .null
    let holds =
      switch clause.test {
      case .equals: observed == clause.value
      case .atLeast:
        if let observed = observed.double, let least = clause.value.double {
          observed >= least
        } else {
          false
        }
      case .committed, .absent: true
      }
    if holds { return nil }
    let relation = clause.test == .equals ? "wants" : "wants at least"
    return "\(clause.path) of \(clause.intent) is \(observed), \(relation) \(clause.value)"
  }
}
