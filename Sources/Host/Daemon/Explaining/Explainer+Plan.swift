internal import Convergence
internal import Execution
internal import JSON
internal import Model

/// What the current task of an Active plan waits for.
extension Explainer {
  func active(_ plan: Plan) -> Explanation {
    guard let index = plan.currentIndex else {
      preconditionFailure("an Active plan has a task that is not complete")
    }
    let task = plan.tasks[index]
    if let asked = plan.cancelRequestedAt {
      return answer(
        .running, "plan \(plan.name) is being cancelled", since: asked,
        waits: stopping(task, since: asked))
    }
    if Reconciler.isToStop(resource) {
      let asker = resource.metadata.replanRequest == plan.id ? "replan" : "cancel"
      return answer(
        .running, "plan \(plan.name) is about to be cancelled, as \(asker) asked",
        since: plan.startedAt)
    }
    let place = "task \(task.name) (\(index + 1) of \(plan.tasks.count) of plan \(plan.name))"
    let (waits, next) = waits(of: task)
    let since = waits.compactMap(\.since).min() ?? task.submittedAt ?? plan.startedAt
    guard let first = waits.first else {
      return answer(.running, "\(place) is about to be carried out", since: since)
    }
    if first.cause == .task {
      return answer(
        .running, "\(place) is carried out by \(first.holder)", since: since, waits: waits,
        next: next)
    }
    return answer(
      .waiting, "\(place) waits: \(first.sentence)", since: since, waits: waits, next: next)
  }

  /// The end of a task that was told to stop: when Cancel is sent again, and when it is given up.
  func stopping(_ task: PlannedTask, since asked: Timestamp) -> [Explanation.Waiting] {
    guard task.isInPlugin else { return [] }
    let end = asked + PlanExecutor.cancelGrace
    var message = "its plugin was told to stop it"
    if let moment = task.nextAttemptAt, situation.now < moment, moment < end {
      message +=
        task.outcomeUnknown
        ? ", and is asked at \(moment) what became of it" : ", and is told again at \(moment)"
    }
    return [
      Explanation.Waiting(
        .task, subject: "task \(task.name)",
        message: "\(message); abandoned if it goes on until \(end)", holder: task.plugin,
        since: asked, until: end, wakes: "the task's end, or the end of its grace")
    ]
  }

  private func waits(of task: PlannedTask) -> ([Explanation.Waiting], next: [String]) {
    if let park = task.park { return parked(task, park) }
    if let moment = task.nextAttemptAt, situation.now < moment {
      return ([delay(of: task, until: moment)], ["mortise describe \(arguments)"])
    }
    switch task.state {
    case .waiting:
      return (gate(of: task), [])
    case .running:
      return ([inPlugin(task)], ["mortise logs \(arguments) --task \(task.name)"])
    case .pending, .complete, .failed, .cancelled:
      if let absence = situation.absence(ofType: task.type) {
        return ([plugin(for: task, absence, since: nil)], ["mortise plugins"])
      }
      return (task.outcomeUnknown ? [inPlugin(task)] : [], [])
    }
  }

  private func parked(_ task: PlannedTask, _ park: Park) -> (
    [Explanation.Waiting], next: [String]
  ) {
    switch park.reason {
    case .pluginBusy:
      let waiting = Explanation.Waiting(
        .plugin, subject: task.type, message: park.message, holder: task.plugin, since: park.since,
        wakes: "the end of one of those that are under way")
      return ([waiting], ["mortise plugins"])
    case .pluginUnavailable:
      let absence = situation.absence(ofType: task.type) ?? park.message
      return ([plugin(for: task, absence, since: park.since)], ["mortise plugins"])
    case .targetUnreachable:
      let unreachable = gate(of: task).filter { $0.cause == .target }
      var waits = unreachable
      for index in waits.indices { waits[index].since = park.since }
      if waits.isEmpty {
        waits = [.target(status.plan?.target ?? "", park.message, since: park.since)]
      }
      return (waits, ["mortise plugins"])
    case .preconditionFailed:
      let waiting = Explanation.Waiting(
        .precondition, subject: "task \(task.name)", message: park.message, holder: task.plugin,
        since: park.since, wakes: "a change of the resource, its intents or its plugin")
      return ([waiting], ["mortise logs \(arguments) --task \(task.name)"])
    case .keyHeld:
      return held(task, park)
    case .operatorHold:
      let waiting = Explanation.Waiting(
        .person, subject: "task \(task.name)", message: park.message, holder: task.plugin,
        since: park.since, wakes: "an operator, who lets it go on")
      return ([waiting], ["mortise holds"])
    case .outcomeUnknown:
      let waiting = Explanation.Waiting(
        .person, subject: "task \(task.name)", message: park.message, holder: task.plugin,
        since: park.since,
        wakes: "a person, who looks whether it was done and then plans anew")
      return (
        [waiting],
        ["mortise logs \(arguments) --task \(task.name)", "mortise replan \(arguments)"]
      )
    }
  }

  /// By the claims as they stand: who held the key as the task was parked may have let go of it.
  private func held(_ task: PlannedTask, _ park: Park) -> (
    [Explanation.Waiting], next: [String]
  ) {
    let wakes = "the key's holder letting go of it"
    let waits = situation.claims.map { claim in
      Explanation.Waiting(
        .claim, subject: "key \(claim.key)",
        message: "is held by \(claim.holder.resource.arguments) since \(claim.since)",
        holder: claim.holder.resource.arguments, since: park.since, wakes: wakes)
    }
    guard let first = waits.first else {
      return (
        [
          Explanation.Waiting(
            .claim, subject: "task \(task.name)", message: park.message, since: park.since,
            wakes: wakes)
        ], ["mortise get claims"]
      )
    }
    return (waits, ["mortise why \(first.holder)", "mortise get claims"])
  }

  private func plugin(for task: PlannedTask, _ absence: String, since: Timestamp?)
    -> Explanation.Waiting
  {
    Explanation.Waiting(
      .plugin, subject: task.type, message: absence, holder: task.plugin, since: since,
      wakes: "a plugin becoming ready that serves \(task.type)")
  }

  private func delay(of task: PlannedTask, until moment: Timestamp) -> Explanation.Waiting {
    let cause = task.error.map { "\($0.reason): \($0.message)" } ?? ""
    let what =
      task.outcomeUnknown
      ? "its outcome is unknown, and its plugin is asked again"
      : task.refusals > 0
        ? "delivery \(task.refusals) was not accepted"
        : "attempt \(task.attempt - 1) failed, \(task.retriesLeft) retries left after the next"
    return Explanation.Waiting(
      .backoff, subject: "task \(task.name)",
      message: cause.isEmpty ? what : "\(what) (\(cause))", holder: task.plugin, until: moment,
      wakes: "the end of the back-off")
  }

  private func inPlugin(_ task: PlannedTask) -> Explanation.Waiting {
    var message = task.outcomeUnknown ? "its plugin is asked what became of it" : "runs"
    if let progress = task.progress {
      let percent = progress.percent > 0 ? "\(progress.percent) %" : ""
      let words = [percent, progress.message].filter { !$0.isEmpty }.joined(separator: " ")
      if !words.isEmpty { message += ": \(words)" }
    }
    return Explanation.Waiting(
      .task, subject: "task \(task.name)", message: message, holder: task.plugin,
      since: task.submittedAt, until: task.deadline,
      wakes: "news from the plugin, or the task's deadline")
  }

  /// Every clause that does not hold, as of now.
  private func gate(of task: PlannedTask) -> [Explanation.Waiting] {
    guard let wait = task.wait else { return [] }
    var waits: [Explanation.Waiting] = []
    var seen: Set<String> = []
    for target in wait.wish.gate.clauses.map(\.intent.target) where seen.insert(target).inserted {
      let key = wait.wish.gate.clauses.first { $0.intent.target == target }?.intent
      guard let reason = key.flatMap({ situation.subject($0).unreachable }) else { continue }
      waits.append(.target(target, reason))
    }
    for unmet in GateEvaluation(of: wait.wish.gate, subject: situation.subject).unmet {
      let intent = situation.subject(unmet.clause.intent).intent
      waits.append(
        Explanation.Waiting(
          .gate, subject: "\(unmet.clause.intent)", message: unmet.message,
          observed: unmet.observed, since: wait.since,
          until: intent?.notBefore.flatMap { situation.now < $0 ? $0 : nil },
          wakes: "a change of \(unmet.clause.intent)"))
    }
    return waits
  }
}

extension Explanation.Waiting {
  /// As a part of the summary; gates' and plugins' messages name their subject themselves.
  fileprivate var sentence: String {
    switch cause {
    case .gate, .plugin: message
    case .target: "target \(subject) \(message)"
    case .claim where subject.hasPrefix("key "): "\(subject) \(message)"
    case .task, .precondition, .backoff, .hold, .claim, .child, .removal, .person: message
    }
  }
}
