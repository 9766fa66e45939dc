internal import JSON
public import Model

/// The plan that undoes another one, task by task from its last to its first; pure.
///
/// What was done through intents the host undoes by their touches; what a plugin did outside, the
/// plugin undoes where its type offers Revert. The rest is left as it is, and named.
public struct RevertPlan: Sendable {
  /// Nil = there is nothing that could be undone.
  public var plan: Plan?
  /// Tasks that may have had an effect and can't be undone, by name, the last first.
  public var skipped: [String]

  /// Its name, in history and for people.
  public static let name = "revert"

  /// - Parameter condition: that the revert keeps; nil = none.
  public init(of forward: Plan, at now: Timestamp) {
    precondition(forward.reverts == nil, "a revert is never reverted")
    skipped = []
    let id = Self.id(undoing: forward)
    var tasks: [PlannedTask] = []
    let earlier = forward.continues?.taskCount ?? 0
    for index in (0..<max(forward.begunCount, earlier)).reversed() {
      guard index < forward.tasks.count, forward.tasks[index].mayHaveHadEffect else {
        tasks.append(Self.task(undoingEarlierAt: index, planID: id))
        continue
      }
      let task = forward.tasks[index]
      if task.canRevert {
        tasks.append(Self.task(undoing: task, at: index, of: forward, planID: id))
      } else if !forward.restore.contains(where: { $0.type == task.type }) {
        skipped.append(task.name)
      }
    }
    if forward.begunCount > 0 || earlier > 0 { tasks += forward.restore }
    guard !tasks.isEmpty else {
      plan = nil
      return
    }
    var plan = Plan(
      id: id, name: Self.name, generation: forward.generation, target: forward.target,
      targetPhase: "", failedPhase: "", condition: nil, tasks: tasks, startedAt: now)
    plan.reverts = forward.changeSet
    plan.intents = forward.intents
    self.plan = plan
  }

  /// Of the plan that undoes another one.
  static func id(undoing forward: Plan) -> String {
    Digest.uuid5(space: forward.id, name: name)
  }

  /// What an earlier plan did that this one took over: its task is known by its place alone, and what it
  /// did through intents by their touches.
  private static func task(undoingEarlierAt index: Int, planID: String) -> PlannedTask {
    var undo = PlannedTask(
      id: Digest.uuid5(space: planID, name: "\(index)/"), name: "\(name)-\(index + 1)", type: name,
      params: .object(JSONObject()), timeout: TaskTemplate.defaultTimeout)
    undo.reverts = RevertedTask(index: index, means: .host)
    return undo
  }

  private static func task(
    undoing task: PlannedTask, at index: Int, of forward: Plan, planID: String
  ) -> PlannedTask {
    // Outputs of what comes before it are known by now, or it would not have begun.
    let params = try? Template.complete(task.params) { name in
      forward.tasks.first { $0.name == name && $0.state == .complete }?.outputs
    }
    var undo = PlannedTask(
      id: Digest.uuid5(space: planID, name: "\(index)/\(task.type)"),
      name: "\(Self.name)-\(task.name)", type: task.type, versionRange: task.versionRange,
      params: params.map(Template.literal) ?? task.params, maxRetries: maxRetries,
      timeout: task.timeout)
    undo.phase = task.phase
    undo.reverts = RevertedTask(index: index, means: task.revertMeans ?? .host)
    return undo
  }

  /// Of a task that undoes: a transient failure must not leave a thing half undone.
  private static let maxRetries: Int64 = 5
}

extension PlannedTask {
  /// Whether it was given to a plugin, so that something of it may be there.
  fileprivate var mayHaveHadEffect: Bool { submittedAt != nil || state != .pending }

  /// Whether somebody can undo it.
  fileprivate var canRevert: Bool {
    guard phase?.isRevertible ?? true else { return false }
    return revertMeans != .nobody
  }
}

extension Plan {
  /// How many tasks, counted from the first, may have had an effect.
  var begunCount: Int { tasks.lastIndex { $0.mayHaveHadEffect }.map { $0 + 1 } ?? 0 }

  /// The phase from which on nothing is reverted, once it is reached; nil = it is not, or there is none.
  ///
  /// - Invariant: stored before that phase is delivered (guarded by `PhasedPlanTests`).
  public var pointOfNoReturn: String? {
    guard admittedAt != nil,
      let point = tasks.firstIndex(where: { $0.phase?.isPointOfNoReturn ?? false }),
      currentIndex ?? tasks.endIndex >= point
    else { return nil }
    return tasks[point].name
  }

  /// Every exclusive key of its phases, each once, in the order in which they are taken.
  public var exclusiveKeys: [String] {
    Set(tasks.flatMap { $0.phase?.exclusiveKeys ?? [] }).sorted()
  }

  /// Every intent that its phases may add, each once.
  public var adds: [IntentKey] {
    var seen: Set<IntentKey> = []
    return tasks.flatMap { $0.phase?.adds ?? [] }.filter { seen.insert($0).inserted }
  }
}
