internal import JSON
internal import Manifests
internal import Model
internal import Planning
internal import PluginProto

/// Says what applying manifests would lead to. Stores nothing and changes nothing.
struct Previewer: Sendable {
  let environment: EngineEnvironment
  let admission: Admission
  let book: IntentBook
  let tasks: any TaskRehearsal

  /// What would happen to each resource; with problems in any document nothing would be applied.
  func preview(_ manifests: [HostV1.Manifest]) async throws(StoreError) -> HostV1.PlanReply {
    let (candidates, problems) = try await admission.check(manifests)
    var reply = HostV1.PlanReply()
    reply.problems = problems.map(\.reply)
    guard problems.isEmpty else { return reply }
    let fresh = candidates.compactMap(\.blueprint)
    var preview = PlanPreview(resources: [])
    for candidate in candidates {
      preview.resources.append(try await self.preview(candidate, fresh))
    }
    reply.preview = preview.json.serialized()
    return reply
  }

  private func preview(_ candidate: Admission.Candidate, _ fresh: [Blueprint])
    async throws(StoreError) -> ResourcePreview
  {
    let (resource, action) = try await admission.outcome(of: candidate)
    var preview = ResourcePreview(
      resource: resource.key, action: action, because: "a blueprint changes what is planned later")
    guard candidate.blueprint == nil else { return preview }
    let kind = resource.kind
    guard
      let blueprint = fresh.first(where: { $0.resourceKind == kind })
        ?? admission.catalog.blueprint(ofKind: kind)
    else { preconditionFailure("admission lets no kind in that no blueprint teaches") }
    let intents = await book.owned(byUID: resource.metadata.uid)
    let planner = Planner(
      blueprint: blueprint, intents: intents, fresh: Set(intents.map(\.key)),
      now: environment.time.now(), planID: environment.ids.next())
    let (plan, because) = Self.plan(for: resource, planner)
    preview.because = because
    guard let plan else { return preview }
    preview.plan = plan.name
    preview.target = plan.target
    var rehearsal = PlanRehearsal(plan, of: resource, intents: intents, tasks: tasks)
    preview.tasks = await rehearsal.previews()
    return preview
  }

  /// The plan that would be in flight next, and why that one or none.
  ///
  /// - SeeAlso: `PreviewerTests`.
  static func plan(for resource: Resource, _ planner: Planner) -> (Plan?, because: String) {
    if resource.isPaused {
      return (nil, "it is paused: nothing is planned until it is resumed")
    }
    if let plan = resource.status.plan, plan.phase == .active {
      return (
        plan,
        "plan \(plan.name) is in flight and goes on as it is; what it leaves is planned after it "
          + "(mortise replan \(resource.key.arguments) ends it)"
      )
    }
    if let revert = resource.status.revert, !revert.state.isEnded {
      return (nil, "what its last plan did is being undone; what it leaves is planned after it")
    }
    var next = resource
    next.status.plan = nil
    next.status.forward = nil
    next.status.retry = nil
    switch planner.resolve(&next) {
    case .stamped:
      let template = planner.blueprint.plans.first { $0.name == next.status.plan?.name }
      var asked = resource
      if asked.status.phase.isEmpty { asked.status.phase = planner.blueprint.initialPhase }
      return (next.status.plan, template.map { planner.reason(for: $0, asked) } ?? "")
    case .steady:
      if let condition = next.status.condition(ConditionType.plannable),
        condition.status == .isFalse,
        planner.applicablePlan(for: next) != nil || planner.barredPlan(for: next) != nil
      {
        return (nil, "no plan can be made: \(condition.message)")
      }
      let obstacles = planner.obstacles(for: next)
      return (
        nil,
        "no plan applies" + (obstacles.isEmpty ? "" : " (\(obstacles.joined(separator: "; ")))")
      )
    case .paused, .advance, .cleared:
      preconditionFailure("it is not paused and has no plan")
    }
  }
}

extension HostService {
  /// Answers what would happen if the manifests were applied.
  func plan(_ request: HostV1.PlanRequest) async throws -> HostV1.PlanReply {
    try await refusing { () async throws(StoreError) in
      try await previewer.preview(request.manifests)
    }
  }
}
