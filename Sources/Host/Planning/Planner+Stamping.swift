internal import JSON
internal import Model

extension Planner {
  /// All parts of the trigger that are given hold.
  func applies(_ trigger: PlanTrigger, to resource: Resource) -> Bool {
    if !trigger.phases.isEmpty, !trigger.phases.contains(resource.status.phase) { return false }
    if !trigger.drift.isEmpty, !trigger.drift.contains(where: { hasDrift($0, resource) }) {
      return false
    }
    guard let match = trigger.condition else { return true }
    guard let condition = resource.status.condition(match.type), isFresh(match.type, resource)
    else { return false }
    return condition.status == match.status
      && (match.reason.isEmpty || condition.reason == match.reason)
  }

  /// Whether what the condition follows from was seen since the last plan ended; conditions that
  /// follow from no intent always are.
  private func isFresh(_ type: String, _ resource: Resource) -> Bool {
    guard let rule = blueprint.conditions.first(where: { $0.type == type }) else { return true }
    guard let source = try? intent(of: rule, resource) else { return false }
    return fresh.contains(source.key)
  }

  /// What was never observed can't have drifted.
  func hasDrift(_ pair: PlanTrigger.Drift, _ resource: Resource) -> Bool {
    let document = resource.document
    guard let observed = document.value(at: pair.observed), !observed.isNull else {
      return false
    }
    return document.value(at: pair.desired) ?? .null != observed
  }

  /// Puts an Active plan into status, with its phase and condition.
  func stamp(_ template: PlanTemplate, _ resource: inout Resource) throws(TemplateError) {
    let document = resource.document
    let tasks = try Self.tasks(template.tasks, document, planID: planID)
    guard !tasks.isEmpty else {
      throw TemplateError(path: "", message: "none of its tasks applies to this resource")
    }
    var plan = Plan(
      id: planID, name: template.name, generation: resource.metadata.generation,
      target: target(of: document), targetPhase: template.targetPhase,
      failedPhase: template.failedPhase, condition: template.condition, tasks: tasks,
      startedAt: now)
    plan.rollsBack = template.onFailure == .rollback
    let prior = takeOver(&plan, resource)
    plan.prior = prior
    var before = resource
    before.status.phase = prior.phase
    before.status.fields = prior.fields
    plan.restore = try Self.tasks(
      template.restore, before.document, planID: RevertPlan.id(undoing: plan), prefix: "restore/")
    resource.status.plan = plan
    resource.status.forward = nil
    if let revert = resource.status.revert,
      revert.generation != plan.generation || revert.barred.contains(plan.name)
    {
      resource.status.revert = nil
    }
    if !template.activePhase.isEmpty { resource.status.phase = template.activePhase }
    if let condition = template.condition {
      resource.status.setCondition(
        condition.type, .isTrue, reason: condition.started,
        generation: resource.metadata.generation, at: now)
    }
  }

  /// - Throws: `TemplateError` where a reference has no value.
  private static func tasks(
    _ templates: [TaskTemplate], _ document: JSONValue, planID: String, prefix: String = ""
  ) throws(TemplateError) -> [PlannedTask] {
    var tasks: [PlannedTask] = []
    for task in templates {
      if let path = task.whenPresent, document.value(at: path) ?? .null == .null { continue }
      let name = "\(prefix)\(tasks.count)/\(task.type)"
      tasks.append(
        PlannedTask(
          id: Digest.uuid5(space: planID, name: name), name: task.name, type: task.type,
          versionRange: task.versionRange,
          params: try Template.stamp(task.params, resource: document), outputPaths: task.outputs,
          maxRetries: task.maxRetries, timeout: task.timeout))
    }
    return tasks
  }

  /// What an earlier plan of the same name left half done becomes this one's to undo; answers how the
  /// status was before both.
  private func takeOver(_ plan: inout Plan, _ resource: Resource) -> PriorStatus {
    let present = PriorStatus(phase: resource.status.phase, fields: resource.status.fields)
    guard let earlier = resource.status.forward, earlier.name == plan.name else { return present }
    plan.intents = earlier.intents
    plan.continues = PlanContinuation(
      changeSet: earlier.changeSet,
      taskCount: max(earlier.begunCount, earlier.continues?.taskCount ?? 0))
    return earlier.prior ?? present
  }

  private func target(of document: JSONValue) -> String {
    blueprint.targetPath.flatMap { document.value(at: $0)?.string } ?? blueprint.target
  }
}
