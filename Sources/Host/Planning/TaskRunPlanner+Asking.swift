public import JSON
public import Model

/// What somebody may ask of a run that is there; pure, and judged on the reading that the answer's
/// compare-and-swap replaces.
extension TaskRunPlanner {
  /// What a request leads to.
  public enum Verdict: Sendable, Equatable {
    /// The object is changed so; store it.
    case change
    /// It is as asked already.
    case nothing
    /// - Parameter reason: CamelCase, stable.
    case refused(reason: String, message: String)
  }

  /// Asks for the run's end and for being undone.
  public static func cancel(_ resource: inout Resource) -> Verdict {
    if let revert = resource.status.revert {
      return revert.state == .refused
        ? .refused(reason: "PointOfNoReturn", message: revert.message) : .nothing
    }
    let plan = resource.status.plan ?? resource.status.forward
    if let point = plan?.pointOfNoReturn {
      return .refused(reason: "PointOfNoReturn", message: pastPointOfNoReturn(point))
    }
    let run = (try? resource.status.taskRun()) ?? nil
    if let run, run.state.isEnded, plan?.admittedAt == nil, resource.status.plan == nil {
      return .refused(
        reason: "NothingDone", message: "it is \(run.state.rawValue), and changed nothing")
    }
    let asked = (try? TaskRun(spec: JSONReader(resource.spec)))?.run ?? 1
    let planID = plan?.id ?? planID(of: resource, run: run?.run ?? asked)
    guard resource.metadata.cancelRequest != planID else { return .nothing }
    resource.metadata.annotations.removeAll { $0.name == ObjectMeta.cancelAnnotation }
    resource.metadata.annotations.append((ObjectMeta.cancelAnnotation, planID))
    return .change
  }

  /// Asks for the same work as the run that is there: joins it while it is live, else runs it again.
  public static func runAgain(_ resource: inout Resource, externalID: String) -> Verdict {
    let words = "\(resource.key) is \(resource.runWords)"
    guard resource.metadata.deletionTimestamp == nil else {
      return .refused(reason: "BeingDeleted", message: "\(words), and is being deleted")
    }
    guard let spec = try? TaskRun(spec: JSONReader(resource.spec)) else {
      return .refused(reason: "Unreadable", message: "\(resource.key) can't be read")
    }
    guard let run = (try? resource.status.taskRun()) ?? nil, resource.status.isOver(run),
      run.run >= spec.run
    else {
      if let run = (try? resource.status.taskRun()) ?? nil, run.state.isEnded {
        return .refused(
          reason: "RevertLive",
          message: "\(words); it can be run again when that is over "
            + "(mortise task get \(resource.metadata.name))")
      }
      if !externalID.isEmpty, externalID == spec.externalID { return .nothing }
      let holder =
        spec.externalID.isEmpty ? "without an external id" : "for \"\(spec.externalID)\""
      return .refused(
        reason: "RunLive",
        message: "\(words) \(holder); who gave that --external-id joins it, and nobody else "
          + "runs it before it is over")
    }
    guard var object = resource.spec.object else {
      return .refused(reason: "Unreadable", message: "\(resource.key) has no spec")
    }
    object["run"] = .integer(run.run + 1)
    object["externalId"] = externalID.isEmpty ? nil : .string(externalID)
    resource.spec = .object(object)
    resource.metadata.generation += 1
    return .change
  }

  /// Whether a manifest may change the run that is there; its work is fixed while it is live.
  ///
  /// - Returns: what is wrong, for a person; nil = it may.
  public static func problem(replacing present: Resource, with spec: JSONValue) -> String? {
    guard let old = try? TaskRun(spec: JSONReader(present.spec)),
      let new = try? TaskRun(spec: JSONReader(spec))
    else { return "it is no TaskRun" }
    var kept = new
    kept.ttlAfterFinished = old.ttlAfterFinished
    if kept == old { return nil }
    guard new.run > old.run else {
      return "what a run does is fixed; raise spec.run beyond \(old.run) to have another one, or "
        + "choose another name"
    }
    let run = (try? present.status.taskRun()) ?? nil
    return run.map(present.status.isOver) ?? false
      ? nil : "\(present.key) is \(present.runWords); it can be run again when that is over"
  }
}
