internal import JSON
internal import Model
internal import Rollout

/// Where a rollout is, what it waits for, and what of it failed.
extension Explainer {
  var rollout: Explanation {
    if let since = resource.metadata.deletionTimestamp { return rolloutDeletion(since) }
    if let condition = status.condition(ConditionType.plannable), condition.status == .isFalse {
      return unplannable("the rollout", "the rollout can't go on", condition)
    }
    guard let rollout = try? resource.rolloutStatus(), let attempt = rollout.attempt else {
      return resource.isPaused ? paused : answer(.running, "its first attempt is about to begin")
    }
    let what = "attempt \(attempt.number) of revision \(attempt.revision)"
    switch attempt.state {
    case .complete:
      return answer(
        .steady, "\(what) is Complete", since: attempt.completedAt, waits: surplusWaits,
        failure: childFailure, next: childFailure == nil ? [] : [show])
    case .failed, .cancelled, .stopped, .reverted:
      return ended(what, attempt, canUndo: rollout.revisions.count > 1)
    case .pending, .running:
      return goingOn(what, attempt)
    }
  }

  private func ended(_ what: String, _ attempt: AttemptStatus, canUndo: Bool) -> Explanation {
    let verb = attempt.state == .failed && attempt.onFailure == .pause ? "resume" : "retry"
    // A place that somebody else has is known to the host that found it, and not to the next one.
    let told =
      attempt.detail.isEmpty
      ? nil
      : Explanation.Failure(
        plan: "attempt \(attempt.number)", task: "",
        error: TaskError(reason: "ChildFailed", message: attempt.detail), at: attempt.completedAt)
    return answer(
      .failed, "\(what) is \(attempt.state.rawValue), \(progress)", since: attempt.completedAt,
      waits: [
        person(
          "attempt \(attempt.number)", "it has ended", "rollout \(verb), or another spec",
          since: attempt.completedAt)
      ], failure: childFailure ?? told,
      next: causes + [show, command("rollout \(verb)")]
        + (canUndo ? [command("rollout undo")] : []))
  }

  private func goingOn(_ what: String, _ attempt: AttemptStatus) -> Explanation {
    if resource.isPaused { return paused }
    if let hold = status.condition(ConditionType.paused), hold.status == .isTrue {
      return answer(
        .paused, "\(what) waits behind its canaries", since: hold.lastTransitionTime,
        waits: [
          person("the canaries", hold.message, "rollout resume", since: hold.lastTransitionTime)
        ], failure: childFailure,
        next: [show, command("rollout resume")])
    }
    let degraded = status.condition(NodeDeployment.degraded)?.status == .isTrue
    let waits = surplusWaits + childWaits
    let inFlight = situation.board?.tally.inFlight ?? 0
    let state = attempt.state.rawValue + (degraded ? ", degraded" : "")
    return answer(
      .running,
      "\(what) is \(state), \(progress)" + (inFlight == 0 ? "" : ", \(inFlight) under way"),
      since: attempt.startedAt, waits: waits, failure: childFailure,
      next: (degraded ? causes : waits.prefix(1).map { "mortise why \($0.subject)" }) + [show])
  }

  private func rolloutDeletion(_ since: Timestamp) -> Explanation {
    let left = situation.board?.count ?? 0
    return answer(
      .deleting,
      left == 0
        ? "all its children are gone; the object goes next"
        : "its children go first, the last one first; \(left) are left",
      since: since, waits: surplusWaits, next: [show])
  }

  /// Children that are too many, or all of a deployment on its way out.
  private var surplusWaits: [Explanation.Waiting] {
    guard situation.board?.hasSurplus ?? false else { return [] }
    return shownChildren.map { _, child in
      Explanation.Waiting(
        .child, subject: child.resource.key.arguments,
        message: "is to go: \(Explainer.explain(child).summary)",
        since: child.resource.metadata.deletionTimestamp, wakes: "its removal")
    }
  }

  /// Children whose turns go on; the others wait for one of these.
  private var childWaits: [Explanation.Waiting] {
    guard var board = situation.board, !board.hasSurplus else { return [] }
    let next = board.nextRecheck()
    return shownChildren.map { ordinal, child in
      let record = child.resource.metadata.childRecord
      let end = board[ordinal]?.recheckAt
      return Explanation.Waiting(
        .child, subject: child.resource.key.arguments, message: lack(of: child),
        since: record?.startedAt, until: end.flatMap { situation.now < $0 ? $0 : next },
        wakes: "the end of its turn, or its progressDeadline")
    }
  }

  private var shownChildren: [(Int, Situation)] {
    situation.children.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// What a child whose turn goes on lacks.
  private func lack(of child: Situation) -> String {
    let explanation = Explainer.explain(child)
    guard explanation.state == .steady else { return explanation.summary }
    if let type = resource.spec["readyCondition"]?.string {
      let condition = child.resource.status.condition(type)
      if condition?.status != .isTrue {
        let cause = [condition?.reason ?? "", condition?.message ?? ""].filter { !$0.isEmpty }
        return "condition \(type) is \(condition?.status.rawValue ?? "not set"), wants True"
          + (cause.isEmpty ? "" : " (\(cause.joined(separator: ": ")))")
      }
    }
    return "is as it should be, and counts once it has been so for "
      + "\(resource.spec["minReadySeconds"]?.integer ?? 0) s"
  }

  /// The child that failed first, else one whose turn a person or the rollout ended.
  private var childFailure: Explanation.Failure? {
    guard let board = situation.board else { return nil }
    let ended = (0..<board.replicas).lazy.compactMap { ordinal in
      board.state(ordinal).isTerminal
        ? board[ordinal]?.failure.map { (ordinal: ordinal, failure: $0) } : nil
    }
    guard let (ordinal, failure) = board.firstFailure ?? ended.first else { return nil }
    return Explanation.Failure(
      child: childArguments(ordinal), plan: "", task: failure.task,
      error: TaskError(told: failure.error, otherwise: "Child\(board.state(ordinal).rawValue)"),
      at: failure.at)
  }

  private func childArguments(_ ordinal: Int) -> String {
    ObjectKey(
      kind: resource.spec["template"]?["kind"]?.string ?? "",
      namespace: resource.metadata.namespace,
      name: NodeDeployment.childName(ordinal, of: resource.metadata.name)
    ).arguments
  }

  /// The command that tells more of what failed.
  private var causes: [String] {
    childFailure.map { ["mortise why \($0.child)"] } ?? []
  }

  private var progress: String {
    "\(status.fields["progress"]?.string ?? "0/0") complete"
  }

  private var show: String { command("rollout status") }

  private func command(_ verb: String) -> String {
    let namespace = resource.metadata.namespace
    return "mortise \(verb) \(resource.metadata.name)"
      + (namespace == Admission.defaultNamespace ? "" : " -n \(namespace)")
  }

  private func person(
    _ subject: String, _ message: String, _ wakes: String, since: Timestamp?
  )
    -> Explanation.Waiting
  {
    Explanation.Waiting(
      .person, subject: subject, message: message, since: since, wakes: wakes)
  }
}
