internal import JSON
internal import Model
internal import Planning

/// Why a TaskRun without a plan in flight is where it is.
extension Explainer {
  /// Whether what a deletion does not stop is left to do: a revert, or what can't go back.
  var goesOnWhileDeleting: Bool {
    guard resource.isTaskRun else { return false }
    let isReverting = status.revert.map { !$0.state.isEnded } ?? false
    return isReverting || (status.plan?.phase == .active && !Reconciler.isToStop(resource))
  }

  var unplannedRun: Explanation {
    guard let run = (try? status.taskRun()) ?? nil else {
      return answer(.running, "it is about to be taken up")
    }
    if status.isOver(run) { return over(run) }
    let type = resource.spec["type"]?.string ?? ""
    if let condition = status.condition(ConditionType.plannable), condition.status == .isFalse {
      guard condition.reason == Park.Reason.pluginUnavailable.rawValue else {
        return unplannable("run \(run.run)", "run \(run.run) can't be planned", condition)
      }
      return answer(
        .waiting, "its phases are not known: \(condition.message)",
        since: condition.lastTransitionTime,
        waits: [
          Explanation.Waiting(
            .plugin, subject: type, message: situation.absence(ofType: type) ?? condition.message,
            since: condition.lastTransitionTime,
            wakes: "a plugin becoming ready that serves \(type)")
        ], next: ["mortise plugins"])
    }
    return run.state == .pending
      ? answer(.running, "its plugin is about to be asked for its phases")
      : answer(.running, "what it did is about to be undone", since: status.revert?.startedAt)
  }

  private func over(_ run: TaskRunStatus) -> Explanation {
    let summary = "run \(run.run) is \(resource.runWords)"
    let isStuck = status.revert?.state == .failed || status.revert?.state == .refused
    guard run.state == .failed || isStuck else {
      return answer(.steady, summary, since: run.finishedAt)
    }
    return answer(
      .failed, summary, since: run.finishedAt, failure: failure(of: run),
      next: ["mortise describe \(arguments)", "mortise events \(arguments)"])
  }

  /// What has to be put right: a failed revert comes before the failure that it was to undo.
  private func failure(of run: TaskRunStatus) -> Explanation.Failure {
    if let revert = status.revert, revert.state == .failed || revert.state == .refused {
      return Explanation.Failure(
        PlanRecord(
          id: "", name: RevertPlan.name, phase: .failed, generation: revert.generation,
          startedAt: revert.startedAt, endedAt: revert.endedAt ?? situation.now,
          detail: revert.message))
    }
    if let forward = status.forward {
      guard forward.failedTaskIndex == nil else { return failure(of: forward) }
      // Refused before its first task.
      return Explanation.Failure(
        PlanRecord(
          id: forward.id, name: forward.name, phase: .failed, generation: forward.generation,
          startedAt: forward.startedAt, endedAt: forward.endedAt ?? situation.now,
          detail: run.message))
    }
    return Explanation.Failure(
      plan: "run-\(run.run)", task: "",
      error: TaskError(told: run.message, otherwise: "RunFailed"), at: run.finishedAt)
  }
}
