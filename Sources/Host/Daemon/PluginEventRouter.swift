internal import Diagnostics
internal import Execution
internal import JSON
internal import Model
internal import PluginProto
internal import PluginSupervision
internal import Synchronization
internal import TTRPC

/// What plugins told, in order, until the engine has taken it.
final class PluginEventQueue: Sendable {
  /// Events kept at most; beyond it they are dropped and everything is treated as changed.
  static let limit = 4096

  let events: AsyncStream<PluginEvent>
  private let continuation: AsyncStream<PluginEvent>.Continuation
  private let overflowed = Atomic(false)

  init() {
    (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.limit))
  }

  func add(_ event: PluginEvent) {
    if case .dropped = continuation.yield(event) { overflowed.store(true, ordering: .relaxed) }
  }

  /// Whether events were dropped since the last call.
  func takeOverflow() -> Bool { overflowed.exchange(false, ordering: .relaxed) }
}

/// Carries plugins' events to the parts of the engine that they concern, one after the other.
actor PluginEventRouter {
  private let queue: PluginEventQueue
  private let reconciler: Reconciler
  private let book: IntentBook
  private let events: EventRecorder
  private let time: any TimeSource
  private let log: Log
  /// Ready plugins, for what has to be looked at anew when their news are lost.
  private var ready: [String: PluginHandle] = [:]

  init(
    queue: PluginEventQueue, reconciler: Reconciler, book: IntentBook, events: EventRecorder,
    environment: EngineEnvironment
  ) {
    self.queue = queue
    self.reconciler = reconciler
    self.book = book
    self.events = events
    time = environment.time
    log = environment.log
  }

  func run(on loop: EventLoop) async {
    for await event in queue.events {
      await handle(event)
      if queue.takeOverflow() {
        log.warning("plugins told more than can be kept; everything is looked at anew", [:])
        for name in ready.keys { await refresh(name) }
      }
    }
  }

  private func handle(_ event: PluginEvent) async {
    switch event {
    case .ready(let handle):
      ready[handle.name] = handle
      await refresh(handle.name)
    case .gone(let name, let exit):
      let lost = ready.removeValue(forKey: name)
      let words = exit.lastLines.suffix(Self.wordsOfCrash)
      await tell(.pluginCrashed, of: name, ([exit.description] + words).joined(separator: "\n"))
      for target in lost?.targets ?? [] {
        await book.converger(target.name).becomeUnreachable("plugin \(name) \(exit)")
      }
      await reconciler.pluginGone(name)
    case .quarantined(let name, let reason):
      log.error("a plugin is quarantined", ["plugin": .string(name), "reason": .string(reason)])
      await tell(.pluginQuarantined, of: name, reason)
    case .task(let update, let plugin):
      guard let reply = update.reply else { return }
      let tellsStep = ready[plugin]?.features.contains(PluginV1.Feature.updateStep) ?? false
      await reconciler.taskUpdated(
        Reconciler.TaskPush(
          taskID: update.taskID, attempt: Int64(update.attempt),
          step: tellsStep || update.step != 0 ? Int64(update.step) : nil, answer: TaskAnswer(reply),
          plugin: plugin))
    case .target(let change, let plugin):
      await targetChanged(change, of: plugin)
    case .updatesReset(let plugin):
      await refresh(plugin)
    }
  }

  /// Lines of what it wrote last that an event of a crash has.
  private static let wordsOfCrash = 3

  private func tell(_ reason: Event.Reason, of plugin: String, _ message: String) async {
    let subject = ObjectKey(
      kind: Event.pluginSubject, namespace: Admission.defaultNamespace, name: plugin)
    await events.record([
      Event(
        subject: subject, subjectUID: "", severity: .warning, reason: reason,
        message: String(message.prefix(Event.messageLimit)), at: time.now())
    ])
  }

  /// Everything of this plugin may have changed: its targets and the tasks of its types.
  private func refresh(_ name: String) async {
    guard let handle = ready[name] else { return }
    for target in handle.targets { await setReachable(target, of: name) }
    await reconciler.pluginReady(types: Set(handle.description.taskTypes.map(\.type)))
  }

  private func targetChanged(_ change: PluginV1.TargetChange, of plugin: String) async {
    guard let target = change.target, mayChange(target.name, plugin) else { return }
    let converger = await book.converger(target.name)
    if change.changed.isEmpty || !target.reachable {
      await setReachable(target, of: plugin)
    } else {
      await converger.expire(change.changed.compactMap { try? IntentKey($0) })
    }
  }

  /// A driver speaks for the targets that it listed, and for new ones; not for those of others.
  private func mayChange(_ target: String, _ plugin: String) -> Bool {
    guard let handle = ready[plugin], handle.description.driver != nil else { return false }
    func lists(_ handle: PluginHandle) -> Bool { handle.targets.contains { $0.name == target } }
    return lists(handle) || !ready.values.contains(where: lists)
  }

  private func setReachable(_ target: PluginV1.TargetState, of plugin: String) async {
    let converger = await book.converger(target.name)
    if target.reachable {
      await converger.becomeReachable()
    } else {
      await converger.becomeUnreachable(
        target.message.isEmpty ? "plugin \(plugin) says it can't be reached" : target.message)
    }
  }
}
