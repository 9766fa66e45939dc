internal import Diagnostics
internal import Execution
internal import JSON
internal import LinuxSystem
internal import Model
internal import Planning
internal import Rollout
internal import TTRPC

/// Gives resources their passes: reads, lets planner and executor decide, performs, flushes once.
///
/// Level-triggered and keyed: a wake-up says only that something may have changed.
///
/// - Isolation: an actor on the host's event loop; passes of different resources interleave at
///   their awaits, those of one resource never do.
actor Reconciler {
  let environment: EngineEnvironment
  let dispatcher: any TaskDispatcher
  let driver: any DriverPort
  let book: IntentBook
  let catalog: BlueprintCatalog
  let events: EventRecorder
  let holds: HoldBook
  let references: PluginReferences
  let claims: ClaimBook
  let failpoint: Failpoint
  var queue = ReconcileQueue()
  private var alarm: Timestamp?
  /// Plans whose persisted state is known to be all that was delivered.
  var certainPlans: Set<String> = []
  /// Plans of which that ceased to be known since their last pass began: the end of that pass, which
  /// may be under way, does not make them certain.
  var doubtedPlans: Set<String> = []
  /// Current tasks of Active plans: who has to be woken when a plugin comes, goes or tells.
  var currentTasks: [ObjectKey: CurrentTask] = [:]
  /// Of tasks that plugins hold, to find the resource of a push.
  var resourceOfTask: [String: ObjectKey] = [:]
  /// Pushes that no pass has taken yet.
  var pushes: [ObjectKey: [TaskPush]] = [:]

  /// What is known of the children of each rollout that had a pass.
  var rollouts: [ObjectKey: FollowedRollout] = [:]

  /// Raised whenever who carries out what, or what is held, may have changed: a pass that parked a task
  /// by what it knew when it began looks again.
  private(set) var outlookVersion: UInt64 = 0

  /// Which plugins are owed RecoveryComplete.
  private var recovery = RecoveryLedger()
  /// By resource, plugins of tasks whose outcomes were unknown after its last pass.
  var unknownOutcomes: [ObjectKey: Set<String>] = [:]

  /// What passes have written, for the passes that follow at once or soon.
  private var readings = KnownReadings()

  /// Calls that passes wait for.
  var calls: [ObjectKey: CallInFlight] = [:]

  /// Pushes kept for one resource; older ones are dropped, since the last one tells the end.
  static let pushLimit = 64

  struct CurrentTask: Sendable {
    var planID: String
    var taskID: String
    var type: String
    /// `name@version` of the plugin that has it; empty = none yet.
    var plugin: String
  }

  struct TaskPush: Sendable {
    var taskID: String
    var attempt: Int64
    /// Nil where the plugin does not say.
    var step: Int64?
    var answer: TaskAnswer
    /// Name of the plugin that told.
    var plugin: String
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    environment.loop.asUnownedSerialExecutor()
  }

  init(
    environment: EngineEnvironment, dispatcher: any TaskDispatcher, driver: any DriverPort,
    book: IntentBook, catalog: BlueprintCatalog, events: EventRecorder, holds: HoldBook,
    references: PluginReferences, claims: ClaimBook, failpoint: Failpoint
  ) {
    self.environment = environment
    self.dispatcher = dispatcher
    self.driver = driver
    self.book = book
    self.catalog = catalog
    self.events = events
    self.holds = holds
    self.references = references
    self.claims = claims
    self.failpoint = failpoint
  }

  func wake(_ key: ObjectKey) {
    queue.wake(key)
    pump()
  }

  /// A resource that may have something to recover and will get a pass. Called before plugins start.
  func expect(_ key: ObjectKey) { recovery.expect(key) }

  /// A plugin that serves these types is ready, perhaps as another process than before.
  ///
  /// - Parameters:
  ///   - id: `name@version`.
  ///   - process: its pid.
  func pluginReady(_ id: String, process: Int32, types: Set<String>) {
    outlookVersion += 1
    for (key, task) in currentTasks where task.plugin == id || types.contains(task.type) {
      if task.plugin == id { doubt(task.planID) }
      queue.wake(key)
    }
    let current = currentTasks.filter { $0.value.plugin == id }.keys
    let unknown = unknownOutcomes.filter { $0.value.contains(id) }.keys
    if recovery.ready(id, process: process, holders: Set(current).union(unknown)) {
      tellRecoveryComplete([id])
    }
    pump()
  }

  private func tellRecoveryComplete(_ ids: [String]) {
    for id in ids {
      environment.loop.spawn {
        if await !self.dispatcher.recoveryComplete(id) { await self.recoveryCompleteLost(id) }
      }
    }
  }

  private func recoveryCompleteLost(_ id: String) { recovery.untold(id) }

  /// A pass has nothing to recover any more, and goes on to what may take long.
  func recovered(_ key: ObjectKey, _ plan: Plan) {
    track(key, plan)
    unknownOutcomes[key] = plan.unknownOutcomes
    tellRecoveryComplete(recovery.passed(key, unknown: unknownOutcomes[key] ?? []))
  }

  /// Other versions than before take new tasks of these types; nil = operators' holds changed.
  func choiceChanged(types: Set<String>?) {
    outlookVersion += 1
    for (key, task) in currentTasks where types?.contains(task.type) ?? true { queue.wake(key) }
    pump()
  }

  /// The process is gone: what it held is unknown until another one answers Recover.
  ///
  /// - Parameter id: `name@version`.
  func pluginGone(_ id: String) {
    recovery.gone(id)
    for (key, task) in currentTasks where task.plugin == id {
      doubt(task.planID)
      queue.wake(key)
    }
    pump()
  }

  private func doubt(_ planID: String) {
    certainPlans.remove(planID)
    doubtedPlans.insert(planID)
  }

  func taskUpdated(_ push: TaskPush) {
    guard let key = resourceOfTask[push.taskID] else { return }
    pushes[key, default: []].append(push)
    if pushes[key, default: []].count > Self.pushLimit { pushes[key]?.removeFirst() }
    wake(key)
  }

  func pump() {
    while let key = queue.take(at: environment.time.now()) {
      environment.loop.spawn { await self.run(key) }
    }
    guard let moment = queue.nextMoment(), alarm.map({ moment < $0 }) ?? true else { return }
    alarm = moment
    environment.loop.spawn { [time = environment.time] in
      await time.wait(until: moment)
      await self.alarmRang(moment)
    }
  }

  private func alarmRang(_ moment: Timestamp) {
    if alarm == moment { alarm = nil }
    pump()
  }

  private func run(_ key: ObjectKey) async {
    let next = await pass(key)
    switch next {
    case .now:
      queue.wake(key)
      queue.finish(key, next: nil)
    case .at(let moment):
      queue.finish(key, next: moment)
    case .whenWoken:
      queue.finish(key, next: nil)
    }
    pump()
  }

  /// When a resource needs its next pass.
  enum Next: Sendable {
    case now
    case at(Timestamp)
    case whenWoken

    init(_ moment: Timestamp?, now: Timestamp) {
      self = moment.map { $0 <= now ? .now : .at($0) } ?? .whenWoken
    }
  }

  private func pass(_ key: ObjectKey) async -> Next {
    let next: Next
    do {
      next = try await look(at: key)
    } catch let error as StoreError {
      return await passFailed(key, error)
    } catch {
      environment.log.error("a resource in the store can't be read", ["error": .string("\(error)")])
      next = .whenWoken
    }
    tellRecoveryComplete(recovery.passed(key, unknown: unknownOutcomes[key] ?? []))
    if case .now = next {} else { readings.settle(key) }
    return next
  }

  private func look(at key: ObjectKey) async throws -> Next {
    guard let stored = try await environment.store.get(key) else {
      await forget(key)
      return .whenWoken
    }
    let read = try readings.take(stored) ?? Reading(stored)
    if key.kind == TaskRun.kind { return try await taskRunPass(read) }
    if key.kind == NodeDeployment.kind { return try await rolloutPass(read) }
    guard let blueprint = catalog.blueprint(ofKind: key.kind) else { return .whenWoken }
    if read.resource.metadata.deletionTimestamp != nil { return try await deletionPass(read) }
    return try await planningPass(read, blueprint)
  }

  private func passFailed(_ key: ObjectKey, _ error: StoreError) async -> Next {
    if let task = currentTasks[key] { certainPlans.remove(task.planID) }
    switch error {
    case .conflict, .notFound:
      return .now
    case .refused(let message):
      return await giveUp(key, message)
    case .alreadyExists, .compacted, .unavailable:
      environment.log.error(
        "a pass could not be stored; it is done again",
        ["resource": .string("\(key)"), "error": .string("\(error)")])
      return .at(environment.time.now() + EngineEnvironment.storeRetryDelay)
    }
  }

  /// What a pass came to has no room in the store, now or later: the plan in flight fails by that, and
  /// what was to be planned is not. Where not even that has room, an event is all that can say so.
  ///
  /// - SeeAlso: `StatusSizeTests`
  private func giveUp(_ key: ObjectKey, _ message: String) async -> Next {
    var subject: Resource?
    do throws(StoreError) {
      guard let stored = try await environment.store.get(key), let read = try? Reading(stored)
      else { return .now }
      var resource = read.resource
      subject = resource
      if resource.status.plan?.phase == .active {
        return try await advance(resource, before: read, intents: nil, refusal: message)
      }
      if failRun(&resource, message) {
        try await flush(resource, before: read)
        return .now
      }
      resource.status.setCondition(
        ConditionType.plannable, .isFalse, reason: "StatusTooLarge", message: message,
        generation: resource.metadata.generation, at: environment.time.now())
      try await flush(resource, before: read)
      return .whenWoken
    } catch {
      guard case .refused = error, let subject else { return await passFailed(key, error) }
      await events.record([
        Event(
          subject: key, subjectUID: subject.metadata.uid, severity: .warning,
          reason: .statusTooLarge, message: message, at: environment.time.now())
      ])
      return .whenWoken
    }
  }

  /// The one write of a pass; nothing is written where nothing changed. What changed is news.
  func flush(_ resource: Resource, before: Reading) async throws(StoreError) {
    let stored = resource.stored
    guard stored.body != before.body else { return readings.keep(before) }
    var written = Reading(resource: resource, body: stored.body)
    written.resource.version = try await environment.store.update(stored)
    readings.keep(written)
    let news = StatusNews(
      before: before.resource.status, after: resource, at: environment.time.now()
    ).events
    if !news.isEmpty { await events.record(news, areFirst: before.resource.status.isBlank) }
  }

  func forget(_ key: ObjectKey) async {
    if let task = currentTasks.removeValue(forKey: key) {
      certainPlans.remove(task.planID)
      doubtedPlans.remove(task.planID)
      resourceOfTask[task.taskID] = nil
    }
    pushes[key] = nil
    forgetRollout(key)
    unknownOutcomes[key] = nil
    references.set(key, nil, isCertain: true)
    await book.release(key)
  }
}
