internal import Model

/// What somebody waits for.
enum Goal: Sendable, Equatable {
  /// The spec of that generation is carried out: its plan completed, or there is nothing to plan.
  case steady(generation: Int64)
  case phase(String)
  case condition(type: String, status: Condition.Status)
  case deleted
  /// Nothing: whoever watches ends it.
  case never
}

/// Whether what is waited for has come.
enum Verdict: Sendable, Equatable {
  case pending
  case met
  /// It won't come by itself; the text says why.
  case failed(String)
  case absent
}

extension Goal {
  /// What the present state of the object, nil where there is none, means for the goal.
  ///
  /// An object's absence fails all goals but `deleted`: what is made again later is another one.
  func verdict(on resource: Resource?) -> Verdict {
    guard let resource else { return self == .deleted ? .met : .absent }
    switch self {
    case .steady(let generation): return steadiness(of: resource, generation)
    case .phase(let phase): return resource.status.phase == phase ? .met : .pending
    case .condition(let type, let status):
      return resource.status.condition(type)?.status == status ? .met : .pending
    case .deleted, .never: return .pending
    }
  }

  private func steadiness(of resource: Resource, _ generation: Int64) -> Verdict {
    let status = resource.status
    if resource.metadata.deletionTimestamp != nil { return .failed("it is being deleted") }
    if resource.isPaused {
      return .failed("it is paused; see: mortise resume \(resource.reference.arguments)")
    }
    if let plan = status.plan {
      guard plan.generation >= generation else { return .pending }
      switch plan.phase {
      case .active, .cancelled: return .pending
      case .failed: return .failed("plan \(plan.name) failed: \(plan.failedTaskDetail)")
      case .complete:
        return plan.targetPhase.isEmpty || plan.targetPhase == status.phase ? .met : .pending
      }
    }
    if let retry = status.retry, retry.generation >= generation {
      let record = status.history.first { $0.phase == .failed }
      return .failed("plan \(record?.name ?? "") failed: \(record?.detail ?? "")")
    }
    if let plannable = status.condition(ConditionType.plannable), plannable.status == .isFalse,
      plannable.observedGeneration >= generation
    {
      return .failed("it can't be planned: \(plannable.message)")
    }
    return status.observedGeneration >= generation ? .met : .pending
  }
}
