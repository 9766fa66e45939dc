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
  /// Ready plugins by `name@version`, for what has to be looked at anew when their news are lost.
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
        for id in ready.keys { await refresh(id) }
      }
    }
  }

  private func handle(_ event: PluginEvent) async {
    switch event {
    case .ready(let handle):
      ready[handle.id] = handle
      await refresh(handle.id)
    case .serves(_, _, let types):
      await reconciler.choiceChanged(types: types)
    case .gone(let name, let exit):
      let id = "\(name)@\(exit.version)"
      let words = exit.lastLines.suffix(Self.wordsOfCrash)
      await tell(.pluginCrashed, of: name, ([exit.description] + words).joined(separator: "\n"))
      await lost(id, "plugin \(name) \(exit)")
    case .joined(let name, let version, let socket):
      await tell(.pluginJoined, of: name, "\(version) takes calls at \(socket)", .normal)
    case .left(let name, let version, let reason):
      await tell(.pluginLeft, of: name, reason)
      await lost(
        PluginSnapshot.id(name, version, isExternal: true), "plugin \(name) left: \(reason)")
    case .notAccepted(let name, let reason):
      await tell(.pluginNotAccepted, of: name, reason)
    case .typeShared(let type, let plugins):
      let message =
        "\(type) is offered by \(plugins.joined(separator: " and ")): new tasks go to \(plugins[0]), "
        + "the first by name; drain or disable it to give them to another"
      for plugin in plugins { await tell(.taskTypeShared, of: plugin, message) }
    case .intentsShared(let kind, let targets, let plugins):
      let message =
        "intents of \(kind) on \(targets) are driven by \(plugins.joined(separator: " and ")): "
        + "\(plugins[0]) gets them, the first by name; disable it to give them to another"
      for plugin in plugins { await tell(.intentsShared, of: plugin, message) }
    case .changeRefused(let name, let reason):
      await tell(.pluginChangeRefused, of: name, reason)
    case .quarantined(let name, let reason):
      log.error("a plugin is quarantined", ["plugin": .string(name), "reason": .string(reason)])
      await tell(.pluginQuarantined, of: name, reason)
    case .task(let update, let plugin):
      guard let reply = update.reply else { return }
      let tellsStep = versions(of: plugin).contains {
        $0.features.contains(PluginV1.Feature.updateStep)
      }
      await reconciler.taskUpdated(
        Reconciler.TaskPush(
          taskID: update.taskID, attempt: Int64(update.attempt),
          step: tellsStep || update.step != 0 ? Int64(update.step) : nil, answer: TaskAnswer(reply),
          plugin: plugin))
    case .target(let change, let plugin):
      await targetChanged(change, of: plugin)
    case .updatesReset(let plugin):
      for handle in versions(of: plugin) { await refresh(handle.id) }
    }
  }

  /// Lines of what it wrote last that an event of a crash has.
  private static let wordsOfCrash = 3

  /// Its targets can't be reached, and what it worked on is unknown.
  private func lost(_ id: String, _ reason: String) async {
    for target in ready.removeValue(forKey: id)?.targets ?? [] where target.name != HostTarget.name
    {
      await book.converger(target.name).becomeUnreachable(reason)
    }
    await reconciler.pluginGone(id)
  }

  private func tell(
    _ reason: Event.Reason, of plugin: String, _ message: String,
    _ severity: Event.Severity = .warning
  ) async {
    let subject = ObjectKey(
      kind: Event.pluginSubject, namespace: Admission.defaultNamespace, name: plugin)
    await events.record([
      Event(
        subject: subject, subjectUID: "", severity: severity, reason: reason,
        message: String(message.prefix(Event.messageLimit)), at: time.now())
    ])
  }

  /// Everything of this plugin may have changed: its targets and the tasks of its types.
  private func refresh(_ id: String) async {
    guard let handle = ready[id] else { return }
    for target in handle.targets { await setReachable(target, of: handle.name) }
    await reconciler.pluginReady(
      id, process: handle.pid, types: Set(handle.description.taskTypes.map(\.type)))
  }

  private func targetChanged(_ change: PluginV1.TargetChange, of plugin: String) async {
    guard let target = change.target, mayChange(target.name, plugin) else { return }
    let converger = await book.converger(target.name)
    if change.changed.isEmpty || !target.reachable || target.removed {
      await setReachable(target, of: plugin)
    } else {
      await converger.expire(change.changed.compactMap { try? IntentKey($0) })
    }
  }

  private func versions(of plugin: String) -> [PluginHandle] {
    ready.values.filter { $0.name == plugin }
  }

  /// A driver speaks for the targets that it listed, and for new ones; not for those of others.
  private func mayChange(_ target: String, _ plugin: String) -> Bool {
    guard let handle = versions(of: plugin).first(where: { $0.description.driver != nil })
    else { return false }
    func lists(_ handle: PluginHandle) -> Bool { handle.targets.contains { $0.name == target } }
    return lists(handle) || !ready.values.contains(where: lists)
  }

  private func setReachable(_ target: PluginV1.TargetState, of plugin: String) async {
    // The host speaks for itself.
    guard target.name != HostTarget.name else { return }
    let converger = await book.converger(target.name)
    if target.removed {
      await converger.becomeGone()
    } else if target.reachable {
      await converger.becomeReachable()
    } else {
      await converger.becomeUnreachable(
        target.message.isEmpty ? "plugin \(plugin) says it can't be reached" : target.message)
    }
  }
}
