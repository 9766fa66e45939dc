internal import Convergence
internal import JSON
internal import Model
internal import Planning
internal import Rollout

/// Says why a resource is where it is: a pure function of a situation.
///
/// The order of the questions is the order of a pass: deletion before pause, pause before
/// everything else, a plan before what may come after it.
struct Explainer: Sendable {
  let situation: Situation

  var resource: Resource { situation.resource }
  var status: ResourceStatus { resource.status }
  var arguments: String { resource.key.arguments }

  /// - SeeAlso: `ExplainerTests`, a row for each answer.
  static func explain(_ situation: Situation) -> Explanation {
    Explainer(situation: situation).explanation
  }

  private var explanation: Explanation {
    if resource.kind == NodeDeployment.kind { return rollout }
    if resource.metadata.deletionTimestamp != nil { return deleting }
    guard let blueprint = situation.blueprint else { return untaught }
    if resource.isPaused { return paused }
    return planned(by: blueprint)
  }

  func planned(by blueprint: Blueprint) -> Explanation {
    if let plan = status.plan { return plan.phase == .active ? active(plan) : ended(plan) }
    return resource.isTaskRun ? unplannedRun : unplanned(situation.planner(blueprint))
  }

  func answer(
    _ state: Explanation.State, _ summary: String, since: Timestamp? = nil,
    waits: [Explanation.Waiting] = [], failure: Explanation.Failure? = nil, next: [String] = []
  ) -> Explanation {
    Explanation(
      resource: resource.key, state: state, phase: status.phase, summary: summary, since: since,
      plan: status.plan?.name ?? "", waits: waits, failure: failure, nextSteps: next)
  }

  private var untaught: Explanation {
    answer(
      .stuck, "no blueprint teaches the kind \(resource.kind)",
      waits: [
        Explanation.Waiting(
          .person, subject: "Blueprint of \(resource.kind)", message: "it is not there",
          wakes: "applying it")
      ], next: ["mortise apply -f BLUEPRINT.yaml"])
  }

  var paused: Explanation {
    let condition = status.condition(ConditionType.paused)
    let since = condition?.status == .isTrue ? condition?.lastTransitionTime : nil
    return answer(
      .paused, "an operator paused it (spec.paused)", since: since,
      waits: [
        Explanation.Waiting(
          .hold, subject: "spec.paused", message: "is true, wants false", observed: true,
          since: since, wakes: "resuming it")
      ], next: ["mortise resume \(arguments)"])
  }

  /// Ended in the pass before; the next one clears it.
  private func ended(_ plan: Plan) -> Explanation {
    guard plan.phase == .failed else {
      return answer(
        .running, "plan \(plan.name) is \(plan.phase.rawValue) and about to be cleared",
        since: plan.endedAt)
    }
    return answer(
      .failed, "plan \(plan.name) failed", since: plan.endedAt, failure: failure(of: plan),
      next: ["mortise describe \(arguments)"])
  }

  func failure(of plan: Plan) -> Explanation.Failure {
    let task = plan.failedTaskIndex.map { plan.tasks[$0] }
    return Explanation.Failure(
      plan: plan.name, task: task?.name ?? "",
      error: task?.error ?? TaskError(reason: "PlanFailed", message: plan.failedTaskDetail),
      at: plan.endedAt)
  }

  /// No plan: steady, failed before, or something that keeps a plan from being made.
  private func unplanned(_ planner: Planner) -> Explanation {
    if let revert = status.revert, !revert.state.isEnded {
      return answer(
        .running, "what its last plan did is about to be undone", since: revert.startedAt)
    }
    let last = status.history.first
    if let retry = status.retry, retry.generation == resource.metadata.generation,
      let failed = last, failed.phase == .failed
    {
      return failedBefore(failed, retry, planner)
    }
    if let plan = planner.applicablePlan(for: resource) {
      if let condition = status.condition(ConditionType.plannable), condition.status == .isFalse,
        condition.observedGeneration == resource.metadata.generation
      {
        return unplannable(
          "plan \(plan.name)", "plan \(plan.name) can't be made", condition)
      }
      return answer(
        .running, "plan \(plan.name) is about to be made: \(planner.reason(for: plan, resource))")
    }
    if let (plan, _, message) = planner.barredPlan(for: resource) {
      return answer(
        .stuck, "plan \(plan.name) is not made again: \(message)", since: status.revert?.endedAt,
        waits: [
          Explanation.Waiting(
            .person, subject: "plan \(plan.name)", message: message, since: status.revert?.endedAt,
            wakes: "a change of the spec, or replan")
        ], next: ["mortise apply -f FILE", "mortise replan \(arguments)"])
    }
    let past = last.map { "; the last one, \($0.name), is \($0.phase.rawValue)" } ?? ""
    return answer(
      .steady, "no plan applies\(past)", since: last?.endedAt, waits: unseenIntents)
  }

  /// What is asked for can't be planned, and only a person can change that.
  func unplannable(_ subject: String, _ summary: String, _ condition: Condition) -> Explanation {
    if condition.reason == Planner.cancelledReason {
      return answer(
        .stuck, "its plan was cancelled, and no other is made", since: condition.lastTransitionTime,
        waits: [
          Explanation.Waiting(
            .person, subject: subject, message: condition.message,
            since: condition.lastTransitionTime, wakes: "a change of the spec, or replan")
        ], next: ["mortise replan \(arguments)", "mortise apply -f FILE"])
    }
    return answer(
      .stuck, "\(summary): \(condition.reason)", since: condition.lastTransitionTime,
      waits: [
        Explanation.Waiting(
          .person, subject: subject, message: condition.message,
          since: condition.lastTransitionTime, wakes: "a change of the spec or the blueprint")
      ], next: ["mortise get \(arguments) -o yaml", "mortise apply -f FILE"])
  }

  private func failedBefore(_ record: PlanRecord, _ retry: PlanRetry, _ planner: Planner)
    -> Explanation
  {
    let failure = Explanation.Failure(record)
    let times = retry.count == 1 ? "once" : "\(retry.count) times"
    let summary = "plan \(record.name) failed \(times)"
    guard situation.now < retry.notBefore || planner.applicablePlan(for: resource) != nil else {
      return answer(
        .failed, "\(summary), and no plan applies now", since: record.endedAt,
        waits: [
          Explanation.Waiting(
            .person, subject: "phase \(status.phase)",
            message: planner.obstacles(for: resource).joined(separator: "; "),
            since: record.endedAt, wakes: "a change of the spec or of what is observed")
        ], failure: failure,
        next: ["mortise describe \(arguments)", "mortise apply -f FILE"])
    }
    return answer(
      .failed, "\(summary) and is tried again", since: record.endedAt,
      waits: [
        Explanation.Waiting(
          .backoff, subject: "plan \(record.name)", message: "backs off after its failure",
          since: record.endedAt, until: retry.notBefore,
          wakes: "the end of the back-off, a change of the spec, or replan")
      ], failure: failure, next: ["mortise describe \(arguments)", "mortise replan \(arguments)"])
  }

  /// What a steady resource can't be seen through: its conditions are as good as what is observed.
  private var unseenIntents: [Explanation.Waiting] {
    var waits: [Explanation.Waiting] = []
    for intent in situation.intents {
      guard let reason = situation.subject(intent.key).unreachable else { continue }
      let waiting = Explanation.Waiting.target(intent.key.target, reason)
      if !waits.contains(where: { $0.subject == waiting.subject }) { waits.append(waiting) }
    }
    return waits
  }
}

extension Explanation.Failure {
  /// Of a plan that is history: its detail says "TASK: REASON: MESSAGE".
  init(_ record: PlanRecord) {
    let parts = record.detail.split(
      separator: ": ", maxSplits: 2, omittingEmptySubsequences: false
    ).map(String.init)
    let isWhole = parts.count == 3
    self.init(
      plan: record.name, task: isWhole ? parts[0] : "",
      error: TaskError(
        reason: isWhole ? parts[1] : "PlanFailed", message: isWhole ? parts[2] : record.detail),
      at: record.endedAt)
  }
}

extension TaskError {
  /// Of what was told in one line, "REASON: MESSAGE"; of other words all are the message.
  init(told text: String, otherwise reason: String) {
    let parts = text.split(separator: ": ", maxSplits: 1).map(String.init)
    let isWhole =
      parts.count == 2 && parts[0].first?.isUppercase ?? false && !parts[0].contains(" ")
    self.init(reason: isWhole ? parts[0] : reason, message: isWhole ? parts[1] : text)
  }
}

extension Explanation.Waiting {
  static func target(_ name: String, _ reason: String, since: Timestamp? = nil)
    -> Explanation.Waiting
  {
    Explanation.Waiting(
      .target, subject: name, message: "can't be reached: \(reason)", since: since,
      wakes: "its driver saying that it can be reached")
  }
}
