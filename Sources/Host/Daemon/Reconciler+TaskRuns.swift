internal import Convergence
internal import Execution
internal import JSON
internal import Model
internal import Planning

/// Passes over TaskRuns: the planner is the host's own, the plan is carried out like any other.
extension Reconciler {
  func taskRunPass(_ read: Reading) async throws -> Next {
    var resource = read.resource
    let planner = TaskRunPlanner(now: environment.time.now())
    switch try planner.resolve(&resource) {
    case .paused:
      try await flush(resource, before: read)
      return .whenWoken
    case .expand:
      return try await expand(resource, before: read, planner)
    case .admit(let keys, let adds):
      return try await admit(resource, keys, adds, before: read, planner)
    case .advance(let isStopping):
      return try await advance(resource, before: read, intents: nil, isStopping: isStopping)
    case .stamped:
      return try await flushStamped(&resource, before: read)
    case .settled(let releases):
      try await perform(releases, of: resource)
      try await flush(resource, before: read)
      await forget(resource.key)
      return .now
    case .delete(let releases):
      try await perform(releases, of: resource)
      // First, so that none is left behind by a crash between the two.
      try await events.forget(resource.metadata.uid)
      try await environment.store.delete(resource.key, version: resource.version)
      await forget(resource.key)
      return .whenWoken
    case .steady(let until):
      try await flush(resource, before: read)
      return Next(until, now: environment.time.now())
    }
  }

  /// A plan that is stored for the first time: nobody can have delivered anything of it.
  func flushStamped(_ resource: inout Resource, before read: Reading) async throws(StoreError)
    -> Next
  {
    nameProviders(&resource)
    try await flush(resource, before: read)
    if let plan = resource.status.plan { certainPlans.insert(plan.id) }
    return .now
  }

  /// A run whose phases have no room has failed, and has changed nothing; false where it is no such run.
  func failRun(_ resource: inout Resource, _ message: String) -> Bool {
    guard resource.isTaskRun, resource.status.forward == nil, resource.status.revert == nil
    else { return false }
    let planner = TaskRunPlanner(now: environment.time.now())
    let error = TaskError(reason: "StatusTooLarge", message: message)
    return (try? planner.fail(error, &resource)) != nil
  }

  /// After so long a plugin whose answer was lost is asked for the phases again.
  private static let expansionDelay = Milliseconds.seconds(1)

  private func expand(_ read: Resource, before: Reading, _ planner: TaskRunPlanner) async throws
    -> Next
  {
    var resource = read
    let run = try TaskRun(spec: JSONReader(resource.spec, path: "spec"))
    // Before it is asked, so that a plugin that comes meanwhile is not missed.
    currentTasks[resource.key] = CurrentTask(planID: "", taskID: "", type: run.type, plugin: "")
    switch await dispatcher.expand(run, of: resource) {
    case .phases(let phases, let means):
      try planner.stamp(phases, revertedBy: means, &resource)
      return try await flushStamped(&resource, before: before)
    case .failed(let error):
      try planner.fail(error, &resource)
      try await flush(resource, before: before)
      return .now
    case .absent(let message):
      planner.wait(.pluginUnavailable, message, &resource)
      try await flush(resource, before: before)
      return .whenWoken
    case .lost(let error):
      planner.wait(.pluginUnavailable, "\(error.reason): \(error.message)", &resource)
      try await flush(resource, before: before)
      return .at(environment.time.now() + Self.expansionDelay)
    }
  }

  /// Takes the plan's keys and looks whether there is room, before anything of it is delivered.
  private func admit(
    _ read: Resource, _ keys: [String], _ adds: [IntentKey], before: Reading,
    _ planner: TaskRunPlanner
  ) async throws -> Next {
    var resource = read
    let holder = IntentOwner(resource: resource.key, uid: resource.metadata.uid)
    if let claim = try await claims.take(keys, for: holder) {
      planner.blocked(
        .keyHeld, "key \(claim.key) is held by \(claim.holder.resource) since \(claim.since)",
        &resource)
      try await flush(resource, before: before)
      return .whenWoken
    }
    if let refusal = await roomRefusal(adds) {
      planner.refuse(refusal, &resource)
    } else {
      planner.admitted(&resource)
    }
    try await flush(resource, before: before)
    if let plan = resource.status.plan { certainPlans.insert(plan.id) }
    return .now
  }

  private func roomRefusal(_ adds: [IntentKey]) async -> TaskError? {
    var capacities: [RoomCheck.Place: RoomCheck.Capacity] = [:]
    var present: [Intent] = []
    for (target, keys) in Dictionary(grouping: adds, by: \.target) {
      for (place, capacity) in await driver.capacity(of: target, kinds: Set(keys.map(\.kind))) {
        capacities[place] = capacity
      }
      present += await environment.intents(ObjectFilter(kind: Intent.kind, partition: target))
    }
    return RoomCheck(adds: adds, present: present) { capacities[$0] }.refusal
  }

  private func perform(_ releases: [TaskRunPlanner.Release], of resource: Resource) async throws {
    for release in releases {
      switch release {
      case .claims:
        try await claims.release(
          IntentOwner(resource: resource.key, uid: resource.metadata.uid))
      case .touches(let plan, let intents):
        await book.release(plan, intents)
      case .tasks(let ids, let types):
        await dispatcher.forget(ids, types: types)
      }
    }
  }
}
