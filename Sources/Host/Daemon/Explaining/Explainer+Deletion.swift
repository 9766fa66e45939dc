internal import Convergence
internal import JSON
internal import Model

/// What a resource that is on its way out waits for.
extension Explainer {
  var deleting: Explanation {
    let since = resource.metadata.deletionTimestamp
    if let blueprint = situation.blueprint, goesOnWhileDeleting {
      // Nothing is told to stop that undoes; a person's pause holds it all the same.
      var first = resource.isPaused ? paused : planned(by: blueprint)
      first.state = .deleting
      first.since = since
      first.summary = "it goes when it is over: \(first.summary)"
      return first
    }
    if let plan = status.plan, plan.phase == .active {
      let task = plan.currentIndex.map { plan.tasks[$0] }
      let asked = plan.cancelRequestedAt
      return answer(
        .deleting, "plan \(plan.name) is being cancelled before its intents go", since: since,
        waits: task.flatMap { task in asked.map { stopping(task, since: $0) } } ?? [])
    }
    let intents = situation.intents
    guard !intents.isEmpty else {
      return answer(.deleting, "all that it owned is gone; the object goes next", since: since)
    }
    let waits = intents.map { removal(of: $0, since: since) }
    let isStuck = intents.contains { $0.state == .removeFailed }
    let summary =
      intents.count == 1
      ? "1 intent is to be removed first" : "\(intents.count) intents are to be removed first"
    return answer(
      .deleting, summary, since: since, waits: waits,
      next: isStuck ? ["mortise delete \(arguments)"] : [])
  }

  private func removal(of intent: Intent, since: Timestamp?) -> Explanation.Waiting {
    if let reason = situation.subject(intent.key).unreachable {
      return .target(intent.key.target, "\(reason); \(intent.key) is to go", since: since)
    }
    let cause = intent.error.map { " (\($0.reason): \($0.message))" } ?? ""
    if intent.state == .removeFailed {
      return Explanation.Waiting(
        .person, subject: "\(intent.key)", message: "its removal was given up\(cause)",
        since: since, wakes: "deleting the resource again, once the cause is mended")
    }
    let what =
      intent.state == .deletePending
      ? "is being removed" : "is removed when those that need it are gone"
    return Explanation.Waiting(
      .removal, subject: "\(intent.key)", message: what + cause, since: since,
      until: intent.notBefore.flatMap { situation.now < $0 ? $0 : nil },
      wakes: "its driver's answer")
  }
}
