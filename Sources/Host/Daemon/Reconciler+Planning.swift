internal import Diagnostics
internal import Execution
internal import JSON
internal import LinuxSystem
internal import Model
internal import Planning

extension Reconciler {
  /// One pass over a resource that is to stay.
  func planningPass(_ read: Reading, _ blueprint: Blueprint) async throws(StoreError) -> Next {
    var resource = read.resource
    let now = environment.time.now()
    if Self.isToStop(resource) {
      return try await advance(resource, before: read, intents: [], isStopping: true)
    }
    // Only conditions that follow from them are judged by them here; tasks are shown them when it is
    // their turn.
    let uid = resource.metadata.uid
    let intents = blueprint.conditions.isEmpty ? nil : await book.owned(byUID: uid)
    let sources = (intents ?? []).filter { intent in
      intent.state == .committed
        && blueprint.conditions.contains { $0.intentKind == intent.key.kind }
    }
    let since = resource.status.history.first?.endedAt ?? Timestamp(milliseconds: 0)
    let fresh = await book.fresh(among: sources, since: since)
    let planner = Planner(
      blueprint: blueprint, intents: intents ?? [], fresh: fresh, now: now,
      planID: environment.ids.next())
    let outcome = planner.resolve(&resource)
    switch outcome {
    case .paused:
      try await flush(resource, before: read)
      return .whenWoken
    case .steady(let until):
      try await flush(resource, before: read)
      await book.verify(Set(sources.map(\.key)).subtracting(fresh), since: since)
      return Next(until, now: now)
    case .stamped:
      await releaseChanges(read.resource.status, resource.status)
      return try await flushStamped(&resource, before: read)
    case .cleared:
      await releaseChanges(read.resource.status, resource.status)
      try await flush(resource, before: read)
      await forget(resource.key)
      await forgetTasks(read.resource.status, resource.status)
      return .now
    case .advance:
      return try await advance(resource, before: read, intents: intents)
    }
  }

  /// What nobody will undo any more is not remembered; before the write, so that a crash leaves none of it.
  private func releaseChanges(_ before: ResourceStatus, _ after: ResourceStatus) async {
    let kept = Set(after.plans.map(\.changeSet))
    for plan in before.plans where plan.reverts == nil && !kept.contains(plan.changeSet) {
      await book.release(plan.changeSet, plan.intents)
    }
  }

  /// Plugins are not asked again about plans that are gone.
  func forgetTasks(_ before: ResourceStatus, _ after: ResourceStatus) async {
    for plan in before.plans where !after.plans.contains(where: { $0.id == plan.id }) {
      await dispatcher.forget(plan.tasks.map(\.id), types: Set(plan.tasks.map(\.type)))
    }
  }

  /// Drives the Active plan as far as it goes in this pass, or to its end where it is stopping, or
  /// where the store refused what the pass before came to; then flushes.
  func advance(
    _ resource: Resource, before: Reading, intents: [Intent]?, isStopping: Bool = false,
    refusal: String? = nil
  ) async throws(StoreError) -> Next {
    var resource = resource
    guard let plan = resource.status.plan else { preconditionFailure("there is an Active plan") }
    // What was not admitted was not delivered either.
    let isUntouched = plan.isPhased && plan.admittedAt == nil
    let isCertain = isUntouched || certainPlans.contains(plan.id)
    let known = outlookVersion
    var executor = PlanExecutor(
      status: resource.status, isCertain: isCertain, outlook: outlook(plan, resource.key))
    references.set(resource.key, plan, isCertain: false)
    // From the first delivery to the flush, what is stored is less than what was done.
    certainPlans.remove(plan.id)
    doubtedPlans.remove(plan.id)
    var effect = begin(resource, &executor, isStopping: isStopping, refusal)
    // Nil = to be read where a task is to be shown them.
    var intents = intents
    var delivered: [String] = []
    var until: Timestamp?
    passing: while true {
      switch effect {
      case .rest(let moment):
        until = moment
        break passing
      case .cancel(let index):
        if await dispatcher.cancel(delivery(index, executor.plan, .null, resource, [])) {
          until = executor.plan.tasks[index].nextAttemptAt
          break passing
        }
        effect = executor.on(
          .cancelUndeliverable("no plugin is there that could be told"),
          at: environment.time.now())
      case .converge(let index):
        let verdict = await converge(index, executor.plan, resource)
        if verdict == .met { intents = nil }
        effect = executor.on(.gate(verdict), at: environment.time.now())
      case .execute(let index, _) where executor.plan.tasks[index].reverts?.means == .host:
        let answer = await undo(executor.plan.tasks[index], executor.plan)
        effect = executor.on(.answered(answer, from: nil), at: environment.time.now())
      case .execute(let index, let params):
        let shown = await shownIntents(to: executor.plan.tasks[index], of: resource, intents)
        let delivery = delivery(index, executor.plan, params, resource, shown)
        resourceOfTask[delivery.task.id] = resource.key
        failpoint.reach("host.before-dispatch.\(delivery.task.name)")
        delivered.append(delivery.task.name)
        let (answer, provider) = await deliver(delivery, of: executor.plan)
        failpoint.reach("host.after-effect.\(delivery.task.name)")
        effect = executor.on(.answered(answer, from: provider), at: environment.time.now())
      case .recover(let index, let params):
        let delivery = delivery(index, executor.plan, params, resource, [])
        resourceOfTask[delivery.task.id] = resource.key
        let answer = await dispatcher.recover(delivery)
        effect = executor.on(.recovered(answer), at: environment.time.now())
      }
    }
    resource.status = executor.status
    track(resource.key, executor.plan)
    try await flush(resource, before: before)
    references.set(resource.key, executor.plan, isCertain: true)
    unknownOutcomes[resource.key] = executor.plan.unknownOutcomes
    for name in delivered { failpoint.reach("host.after-flush.\(name)") }
    if executor.plan.phase.isTerminal { return .now }
    if doubtedPlans.remove(plan.id) == nil { certainPlans.insert(plan.id) }
    if pushes[resource.key] != nil { return .now }
    // Nobody was woken for the task that this pass came to: it was not the current one yet.
    if known != outlookVersion, executor.plan.isParkedForOutlook { return .now }
    return Next(until, now: environment.time.now())
  }

  /// What a pass does first with an Active plan.
  private func begin(
    _ resource: Resource, _ executor: inout PlanExecutor, isStopping: Bool, _ refusal: String?
  ) -> ExecutionEffect {
    if let refusal { return executor.on(.unstorable(refusal), at: environment.time.now()) }
    if isStopping { executor.requestCancel(at: environment.time.now()) }
    return takePushes(of: resource, &executor)
  }

  /// Pushes come first: what has ended is not late, and an effect of theirs is not passed over.
  private func takePushes(of resource: Resource, _ executor: inout PlanExecutor)
    -> ExecutionEffect
  {
    var pushed: ExecutionEffect?
    for push in pushes.removeValue(forKey: resource.key) ?? [] where executor.plan.phase == .active
    {
      guard let answer = checked(push, executor.plan, resource) else { continue }
      pushed = executor.on(
        .updated(taskID: push.taskID, attempt: push.attempt, step: push.step, answer),
        at: environment.time.now())
    }
    return pushed ?? executor.on(.advance, at: environment.time.now())
  }

  /// Writes a persisted Wait's intents and evaluates its gate.
  private func converge(_ index: Int, _ plan: Plan, _ resource: Resource) async -> GateVerdict {
    let task = plan.tasks[index]
    guard let wait = task.wait else { preconditionFailure("a Waiting task says what it waits for") }
    let order = TouchOrder(task: Int64(index), attempt: task.attempt, step: task.step)
    do {
      try await book.write(
        wait,
        by: IntentBook.Author(
          owner: owner(ofIntentsOf: resource),
          writer: IntentWriter(taskID: task.id, attempt: task.attempt, step: task.step),
          mark: plan.reverts == nil ? TouchMark(plan: plan.changeSet, order: order) : nil,
          undoing: plan.reverts))
    } catch {
      return .failed(error)
    }
    return await book.evaluate(wait, for: resource.key)
  }

  /// What TaskRuns set stays when they have ended.
  private func owner(ofIntentsOf resource: Resource) -> IntentOwner {
    resource.isTaskRun
      ? .shared : IntentOwner(resource: resource.key, uid: resource.metadata.uid)
  }

  /// The intents that a task is shown: of the resource's, or of those that all runs share, what its
  /// type reads.
  private func shownIntents(to task: PlannedTask, of resource: Resource, _ known: [Intent]?)
    async -> [Intent]
  {
    if let known { return known }
    let kinds = dispatcher.intentKinds(of: task)
    if kinds.isEmpty { return [] }
    let owner = resource.isTaskRun ? IntentOwner.shared.uid : resource.metadata.uid
    return await book.owned(byUID: owner, kinds: kinds)
  }

  /// A push is held against what its task's type declares and its plugin may, as an answer is; nil
  /// where it is of a plugin that has no part in the current task, or that is gone meanwhile.
  private func checked(_ push: TaskPush, _ plan: Plan, _ resource: Resource) -> TaskAnswer? {
    guard let index = plan.currentIndex, plan.tasks[index].id == push.taskID else { return nil }
    guard plan.tasks[index].plugin.hasPrefix("\(push.plugin)@") else {
      environment.log.warning(
        "a plugin told news of another plugin's task; they are dropped",
        ["plugin": .string(push.plugin), "task": .string(push.taskID)])
      return nil
    }
    return dispatcher.checked(push.answer, of: delivery(index, plan, .null, resource, []))
  }

  func delivery(
    _ index: Int, _ plan: Plan, _ params: JSONValue, _ resource: Resource, _ intents: [Intent]
  ) -> TaskDelivery {
    TaskDelivery(
      task: plan.tasks[index], params: params, resource: resource.key,
      resourceUID: resource.metadata.uid, target: plan.target, intents: intents)
  }

  /// Remembers whose coming and going concerns the resource.
  func track(_ key: ObjectKey, _ plan: Plan) {
    if let earlier = currentTasks[key],
      earlier.taskID != plan.currentIndex.map({ plan.tasks[$0].id })
    {
      resourceOfTask[earlier.taskID] = nil
    }
    guard plan.phase == .active, let index = plan.currentIndex else {
      currentTasks[key] = nil
      return
    }
    let task = plan.tasks[index]
    currentTasks[key] = CurrentTask(
      planID: plan.id, taskID: task.id, type: task.type, plugin: task.plugin)
  }
}

extension ResourceStatus {
  /// The one in flight, and the one that may be undone.
  var plans: [Plan] { [plan, forward].compactMap(\.self) }
}
