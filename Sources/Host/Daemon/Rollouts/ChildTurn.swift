internal import JSON
internal import Model
internal import Rollout

/// What a child becomes when its turn begins: pure.
struct ChildTurn: Sendable {
  var deployment: Resource
  var template: RolloutSpec.Template
  var attempt: AttemptStatus
  var now: Timestamp

  /// A child that was not there.
  func fresh(named name: String, uid: String) -> Resource {
    var metadata = ObjectMeta(name: name, namespace: deployment.metadata.namespace, uid: uid)
    metadata.creationTimestamp = now
    metadata.finalizers = [Admission.finalizer]
    var child = Resource(
      apiVersion: APIVersion.current, kind: template.kind, metadata: metadata,
      spec: template.spec)
    own(&child)
    Self.mark(&child, by: template)
    child.metadata.childRecord = record(of: child, after: "")
    return child
  }

  /// Why the place can't be taken; nil = it can: the child is this deployment's, or was left by one of
  /// its name.
  func obstacle(in child: Resource) -> String? {
    if let owner = child.metadata.controller {
      return owner.uid == deployment.metadata.uid
        ? nil : "\(child.key) belongs to \(owner.kind) \(owner.name)"
    }
    let isOrphan = child.metadata.labels.contains {
      $0.name == NodeDeployment.label && $0.value == deployment.metadata.name
    }
    return isOrphan
      ? nil
      : "\(child.key) is there and nobody's; delete it, or have it adopted by the label "
        + "\(NodeDeployment.label)=\(deployment.metadata.name)"
  }

  /// Gives a child that is there its turn; false where it has it already, or is on its way out.
  func begin(_ child: inout Resource) -> Bool {
    guard child.metadata.deletionTimestamp == nil else { return false }
    if let record = child.metadata.childRecord, record.attempt == attempt.number,
      child.metadata.controller != nil, template.fits(child)
    {
      return false
    }
    own(&child)
    // A plan that has ended and stands there still is in the history by the next pass.
    let plan = child.status.plan
    let last = child.status.history.first
    let ended = plan?.phase.isTerminal == true ? plan?.id : last?.id
    let endedWell = (plan?.phase.isTerminal == true ? plan?.phase : last?.phase) == .complete
    if !template.fits(child) {
      Self.shape(&child, by: template)
      // A plan of the earlier spec would hold this one up, and might never end.
      if let plan, plan.phase == .active {
        child.metadata.annotate(ObjectMeta.replanAnnotation, plan.id)
      }
    }
    if plan?.phase != .active, !endedWell, let ended {
      // What failed or was cancelled before is tried at once.
      child.metadata.annotate(ObjectMeta.replanAnnotation, ended)
    }
    child.metadata.childRecord = record(of: child, after: ended ?? "")
    return true
  }

  /// Makes the child's spec and labels what the template makes of them.
  static func shape(_ child: inout Resource, by template: RolloutSpec.Template) {
    var spec = template.spec.object ?? JSONObject()
    spec["paused"] = child.spec["paused"]
    if child.spec != .object(spec) {
      child.spec = .object(spec)
      child.metadata.generation += 1
    }
    mark(&child, by: template)
  }

  private static func mark(_ child: inout Resource, by template: RolloutSpec.Template) {
    for (name, value) in template.labels.members {
      child.metadata.labels.removeAll { $0.name == name }
      child.metadata.labels.append((name, value.string ?? ""))
    }
    for (name, value) in template.annotations.members {
      child.metadata.annotate(name, value.string ?? "")
    }
  }

  private func own(_ child: inout Resource) {
    child.metadata.ownerReferences.removeAll { $0.controller }
    child.metadata.ownerReferences.append(
      OwnerReference(
        kind: deployment.kind, name: deployment.metadata.name, uid: deployment.metadata.uid,
        controller: true))
    child.metadata.labels.removeAll { $0.name == NodeDeployment.label }
    child.metadata.labels.append((NodeDeployment.label, deployment.metadata.name))
  }

  private func record(of child: Resource, after plan: String) -> ChildRecord {
    ChildRecord(
      attempt: attempt.number, revision: attempt.revision, onFailure: attempt.onFailure,
      generation: child.metadata.generation, after: plan, startedAt: now)
  }
}
