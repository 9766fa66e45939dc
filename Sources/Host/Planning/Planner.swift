internal import JSON
public import Model

/// Owns plans, drift and conditions: turns what was asked for and what is observed into the next plan.
///
/// Pure: the reconciler calls it once a pass with what it read, and flushes what it changed.
/// It never touches an Active plan: that is the executor's.
public struct Planner: Sendable {
  /// What the rest of the pass is about.
  public enum Outcome: Sendable, Equatable {
    /// `spec.paused`: nothing may happen.
    case paused
    /// There is an Active plan for the executor.
    case advance
    /// A plan was stamped: flush before any of its tasks runs.
    case stamped
    /// An ended plan was taken down; nothing is stamped in this pass, so every outcome is seen.
    case cleared
    /// Nothing to do before then; nil = until something changes.
    case steady(until: Timestamp?)
  }

  public var blueprint: Blueprint
  /// The resource's own intents, as stored last.
  public var intents: [Intent]
  /// Those among them that were verified since the last plan ended: a condition that follows from
  /// another one still tells of the time before, so no plan is made on it.
  public var fresh: Set<IntentKey>
  public var now: Timestamp
  /// Of a plan, should one be stamped.
  public var planID: String

  public init(
    blueprint: Blueprint, intents: [Intent], fresh: Set<IntentKey>, now: Timestamp, planID: String
  ) {
    self.blueprint = blueprint
    self.intents = intents
    self.fresh = fresh
    self.now = now
    self.planID = planID
  }

  /// Decides what this pass is about, and writes status accordingly.
  ///
  /// - Invariant: never stamps in the pass that clears, nor over an Active plan, nor while paused
  ///   (guarded by `PlannerTests`).
  public func resolve(_ resource: inout Resource) -> Outcome {
    let generation = resource.metadata.generation
    if resource.status.phase.isEmpty { resource.status.phase = blueprint.initialPhase }
    resource.status.setCondition(
      ConditionType.paused, resource.isPaused ? .isTrue : .isFalse,
      reason: resource.isPaused ? "PausedBySpec" : "NotPaused", generation: generation, at: now)
    if resource.isPaused { return .paused }
    updateObservedConditions(&resource)
    guard let plan = resource.status.plan else {
      requestUndo(&resource)
      return stampRevert(&resource) ?? stamp(&resource)
    }
    guard plan.phase.isTerminal else { return .advance }
    return plan.reverts == nil ? clear(plan, &resource) : clearRevert(plan, &resource)
  }

  /// Conditions that follow from observed fields; Unknown while unverified.
  private func updateObservedConditions(_ resource: inout Resource) {
    for rule in blueprint.conditions {
      let (status, reason, message) = evaluate(rule, resource)
      resource.status.setCondition(
        rule.type, status, reason: reason, message: message,
        generation: resource.metadata.generation, at: now)
    }
  }

  private func evaluate(_ rule: ConditionRule, _ resource: Resource) -> (
    Condition.Status, String, String
  ) {
    let source: Intent?
    do {
      source = try intent(of: rule, resource)
    } catch {
      return (.unknown, "UnresolvedReference", error.message)
    }
    guard let intent = source, intent.verifiedAt != nil else {
      return (.unknown, "Unverified", "its \(rule.intentKind) is not verified yet")
    }
    let observed = intent.observed.value(at: rule.path) ?? .null
    guard let value = rule.values.first(where: { $0.equals == observed }) else {
      return (.unknown, "Unverified", "\(rule.path) of \(intent.key) is \(observed)")
    }
    return (value.status, value.reason, "")
  }

  /// The intent that a condition follows from; nil while it is not there.
  func intent(of rule: ConditionRule, _ resource: Resource) throws(TemplateError) -> Intent? {
    let key = try Template.complete(
      Template.stamp(.string(rule.intentKey), resource: resource.document), outputs: { _ in nil }
    ).string
    return intents.first { $0.key.kind == rule.intentKind && $0.key.key == key }
  }

  private func clear(_ plan: Plan, _ resource: inout Resource) -> Outcome {
    if let condition = plan.condition {
      let reason =
        switch plan.phase {
        case .complete: condition.complete
        case .failed: condition.failed
        case .cancelled, .active: "Cancelled"
        }
      resource.status.setCondition(
        condition.type, .isFalse, reason: reason, message: plan.failedTaskDetail,
        generation: plan.generation, at: now)
    }
    resource.status.addToHistory(plan, at: now)
    resource.status.plan = nil
    // What stays half done can still be undone, and is taken over by the next plan of its name.
    resource.status.forward = plan.phase == .complete ? nil : plan
    if isToBeUndone(plan, resource) {
      beginUndo(of: plan, &resource)
      return .cleared
    }
    switch plan.phase {
    case .failed:
      // Of the plan's generation: a spec that changed while it ran has not failed yet.
      let retry = resource.status.retry
      let earlier = retry?.generation == plan.generation ? retry?.count ?? 0 : 0
      resource.status.retry = PlanRetry(
        generation: plan.generation, count: earlier + 1,
        notBefore: now + Backoff.plan.delay(failures: earlier + 1, seed: plan.id))
    case .complete:
      resource.status.retry = nil
    case .cancelled, .active:
      break
    }
    return .cleared
  }

  /// Of the condition Plannable, where a person ended the last plan and wants no other.
  public static let cancelledReason = "Cancelled"

  private func stamp(_ resource: inout Resource) -> Outcome {
    if let retry = resource.status.retry {
      let isWaived = resource.metadata.replanRequest == resource.status.history.first?.id
      if retry.generation != resource.metadata.generation || isWaived {
        resource.status.retry = nil
      } else if now < retry.notBefore {
        return .steady(until: retry.notBefore)
      }
    }
    guard let template = applicablePlan(for: resource) else {
      if let (_, reason, message) = barredPlan(for: resource) {
        resource.status.setCondition(
          ConditionType.plannable, .isFalse, reason: reason, message: message,
          generation: resource.metadata.generation, at: now)
        return .steady(until: nil)
      }
      resource.status.observedGeneration = resource.metadata.generation
      return .steady(until: nil)
    }
    do {
      try stamp(template, &resource)
    } catch {
      resource.status.setCondition(
        ConditionType.plannable, .isFalse, reason: "UnresolvedReference",
        message: "plan \(template.name), params\(error.path): \(error.message)",
        generation: resource.metadata.generation, at: now)
      return .steady(until: nil)
    }
    resource.status.setCondition(
      ConditionType.plannable, .isTrue, reason: "Planned",
      generation: resource.metadata.generation, at: now)
    return .stamped
  }
}

extension Resource {
  /// As references see it.
  var document: JSONValue {
    ["metadata": metadata.json, "spec": spec, "status": status.document]
  }
}
