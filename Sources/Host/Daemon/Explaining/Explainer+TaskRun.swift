internal import JSON
internal import Model

/// Why a TaskRun without a plan in flight is where it is.
extension Explainer {
  var unplannedRun: Explanation {
    guard let run = (try? status.taskRun()) ?? nil else {
      return answer(.running, "it is about to be taken up")
    }
    if run.state == .pending {
      guard let condition = status.condition(ConditionType.plannable), condition.status == .isFalse
      else { return answer(.running, "its plugin is about to be asked for its phases") }
      return answer(
        .waiting, "its phases are not known: \(condition.message)",
        since: condition.lastTransitionTime,
        waits: [
          Explanation.Waiting(
            .plugin, subject: resource.spec["type"]?.string ?? "", message: condition.message,
            since: condition.lastTransitionTime, wakes: "a plugin becoming ready that serves it")
        ], next: ["mortise plugins"])
    }
    guard status.isOver(run) else {
      return answer(.running, "what it did is about to be undone", since: status.revert?.startedAt)
    }
    let summary = "run \(run.run) is \(resource.runWords)"
    let failed = status.revert?.state == .failed || status.revert?.state == .refused
    let error = [run.message, status.revert?.message ?? ""].first { !$0.isEmpty }
    guard run.state == .failed || failed, let error else {
      return answer(.steady, summary, since: run.finishedAt)
    }
    return answer(
      .failed, summary, since: run.finishedAt,
      failure: Explanation.Failure(
        plan: "run-\(run.run)", task: "", error: TaskError(reason: "RunFailed", message: error),
        at: run.finishedAt), next: ["mortise describe \(arguments)"])
  }
}
