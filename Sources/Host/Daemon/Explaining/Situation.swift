internal import Convergence
internal import Model
internal import Planning
internal import PluginSupervision
internal import Rollout

/// All that an explanation follows from: one reading of what the host knows.
struct Situation: Sendable {
  var resource: Resource
  /// Nil = nothing teaches the kind.
  var blueprint: Blueprint?
  /// The resource's own, and those that its task's gate names, as they stand.
  var subjects: [IntentKey: GateEvaluation.Subject]
  var plugins: [PluginSnapshot]
  var now: Timestamp
  /// Exclusive keys of the plan in flight that others hold.
  var claims: [Claim] = []
  /// Of a rollout: all its children in brief; nil before its first pass.
  var board: ChildBoard?
  /// By ordinal, the children of whom more is to be said.
  var children: [Int: Situation] = [:]

  /// Children of one rollout that are explained one by one; of the others their number is told.
  static let childLimit = 4

  /// The children to be explained: those whose turns go on, or which are on their way out.
  static func shownChildren(of board: ChildBoard, isDeleting: Bool) -> [Int] {
    if isDeleting || board.hasSurplus { return board.nextSurplus(childLimit) }
    var shown: [Int] = []
    for ordinal in 0..<board.replicas where shown.count < childLimit {
      let isLeaving = board[ordinal]?.isLeaving ?? false
      if board.state(ordinal).isInFlight || isLeaving { shown.append(ordinal) }
    }
    return shown
  }

  var intents: [Intent] {
    subjects.values.compactMap(\.intent)
      .filter { $0.owner.uid == resource.metadata.uid }
      .sorted { ($0.key.kind, $0.key.key) < ($1.key.kind, $1.key.key) }
  }

  func subject(_ key: IntentKey) -> GateEvaluation.Subject {
    subjects[key] ?? GateEvaluation.Subject(intent: nil, isFresh: false, unreachable: nil)
  }

  /// The planner as it would look at the resource now, everything that it knows taken for fresh.
  func planner(_ blueprint: Blueprint) -> Planner {
    Planner(
      blueprint: blueprint, intents: intents, fresh: Set(intents.map(\.key)), now: now, planID: "")
  }

  /// What the installed plugins say of a task type; nil = none is ready, and `absence` says why.
  func absence(ofType type: String) -> String? {
    let offering = plugins.filter { $0.taskTypes.contains(type) }
    if offering.contains(where: { $0.phase == .ready }) { return nil }
    guard let plugin = offering.first else {
      let unknown = plugins.filter { $0.phase != .ready && $0.taskTypes.isEmpty }
      let hint =
        unknown.isEmpty
        ? "" : "; not ready and not known yet: " + unknown.map(state).joined(separator: ", ")
      return "no installed plugin serves \(type)\(hint)"
    }
    return "\(type) is served by \(state(of: plugin))"
  }

  private func state(of plugin: PluginSnapshot) -> String {
    "plugin \(plugin.name), which is \(plugin.phase.rawValue)"
      + (plugin.message.isEmpty ? "" : " (\(plugin.message))")
  }
}

extension ObjectKey {
  /// As the command line takes it: "volume/one -n other".
  var arguments: String {
    "\(kind.lowercased())/\(name)"
      + (namespace == Admission.defaultNamespace ? "" : " -n \(namespace)")
  }
}
