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
    let intents = await book.owned(byUID: resource.metadata.uid)
    let sources = intents.filter { intent in
      intent.state == .committed
        && blueprint.conditions.contains { $0.intentKind == intent.key.kind }
    }
    let since = resource.status.history.first?.endedAt ?? Timestamp(milliseconds: 0)
    let fresh = await book.fresh(among: sources, since: since)
    let planner = Planner(
      blueprint: blueprint, intents: intents, fresh: fresh, now: now,
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
      nameProviders(&resource)
      try await flush(resource, before: read)
      // Nobody can have delivered anything of a plan that was not there before.
      if let plan = resource.status.plan { certainPlans.insert(plan.id) }
      return .now
    case .cleared(let taskIDs):
      try await flush(resource, before: read)
      let types = Set(read.resource.status.plan?.tasks.map(\.type) ?? [])
      await forget(resource.key)
      await dispatcher.forget(taskIDs, types: types)
      return .now
    case .advance:
      return try await advance(resource, before: read, intents: intents)
    }
  }

  /// Drives the Active plan as far as it goes in this pass, or to its end where it is stopping; then
  /// flushes.
  func advance(
    _ resource: Resource, before: Reading, intents: [Intent], isStopping: Bool = false
  ) async throws(StoreError) -> Next {
    var resource = resource
    guard let plan = resource.status.plan else { preconditionFailure("there is an Active plan") }
    let isCertain = certainPlans.contains(plan.id)
    var executor = PlanExecutor(
      status: resource.status, isCertain: isCertain, outlook: outlook(plan, resource.key))
    if isStopping { executor.requestCancel(at: environment.time.now()) }
    references.set(resource.key, plan, isCertain: false)
    // From the first delivery to the flush, what is stored is less than what was done.
    certainPlans.remove(plan.id)
    doubtedPlans.remove(plan.id)
    // Pushes come first: what has ended is not late, and an effect of theirs is not passed over.
    var pushed: ExecutionEffect?
    for push in pushes.removeValue(forKey: resource.key) ?? [] where executor.plan.phase == .active
    {
      guard let answer = checked(push, executor.plan, resource) else { continue }
      pushed = executor.on(
        .updated(taskID: push.taskID, attempt: push.attempt, step: push.step, answer),
        at: environment.time.now())
    }
    var effect = pushed ?? executor.on(.advance, at: environment.time.now())
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
        let verdict = await converge(executor.plan.tasks[index], resource)
        if verdict == .met { intents = await book.owned(byUID: resource.metadata.uid) }
        effect = executor.on(.gate(verdict), at: environment.time.now())
      case .execute(let index, let params):
        let delivery = delivery(index, executor.plan, params, resource, intents)
        resourceOfTask[delivery.task.id] = resource.key
        failpoint.reach("host.before-dispatch.\(delivery.task.name)")
        delivered.append(delivery.task.name)
        let (answer, provider) = await deliver(delivery)
        failpoint.reach("host.after-effect.\(delivery.task.name)")
        effect = executor.on(.answered(answer, from: provider), at: environment.time.now())
      case .recover(let index, let params):
        let delivery = delivery(index, executor.plan, params, resource, intents)
        resourceOfTask[delivery.task.id] = resource.key
        let answer = await dispatcher.recover(delivery)
        effect = executor.on(.recovered(answer), at: environment.time.now())
      }
    }
    resource.status = executor.status
    track(resource.key, executor.plan)
    try await flush(resource, before: before)
    references.set(resource.key, executor.plan, isCertain: true)
    for name in delivered { failpoint.reach("host.after-flush.\(name)") }
    if executor.plan.phase.isTerminal { return .now }
    if doubtedPlans.remove(plan.id) == nil { certainPlans.insert(plan.id) }
    if pushes[resource.key] != nil { return .now }
    return Next(until, now: environment.time.now())
  }

  /// Writes a persisted Wait's intents and evaluates its gate.
  private func converge(_ task: PlannedTask, _ resource: Resource) async -> GateVerdict {
    guard let wait = task.wait else { preconditionFailure("a Waiting task says what it waits for") }
    do {
      try await book.write(
        wait, owner: IntentOwner(resource: resource.key, uid: resource.metadata.uid),
        writer: IntentWriter(taskID: task.id, attempt: task.attempt, step: task.step))
    } catch {
      return .failed(error)
    }
    return await book.evaluate(wait, for: resource.key)
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
  private func track(_ key: ObjectKey, _ plan: Plan) {
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
