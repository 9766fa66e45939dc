internal import JSON
internal import Model
internal import Rollout

/// Where a rollout is, and what it waits for.
extension Explainer {
  var rollout: Explanation {
    let name = resource.metadata.name
    let show = "mortise rollout status \(name)"
    if let since = resource.metadata.deletionTimestamp {
      return answer(
        .deleting, "its children go first, the last one first", since: since, next: [show])
    }
    guard let status = try? resource.rolloutStatus(), let attempt = status.attempt else {
      return resource.isPaused ? paused : answer(.running, "its first attempt is about to begin")
    }
    let what = "attempt \(attempt.number) of revision \(attempt.revision)"
    let progress = resource.status.fields["progress"]?.string ?? ""
    let trouble =
      resource.status.condition(NodeDeployment.degraded)
      .flatMap { $0.status == .isTrue ? ": \($0.message)" : nil } ?? ""
    switch attempt.state {
    case .complete:
      return answer(
        .steady, "\(what) is Complete\(trouble)", since: attempt.completedAt,
        next: trouble.isEmpty ? [] : [show])
    case .failed, .cancelled, .stopped, .reverted:
      let verb = attempt.state == .failed && attempt.onFailure == .pause ? "resume" : "retry"
      return answer(
        .failed, "\(what) is \(attempt.state.rawValue)\(trouble)", since: attempt.completedAt,
        waits: [
          person("attempt \(attempt.number)", "it has ended", "rollout \(verb), or another spec")
        ],
        next: [show, "mortise rollout \(verb) \(name)"]
          + (status.revisions.count > 1 ? ["mortise rollout undo \(name)"] : []))
    case .pending, .running:
      break
    }
    if resource.isPaused { return paused }
    if let hold = resource.status.condition(ConditionType.paused), hold.status == .isTrue {
      return answer(
        .paused, "\(what) waits behind its canaries", since: hold.lastTransitionTime,
        waits: [person("the canaries", hold.message, "rollout resume")],
        next: [show, "mortise rollout resume \(name)"])
    }
    let degraded = trouble.isEmpty ? "" : ", degraded"
    return answer(
      .running, "\(what) is \(attempt.state.rawValue)\(degraded), \(progress) complete\(trouble)",
      since: attempt.startedAt, next: [show])
  }

  private func person(_ subject: String, _ message: String, _ wakes: String)
    -> Explanation.Waiting
  {
    Explanation.Waiting(.person, subject: subject, message: message, wakes: wakes)
  }
}
