internal import JSON
internal import Model
internal import PluginProto
internal import Rollout
internal import TTRPC

/// What a person asks of a rollout. Each request names what it found, so that a repeated or late one
/// can't touch the next attempt.
extension HostService {
  func controlRollout(_ request: HostV1.ControlRolloutRequest) async throws
    -> HostV1.ResourceReply
  {
    var name = request.name ?? HostV1.ObjectName()
    if name.kind.isEmpty { name.kind = NodeDeployment.kind }
    let key = try key(name)
    guard key.kind == NodeDeployment.kind else {
      throw RPCError(
        .invalidArgument, reason: "NoRollout",
        message: "\(key) is no \(NodeDeployment.kind): it has no rollout")
    }
    return try await change(key) { resource throws(RPCError) in
      let status: RolloutStatus
      do throws(MappingError) {
        status = try resource.rolloutStatus()
      } catch {
        throw RPCError(.internal, reason: "Unreadable", message: "\(key): \(error)")
      }
      switch request.action {
      case .retry: return try retry(&resource, status)
      case .resume: return try resume(&resource, status)
      case .undo: return try undo(&resource, status, to: Int64(clamping: request.revision))
      default:
        throw RPCError(
          .invalidArgument, reason: "UnknownAction",
          message: "the action is none of retry, resume and undo")
      }
    }
  }

  /// Another attempt over the unfinished children; a second request for the same changes nothing.
  private func retry(_ resource: inout Resource, _ status: RolloutStatus) throws(RPCError) -> Bool {
    guard let attempt = status.attempt else {
      throw refused(resource, "no attempt has begun yet; it begins by itself, unless it is paused")
    }
    if hasBegun(attempt, byRetryOf: resource) { return false }
    guard attempt.state.isTerminal, attempt.state != .complete else {
      throw refused(
        resource,
        RevivalRefused(attempt: attempt.number, from: attempt.state, to: .running).description)
    }
    guard resource.metadata.retryRequest != attempt.number else { return false }
    resource.metadata.annotate(ObjectMeta.retryAnnotation, String(attempt.number))
    return true
  }

  /// Lifts what holds the rollout: a person's pause, the canaries, or the end that the policy pause made.
  private func resume(_ resource: inout Resource, _ status: RolloutStatus) throws(RPCError) -> Bool
  {
    var isChanged = false
    if resource.isPaused, var spec = resource.spec.object {
      spec["paused"] = nil
      resource.spec = .object(spec)
      resource.metadata.generation += 1
      isChanged = true
    }
    guard let attempt = status.attempt else { return isChanged }
    let paused = resource.status.condition(ConditionType.paused)
    if !attempt.state.isTerminal, paused?.status == .isTrue,
      paused?.reason == NodeDeployment.canaryReached
    {
      resource.metadata.annotate(ObjectMeta.promotionAnnotation, String(attempt.number))
      return true
    }
    if attempt.state == .failed, attempt.onFailure == .pause {
      if try retry(&resource, status) { isChanged = true }
      return isChanged
    }
    let isAskedAgain =
      hasBegun(attempt, byRetryOf: resource) && attempt.onFailure == .pause
      || !attempt.state.isTerminal && resource.metadata.promotionRequest == attempt.number
    guard isChanged || isAskedAgain else {
      throw refused(
        resource,
        attempt.state.isTerminal
          ? RevivalRefused(attempt: attempt.number, from: attempt.state, to: .running).description
          : "attempt \(attempt.number) is \(attempt.state.rawValue): nothing holds it")
    }
    return isChanged
  }

  /// Whether the attempt is what was asked for: whoever lost the answer asks again.
  private func hasBegun(_ attempt: AttemptStatus, byRetryOf resource: Resource) -> Bool {
    !attempt.state.isTerminal && resource.metadata.retryRequest == attempt.number - 1
  }

  /// The prior template, or that of a revision, is asked for again.
  private func undo(_ resource: inout Resource, _ status: RolloutStatus, to revision: Int64)
    throws(RPCError) -> Bool
  {
    let wanted =
      revision == 0
      ? status.revisions.dropFirst().first
      : status.revisions.first { $0.number == revision }
    guard let wanted else {
      let kept = status.revisions.map { String($0.number) }.joined(separator: ", ")
      throw refused(
        resource,
        revision == 0
          ? "there is no earlier revision to go back to"
          : "revision \(revision) is not kept; kept: \(kept)")
    }
    guard var spec = resource.spec.object else { return false }
    guard spec["template"] != wanted.template.json else { return false }
    spec["template"] = wanted.template.json
    resource.spec = .object(spec)
    resource.metadata.generation += 1
    return true
  }

  private func refused(_ resource: Resource, _ message: String) -> RPCError {
    RPCError(
      .failedPrecondition, reason: "RolloutRefused", message: "\(resource.key): \(message)")
  }
}
