internal import JSON
internal import Model
internal import Rollout

/// Where a NodeDeployment's object keeps what its rollout knows.
extension Resource {
  /// What became of it so far; of one that has had no pass, nothing.
  ///
  /// - Throws: `MappingError` where the store holds something else.
  func rolloutStatus() throws(MappingError) -> RolloutStatus {
    guard let value = status.fields["rollout"] else { return RolloutStatus() }
    return try RolloutStatus(JSONReader(value, path: "status.rollout"))
  }

  /// What the rollout has come to, for its object's status: the one place that writes it.
  mutating func show(
    _ rollout: RolloutStatus, _ board: ChildBoard, heldBehind canary: Int?, at now: Timestamp
  ) {
    let tally = board.tally
    // A pass that came this far can be stored: what kept an earlier one from it is mended.
    if status.condition(ConditionType.plannable) != nil {
      status.setCondition(
        ConditionType.plannable, .isTrue, reason: "Planned", generation: metadata.generation,
        at: now)
    }
    status.fields["rollout"] = rollout.json
    status.fields["children"] = .object(
      JSONObject(
        [("desired", board.replicas)]
          .map { ($0.0, .integer(Int64($0.1))) }
          + ChildState.allCases.map { ($0.rawValue.lowercased(), .integer(Int64(tally[$0]))) }))
    status.fields["progress"] = .string("\(tally[.complete])/\(board.replicas)")
    // A place that somebody else has is known to the host that found it, and not to the next one.
    let hasFailed = rollout.attempt?.state == .failed
    let isDegraded = Projection(tally).isDegraded || hasFailed
    let trouble = board.trouble(of: metadata.name)
    status.setCondition(
      NodeDeployment.degraded, isDegraded ? .isTrue : .isFalse,
      reason: !isDegraded
        ? "AsExpected" : tally[.failed] > 0 || hasFailed ? "ChildFailed" : "OutcomeUnknown",
      message: trouble.isEmpty && hasFailed ? rollout.attempt?.detail ?? "" : trouble,
      generation: metadata.generation, at: now)
    let isHeldBack = canary != nil
    status.setCondition(
      ConditionType.paused, isPaused || isHeldBack ? .isTrue : .isFalse,
      reason: isPaused ? "PausedBySpec" : isHeldBack ? NodeDeployment.canaryReached : "NotPaused",
      message: canary.map {
        "the first \($0) had their turns, \(tally[.complete]) are complete; the others follow by "
          + "mortise rollout resume \(metadata.name)"
      } ?? "", generation: metadata.generation, at: now)
    guard let attempt = rollout.attempt else {
      status.phase = RolloutState.pending.rawValue
      status.fields["state"] = .string(isPaused ? "paused" : "pending")
      return
    }
    status.phase = attempt.state.rawValue
    var words = [attempt.state.rawValue.lowercased()]
    if isDegraded, attempt.state != .failed { words.append("degraded") }
    if isPaused || isHeldBack { words.append("paused") }
    status.fields["state"] = .string(words.joined(separator: ", "))
    if attempt.state == .complete { status.observedGeneration = metadata.generation }
  }
}

extension ChildBoard {
  /// What is wrong with which child, for people; empty = nothing.
  func trouble(of deployment: String) -> String {
    if let (ordinal, failure) = firstFailure {
      return sentence(ordinal, failure, of: deployment, count: tally[.failed], "that failed")
    }
    return firstUnknown.map { ordinal, doubt in
      sentence(
        ordinal, doubt, of: deployment, count: tally[.unknown], "of which nobody can tell")
    } ?? ""
  }

  private func sentence(
    _ ordinal: Int, _ trouble: ChildSeat.Failure, of deployment: String, count: Int,
    _ what: String
  ) -> String {
    let task = trouble.task.isEmpty ? "" : ", task \(trouble.task)"
    let child = NodeDeployment.childName(ordinal, of: deployment)
    let others = count == 1 ? "" : " (the first of \(count) \(what))"
    return "\(child)\(task): \(trouble.error)\(others)"
  }
}

extension ObjectMeta {
  /// Of a NodeDeployment: the ended attempt that another one is to follow.
  var retryRequest: Int64? { number(Self.retryAnnotation) }
  /// Of a NodeDeployment: the attempt whose children behind the canaries may go on.
  var promotionRequest: Int64? { number(Self.promotionAnnotation) }

  static let retryAnnotation = "mortise.dev/rollout-retry"
  static let promotionAnnotation = "mortise.dev/rollout-promote"

  private func number(_ annotation: String) -> Int64? {
    annotations.first { $0.name == annotation }.flatMap { Int64($0.value) }
  }

  mutating func annotate(_ name: String, _ value: String) {
    annotations.removeAll { $0.name == name }
    annotations.append((name, value))
  }

  /// The one owner that manages the object.
  var controller: OwnerReference? { ownerReferences.first { $0.controller } }
}
