internal import JSON
internal import Model
internal import Rollout

extension Resource {
  /// Of a NodeDeployment: "running, degraded"; nil of any other kind.
  var rolloutState: String? {
    kind == NodeDeployment.kind ? status.fields["state"]?.string : nil
  }
}

/// A NodeDeployment's object, read for a person: what its rollout has come to.
struct RolloutReading: Sendable {
  var resource: Resource
  var spec: RolloutSpec
  var status: RolloutStatus

  /// - Throws: exit code 1 where the host speaks of rollouts in another way than this program knows.
  init(_ resource: Resource) throws(CommandFailure) {
    self.resource = resource
    do throws(MappingError) {
      spec = try RolloutSpec(resource.spec)
      status =
        try resource.status.fields["rollout"].map { value throws(MappingError) in
          try RolloutStatus(JSONReader(value, path: "status.rollout"))
        } ?? RolloutStatus()
    } catch {
      throw CommandFailure(.failed, "mortise: \(resource.shortName): \(error)")
    }
  }

  /// "running, degraded".
  var state: String { resource.rolloutState ?? "pending" }
  /// "3/6".
  var progress: String { resource.status.fields["progress"]?.string ?? "0/\(spec.replicas)" }

  /// The attempt at what the spec asks for now; nil = it has not begun.
  var attempt: AttemptStatus? {
    guard let attempt = status.attempt, attempt.replicas == spec.replicas,
      status.template(attempt.revision) == spec.template, !isRetryDue(attempt)
    else { return nil }
    return attempt
  }

  private func isRetryDue(_ attempt: AttemptStatus) -> Bool {
    let asked = resource.metadata.annotations.first { $0.name == "mortise.dev/rollout-retry" }
    return attempt.state.isTerminal && asked?.value == String(attempt.number)
  }

  private func condition(_ type: String) -> Condition? {
    resource.status.condition(type).flatMap { $0.status == .isTrue ? $0 : nil }
  }

  /// Why nothing can be made of this spec; nil = something can.
  private var obstacle: Condition? {
    resource.status.condition(ConditionType.plannable).flatMap { plannable in
      plannable.status == .isFalse && plannable.observedGeneration >= resource.metadata.generation
        ? plannable : nil
    }
  }

  /// What is wrong, or what it waits for; empty = nothing.
  var trouble: String { condition(NodeDeployment.degraded)?.message ?? "" }

  /// Whether there is something that a person should see.
  var isDegraded: Bool { condition(NodeDeployment.degraded) != nil }
  /// Whether it waits for a person's resume.
  var isHeld: Bool { condition(ConditionType.paused) != nil }

  /// What a script branches on; nil while the attempt goes on as it should.
  ///
  /// - Parameter isPatient: whether a failure that lets the others go on is waited out.
  func verdict(isPatient: Bool) -> ExitCode? {
    if resource.metadata.deletionTimestamp != nil || obstacle != nil { return .failed }
    guard let attempt else {
      return resource.isPaused && isHeld ? .paused : nil
    }
    switch attempt.state {
    case .complete: return .ok
    case .failed, .cancelled, .stopped, .reverted: return .failed
    case .pending, .running: break
    }
    let children = resource.status.fields["children"]
    let inFlight = ["running", "unknown"].reduce(Int64(0)) { $0 + (children?[$1]?.integer ?? 0) }
    if !isPatient, isDegraded { return .degraded }
    return isHeld && inFlight == 0 ? .paused : nil
  }

  /// Why `verdict` is what it is, for people.
  func explanation(_ code: ExitCode) -> String {
    let name = resource.metadata.name
    switch code {
    case .degraded:
      return "\(resource.shortName) is \(state): \(trouble)\n"
        + "  the others go on; to the end: mortise rollout status \(name) --wait --settled"
    case .paused:
      // Of the canaries the host says what lets the others follow.
      let reason = condition(ConditionType.paused)?.message ?? ""
      return "\(resource.shortName) is paused"
        + (reason.isEmpty
          ? "\n  it goes on by: mortise rollout resume \(name)" : ": \(reason)")
    default:
      if resource.metadata.deletionTimestamp != nil { return "it is being deleted" }
      if let obstacle { return "\(resource.shortName) can't be rolled out: \(obstacle.message)" }
      let verb = attempt?.onFailure == .pause && attempt?.state == .failed ? "resume" : "retry"
      let detail = attempt?.detail ?? ""
      return "attempt \(attempt?.number ?? 0) of \(resource.shortName) is "
        + "\(attempt?.state.rawValue ?? "")\(detail.isEmpty ? "" : ": \(detail)")\n"
        + "  the unfinished again: mortise rollout \(verb) \(name)"
        + (status.revisions.count > 1 ? "; back: mortise rollout undo \(name)" : "")
    }
  }
}
