internal import JSON
public import Model

/// What the reconciler found out for the planner.
extension TaskRunPlanner {
  /// Phases that one task may have.
  public static let phaseLimit = 64

  /// Puts an Active plan over the phases into status; nothing of it is delivered before it is admitted.
  ///
  /// - Parameter means: who can undo what the type does.
  public func stamp(
    _ phases: [TaskPhase], revertedBy means: RevertMeans, _ resource: inout Resource
  ) throws(MappingError) {
    let spec = try TaskRun(spec: JSONReader(resource.spec, path: "spec"))
    var run = try resource.status.taskRun() ?? TaskRunStatus(run: spec.run)
    if let problem = Self.problem(with: phases) {
      return try fail(TaskError(reason: "InvalidPhases", message: problem), &resource)
    }
    let planID = Self.planID(of: resource, run: run.run)
    let tasks = phases.enumerated().map { index, phase in
      var task = PlannedTask(
        id: Digest.uuid5(space: planID, name: "\(index)/\(spec.type)/\(phase.name)"),
        name: phase.name.isEmpty ? spec.type : phase.name, type: spec.type,
        params: Template.literal(spec.params), maxRetries: spec.maxRetries, timeout: spec.timeout)
      task.phase = phase
      task.revertMeans = means
      return task
    }
    resource.status.plan = Plan(
      id: planID, name: "run-\(run.run)", generation: resource.metadata.generation,
      target: spec.target, targetPhase: "", failedPhase: "", condition: nil, tasks: tasks,
      startedAt: now)
    run.state = .running
    resource.status.setTaskRun(run)
    resource.status.setCondition(
      ConditionType.plannable, .isTrue, reason: "Planned",
      generation: resource.metadata.generation, at: now)
  }

  private static func problem(with phases: [TaskPhase]) -> String? {
    guard (1...phaseLimit).contains(phases.count) else {
      return "its plugin names \(phases.count) phases; 1 to \(phaseLimit) are possible"
    }
    let names = phases.map(\.name)
    guard Set(names).count == names.count, phases.count == 1 || !names.contains("") else {
      return "its plugin names phases \(names); each needs a name of its own"
    }
    return nil
  }

  /// It can't be planned at all: it has failed, and has changed nothing.
  public func fail(_ error: TaskError, _ resource: inout Resource) throws(MappingError) {
    let spec = try TaskRun(spec: JSONReader(resource.spec, path: "spec"))
    var run = try resource.status.taskRun() ?? TaskRunStatus(run: spec.run)
    run.state = .failed
    run.message = "\(error.reason): \(error.message)"
    run.finishedAt = now
    resource.status.setTaskRun(run)
  }

  /// It can't be planned now; whoever can change that wakes it.
  public func wait(_ reason: Park.Reason, _ message: String, _ resource: inout Resource) {
    resource.status.setCondition(
      ConditionType.plannable, .isFalse, reason: reason.rawValue, message: message,
      generation: resource.metadata.generation, at: now)
  }

  /// It has its keys, and there is room: from now on it may have effects.
  public func admitted(_ resource: inout Resource) {
    resource.status.plan?.admittedAt = now
    setPark(nil, &resource)
  }

  /// Somebody else has a key, or can't be asked; it waits without failing.
  public func blocked(_ reason: Park.Reason, _ message: String, _ resource: inout Resource) {
    setPark(Park(reason: reason, message: message, since: now), &resource)
  }

  private func setPark(_ park: Park?, _ resource: inout Resource) {
    guard let index = resource.status.plan?.currentIndex else { return }
    var park = park
    let earlier = resource.status.plan?.tasks[index].park
    if let earlier, earlier.reason == park?.reason { park?.since = earlier.since }
    resource.status.plan?.tasks[index].park = park
  }

  /// There is no room for it: its plan fails, with an empty change set.
  public func refuse(_ error: TaskError, _ resource: inout Resource) {
    resource.status.plan?.phase = .failed
    resource.status.plan?.endedAt = now
    resource.status.plan?.failedTaskDetail = "admission: \(error.reason): \(error.message)"
  }
}
