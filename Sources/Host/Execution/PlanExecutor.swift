internal import JSON
public import Model

/// Drives an Active plan: a pure machine that mutates plan and task state in memory and nothing else.
///
/// The reconciler feeds it events, performs the one effect that each returns, and flushes the status
/// when the machine rests. Tasks run in order; the current one is the first that is not Complete.
///
/// - Invariant: Execute is never asked for a delivery that may have been made before unless Recover
///   said that it was not started, or the type is idempotent (guarded by `PlanExecutorTests` and,
///   under crashes, by `ExecutionPropertyTests`).
/// - Invariant: the phase of the resource changes with the plan's end, in the same status
///   (guarded by `PlanExecutorTests`).
public struct PlanExecutor: Sendable {
  public internal(set) var status: ResourceStatus
  /// A Wait came in this pass: it is flushed before its writes and before the step that follows it,
  /// so that a later step is never delivered while the stored one still looks undelivered. Or a phase
  /// was completed: that is flushed before the next one is delivered.
  var hasUnflushed = false
  /// Nil = whoever answers is recorded, and nothing is held.
  let outlook: TaskOutlook?
  /// Asked about by Recover though no delivery of it was ever stored.
  var firstAsked: Int?
  /// Recover has answered in this pass: a task past its deadline is not asked about a second time.
  private var hasRecovered = false

  /// `isCertain` = the stored status is known to be all that was delivered; false after a restart
  /// or a dropped pass. Then any task that it shows as not ended may have been delivered, later
  /// ones too, as tasks run on within a pass: each is recovered before it is executed.
  public init(status: ResourceStatus, isCertain: Bool, outlook: TaskOutlook? = nil) {
    precondition(status.plan?.phase == .active, "only an Active plan is executed")
    self.status = status
    self.outlook = outlook
    guard !isCertain else { return }
    for index in plan.tasks.indices where plan.tasks[index].state != .complete {
      // Nobody is given a task before he is durably named.
      if outlook != nil, plan.tasks[index].plugin.isEmpty { continue }
      change(index) { $0.outcomeUnknown = true }
    }
  }

  /// The plan that was given; it never goes away here.
  public var plan: Plan {
    guard let plan = status.plan else { preconditionFailure("the planner alone clears plans") }
    return plan
  }

  /// Takes what happened; says what is to be done next. Nothing changes a plan that has ended.
  public mutating func on(_ event: ExecutionEvent, at now: Timestamp) -> ExecutionEffect {
    guard plan.phase == .active else { return .rest(until: nil) }
    switch event {
    case .advance:
      break
    case .recovered(let answer):
      hasRecovered = true
      recovered(answer, at: now)
      if isParked, plan.cancelRequestedAt == nil { return .rest(until: nil) }
    case .answered(let answer, let provider):
      recordProvider(provider)
      apply(Disposition(of: answer), at: now)
      if isParked, plan.cancelRequestedAt == nil { return .rest(until: nil) }
    case .gate(let verdict):
      if let rest = gate(verdict, at: now) { return rest }
    case .updated(let taskID, let attempt, let step, let answer):
      updated(taskID, attempt, step, answer, at: now)
    case .cancelUndeliverable(let message):
      guard let index = plan.currentIndex, plan.tasks[index].isInPlugin else { break }
      return abandon(index, message, at: now)
    case .unstorable(let message):
      guard let index = plan.currentIndex else { break }
      return end(index, TaskError(reason: "StatusTooLarge", message: message), at: now)
    }
    return next(at: now)
  }

  mutating func change(_ index: Int, _ body: (inout PlannedTask) -> Void) {
    status.plan?.change(index, body)
  }

  /// The current task can't go on before something changes; a wake-up tries it again.
  private var isParked: Bool {
    guard plan.phase == .active, let index = plan.currentIndex else { return false }
    return plan.tasks[index].park != nil
  }

  private mutating func recordProvider(_ provider: TaskProvider?) {
    guard let provider, let index = plan.currentIndex else { return }
    change(index) { task in
      task.plugin = provider.plugin
      task.pluginDigest = provider.digest
    }
  }

  /// What the current task needs now.
  private mutating func next(at now: Timestamp) -> ExecutionEffect {
    guard plan.phase == .active, let index = plan.currentIndex else { return .rest(until: nil) }
    if let asked = plan.cancelRequestedAt { return stop(index, since: asked, at: now) }
    if hasUnflushed, plan.isPhased { return .rest(until: now) }
    if let rest = holdBack(index, at: now) { return rest }
    let task = plan.tasks[index]
    if let deadline = task.deadline, deadline <= now, task.park == nil {
      // It may have ended unseen while the host was away: what is unknown is not called failed.
      guard task.outcomeUnknown, task.state != .waiting, !hasRecovered else {
        return expire(index, at: now)
      }
      return deliver(index, at: now)
    }
    if let moment = task.nextAttemptAt, now < moment {
      return .rest(until: min(moment, task.deadline ?? moment))
    }
    if task.park?.reason == .outcomeUnknown { return .rest(until: nil) }
    switch task.state {
    case .waiting:
      return hasUnflushed ? .rest(until: now) : .converge(index)
    case .running where !task.outcomeUnknown:
      return .rest(until: task.deadline)
    case .running, .pending:
      return deliver(index, at: now)
    case .complete, .failed, .cancelled:
      preconditionFailure("an Active plan's current task is not ended")
    }
  }

  mutating func deliver(_ index: Int, at now: Timestamp) -> ExecutionEffect {
    let task = plan.tasks[index]
    let params: JSONValue
    do {
      let tasks = plan.tasks
      params = try Template.complete(task.params) { name in
        tasks.first { $0.name == name && $0.state == .complete }?.outputs
      }
    } catch {
      let message = "params\(error.path): \(error.message)"
      fail(index, TaskError(reason: "UnresolvedReference", message: message), at: now)
      return next(at: now)
    }
    if task.outcomeUnknown, task.submittedAt == nil { firstAsked = index }
    change(index) { task in
      task.submittedAt = task.submittedAt ?? now
      task.deadline = task.deadline ?? now + task.timeout
      task.nextAttemptAt = nil
    }
    return task.outcomeUnknown ? .recover(index, params: params) : .execute(index, params: params)
  }

  private mutating func expire(_ index: Int, at now: Timestamp) -> ExecutionEffect {
    let task = plan.tasks[index]
    let last = task.error.map { "; last: \($0.reason): \($0.message)" } ?? ""
    let error = TaskError(
      reason: "DeadlineExceeded", message: "not complete within \(task.timeout.count) ms\(last)")
    return end(index, error, at: now)
  }

  /// Fails the task and the plan; a plugin that has the task is told to stop.
  private mutating func end(_ index: Int, _ error: TaskError, at now: Timestamp)
    -> ExecutionEffect
  {
    let isInPlugin = plan.tasks[index].isInPlugin
    fail(index, error, at: now)
    return isInPlugin ? .cancel(index) : .rest(until: nil)
  }

  mutating func fail(_ index: Int, _ error: TaskError, at now: Timestamp) {
    change(index) { task in
      task.state = .failed
      task.error = error
      task.endedAt = now
      task.park = nil
      task.wait = nil
      task.outcomeUnknown = false
    }
    status.plan?.phase = .failed
    status.plan?.endedAt = now
    status.plan?.failedTaskIndex = index
    let name = plan.tasks[index].name
    status.plan?.failedTaskDetail = "\(name): \(error.reason): \(error.message)"
    if !plan.failedPhase.isEmpty { status.phase = plan.failedPhase }
  }

  mutating func complete(_ index: Int, outputs: JSONValue, at now: Timestamp) {
    let paths = plan.tasks[index].outputPaths
    change(index) { task in
      task.state = .complete
      task.outputs = outputs
      task.endedAt = now
      task.error = nil
      task.wait = nil
      task.progress = nil
      task.outcomeUnknown = false
    }
    hasUnflushed = true
    var fields = JSONValue.object(status.fields)
    for (output, path) in paths {
      guard let value = outputs[output] else { continue }
      let steps = path.split(separator: ".").dropFirst().map(String.init)
      fields = fields.replacing(at: steps, with: value)
    }
    status.fields = fields.object ?? status.fields
    guard plan.currentIndex == nil else { return }
    status.plan?.phase = .complete
    status.plan?.endedAt = now
    if plan.reverts == nil { status.observedGeneration = plan.generation }
    if !plan.targetPhase.isEmpty { status.phase = plan.targetPhase }
  }
}

extension Plan {
  /// In place: a task has two dozen fields to copy.
  fileprivate mutating func change(_ index: Int, _ body: (inout PlannedTask) -> Void) {
    body(&tasks[index])
  }
}

extension PlannedTask {
  /// A plugin may be at work on it.
  public var isInPlugin: Bool {
    state == .running || (state == .pending && outcomeUnknown)
  }
}

extension JSONValue {
  /// A copy in which the member that the steps lead to has the value; objects on the way are made.
  fileprivate func replacing(at steps: [String], with value: JSONValue) -> JSONValue {
    guard let first = steps.first else { return value }
    var members = object ?? JSONObject()
    members[first] = (members[first] ?? .null).replacing(at: Array(steps.dropFirst()), with: value)
    return .object(members)
  }
}
