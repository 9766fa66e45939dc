internal import JSON
internal import Model
internal import Rollout

/// What somebody waits for.
enum Goal: Sendable, Equatable {
  /// The spec of that generation is carried out: its plan completed, or there is nothing to plan.
  case steady(generation: Int64)
  case phase(String)
  case condition(type: String, status: Condition.Status)
  case deleted
  /// Of a TaskRun: that run is complete, or over and not complete.
  case run(Int64)
  /// Of a TaskRun: it was undone.
  case reverted
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
    case .steady where resource.isTaskRun && resource.metadata.deletionTimestamp == nil:
      return end(of: resource.spec["run"]?.integer ?? 1, resource)
    case .steady(let generation): return steadiness(of: resource, generation)
    case .phase(let phase): return resource.status.phase == phase ? .met : .pending
    case .condition(let type, let status):
      return resource.status.condition(type)?.status == status ? .met : .pending
    case .deleted, .never: return .pending
    case .run(let run): return end(of: run, resource)
    case .reverted: return revert(of: resource)
    }
  }

  private func end(of wanted: Int64, _ resource: Resource) -> Verdict {
    guard let run = (try? resource.status.taskRun()) ?? nil, run.run >= wanted else {
      return .pending
    }
    guard run.run == wanted else { return .failed("run \(run.run) has taken its place") }
    if run.state == .complete, resource.status.revert == nil { return .met }
    guard resource.status.isOver(run) else { return .pending }
    let message = run.message.isEmpty ? "" : ": \(run.message)"
    return .failed("\(resource.runWords)\(message)")
  }

  private func revert(of resource: Resource) -> Verdict {
    guard let run = (try? resource.status.taskRun()) ?? nil, resource.status.isOver(run),
      let revert = resource.status.revert
    else { return .pending }
    return revert.state == .complete
      ? .met : .failed("its revert is \(revert.state.rawValue): \(revert.message)")
  }

  /// Of a rollout its own verdict counts: a failure that lets the others go on is waited out.
  private func rolloutVerdict(on resource: Resource, _ generation: Int64) -> Verdict {
    guard resource.metadata.generation >= generation else { return .pending }
    do throws(CommandFailure) {
      let reading = try RolloutReading(resource)
      guard let code = reading.verdict(isPatient: true) else { return .pending }
      return code == .ok ? .met : .failed(reading.explanation(code))
    } catch {
      return .failed(error.message)
    }
  }

  private func steadiness(of resource: Resource, _ generation: Int64) -> Verdict {
    let status = resource.status
    if resource.metadata.deletionTimestamp != nil { return .failed("it is being deleted") }
    if resource.kind == NodeDeployment.kind { return rolloutVerdict(on: resource, generation) }
    if resource.isPaused {
      return .failed("it is paused; see: mortise resume \(resource.reference.arguments)")
    }
    // What its last plan did is being undone: the planner says what comes of it.
    if let revert = status.revert, !revert.state.isEnded { return .pending }
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
