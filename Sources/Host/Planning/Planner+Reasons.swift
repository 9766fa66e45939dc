internal import JSON
public import Model

/// Why a plan applies or does not, in words for a person.
extension Planner {
  /// The plan that is stamped when nothing else is in the way; nil = none applies.
  public func applicablePlan(for resource: Resource) -> PlanTemplate? {
    blueprint.plans.first { applies($0.when, to: resource) && !isBarred($0, resource) }
  }

  /// What makes a plan that applies apply: "spec.image is "b", status.image is "a"".
  public func reason(for plan: PlanTemplate, _ resource: Resource) -> String {
    var parts: [String] = []
    if !plan.when.phases.isEmpty { parts.append("phase is \(resource.status.phase)") }
    for pair in plan.when.drift where hasDrift(pair, resource) {
      parts.append(described(pair, resource))
    }
    if let match = plan.when.condition, let condition = resource.status.condition(match.type) {
      parts.append("condition \(condition.summary)")
    }
    return parts.joined(separator: "; ")
  }

  /// What keeps each plan from applying, a part each: "update: nothing drifted".
  public func obstacles(for resource: Resource) -> [String] {
    blueprint.plans.compactMap { plan in
      obstacle(plan.when, resource).map { "\(plan.name): \($0)" }
    }
  }

  private func obstacle(_ trigger: PlanTrigger, _ resource: Resource) -> String? {
    if !trigger.phases.isEmpty, !trigger.phases.contains(resource.status.phase) {
      return "phase is \(resource.status.phase), wants \(trigger.phases.joined(separator: " or "))"
    }
    if !trigger.drift.isEmpty, !trigger.drift.contains(where: { hasDrift($0, resource) }) {
      return "nothing differs from what is observed"
    }
    guard let match = trigger.condition, !applies(trigger, to: resource) else { return nil }
    let wanted =
      "\(match.type) \(match.status.rawValue)"
      + (match.reason.isEmpty ? "" : " (\(match.reason))")
    guard let condition = resource.status.condition(match.type) else {
      return "wants condition \(wanted), which is not set"
    }
    return "condition \(condition.summary), wants \(wanted)"
  }

  private func described(_ pair: PlanTrigger.Drift, _ resource: Resource) -> String {
    let document = resource.document
    let desired = document.value(at: pair.desired) ?? .null
    let observed = document.value(at: pair.observed) ?? .null
    return "\(pair.desired) is \(desired), \(pair.observed) is \(observed)"
  }
}

extension Condition {
  /// "Ready is False (NotReady)".
  fileprivate var summary: String { "\(type) is \(status.rawValue) (\(reason))" }
}
