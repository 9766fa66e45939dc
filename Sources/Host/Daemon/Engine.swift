internal import Diagnostics
internal import Glibc
internal import JSON
internal import LinuxSystem
internal import Model
internal import PluginProto
internal import PluginSupervision
internal import Rollout
internal import Storage
internal import TTRPC

/// Wires the host together and takes it through start and stop.
///
/// - Isolation: an actor on the host's event loop.
actor Engine {
  private var settings: HostSettings
  private let logThreshold: LogThreshold
  private let stopBell = StopBell()
  private let loop: EventLoop
  private let log: Log
  private let store: SQLiteStore
  private let environment: EngineEnvironment
  private let catalog: BlueprintCatalog
  private let supervisor: PluginSupervisor
  private let reconciler: Reconciler
  private let book: IntentBook
  private let recorder: EventRecorder
  private let references: PluginReferences
  private let holds: HoldBook
  private let admission: Admission
  private let router: PluginEventRouter
  private let server: Server

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  init(_ settings: HostSettings, loop: EventLoop) throws(StoreOpenError) {
    self.settings = settings
    self.loop = loop
    logThreshold = LogThreshold(settings.logLevel)
    log = Log(to: settings.logSink, threshold: logThreshold)
    store = try SQLiteStore(
      directory: settings.stateDirectory, limits: settings.storeLimits, log: log,
      whileHeld: Self.awaitPredecessor)
    let time = SystemTimeSource(loop: loop)
    environment = EngineEnvironment(
      loop: loop, store: store, time: time, ids: RandomIDSource(), log: log)
    catalog = BlueprintCatalog()
    catalog.set(.taskRun)
    catalog.set(NodeDeployment.blueprint)
    let events = PluginEventQueue()
    var patience = PluginPatience()
    patience.acceptance = settings.externalAcceptance ?? patience.acceptance
    supervisor = PluginSupervisor(
      loop: loop, directory: settings.pluginDirectory, stateDirectory: settings.stateDirectory,
      host: HostIdentity(
        instance: environment.ids.next(), epoch: store.epoch, version: HostVersion.current),
      patience: patience, log: log, onEvent: { events.add($0) })
    let late = LateBound<Reconciler>()
    let wake: @Sendable (ObjectKey) -> Void = { [loop] key in
      loop.spawn { await late.value?.wake(key) }
    }
    admission = Admission(environment: environment, catalog: catalog, wake: wake)
    let lateBook = LateBound<IntentBook>()
    let plugins = PluginDriverPort(supervisor: supervisor, epoch: store.epoch)
    let driver = RoutedDriverPort(
      host: HostTargetDriver(
        environment: environment, admission: admission,
        watch: HostTargetWatch(environment: environment) { keys in
          await lateBook.value?.converger(HostTarget.name).expire(keys)
        }), plugins: plugins)
    book = IntentBook(environment: environment, driver: driver, wake: wake)
    lateBook.bind(book)
    recorder = EventRecorder(environment: environment)
    let dispatcher = PluginDispatcher(
      supervisor: supervisor, epoch: store.epoch, time: time, slots: CallSlots(wake: wake))
    holds = HoldBook(environment: environment)
    references = PluginReferences { [supervisor] id, count in
      supervisor.setReferences(count, of: id)
    }
    reconciler = Reconciler(
      environment: environment, dispatcher: dispatcher,
      driver: driver, book: book, catalog: catalog, events: recorder, holds: holds,
      references: references, claims: ClaimBook(environment: environment, wake: wake),
      failpoint: Failpoint(
        armed: getenv(Failpoint.variable).map { String(cString: $0) },
        directory: settings.stateDirectory))
    late.bind(reconciler)
    router = PluginEventRouter(
      queue: events, reconciler: reconciler, book: book, events: recorder, environment: environment)
    var checking = admission
    checking.taskTypes = supervisor
    server = Server(
      loop: loop,
      router: HostService(
        environment: environment, catalog: catalog, admission: checking, supervisor: supervisor,
        book: book,
        previewer: Previewer(
          environment: environment, admission: checking, book: book, tasks: dispatcher),
        stopBell: stopBell, holds: holds, processLogs: plugins,
        wake: { [loop] key in loop.spawn { await late.value?.asked(key) } },
        choiceChanged: { [loop] in loop.spawn { await late.value?.choiceChanged(types: nil) } },
        rollout: { await late.value?.followed($0) }
      ).router)
  }

  /// A host that was killed lets go of its state only when the kernel has taken it apart, and
  /// whoever starts the next one at once has no way to see that.
  private static func awaitPredecessor(_ tries: Int) -> Bool {
    let (triesMax, pauseMicroseconds) = (250, useconds_t(20_000))
    usleep(pauseMicroseconds)
    return tries < triesMax
  }

  /// Ready when it returns: the API listens, plugins are on their way, every resource has its pass.
  func start() async throws {
    let began = WallTime.nowUnixMS()
    try await loadBlueprints()
    await applyShippedBlueprints()
    try await holds.load()
    if settings.startParked { try await parkAll() }
    supervisor.setHolds(holds.ofPlugins)
    let resources = try await countReferences()
    await book.converger(HostTarget.name).becomeReachable()
    loop.spawn { [router, loop] in await router.run(on: loop) }
    try await supervisor.start()
    supervisor.attachAgain(holds.sockets)
    try listen()
    for key in resources { await reconciler.wake(key) }
    log.info(
      "ready",
      [
        "socket": .string(settings.socketPath), "state": .string(settings.stateDirectory),
        "epoch": .integer(Int64(clamping: store.epoch)),
        "milliseconds": .integer(WallTime.nowUnixMS() - began),
      ])
  }

  /// Answers what is in flight, ends the plugins, closes the store, all within `stop.grace`. The
  /// kernel's part of a crash would do as well: everything durable is durable already.
  func stop() async {
    let deadline = MonotonicTime.now() + settings.stopGrace
    log.info("stopping", ["grace": .string("\(settings.stopGrace)")])
    stopBell.ring()
    await server.shutdown(grace: settings.stopGrace / Self.callsShareOfGrace)
    await supervisor.shutdown(grace: max(.zero, deadline.duration(since: .now())))
    await drainEvents(until: max(deadline, .now() + Self.drainGrace))
    store.close()
    unlink(settings.socketPath)
  }

  /// Events get this much at least, also where the plugins took all of the grace.
  private static let drainGrace = Duration.seconds(1)

  /// Waits for the events that are on their way to the store; says so where they did not get there.
  private func drainEvents(until deadline: MonotonicTime) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [recorder] in await recorder.drain() }
      group.addTask { [loop] in try? await loop.sleep(until: deadline) }
      await group.next()
      group.cancelAll()
    }
    let lost = await recorder.unwritten
    if lost > 0 { log.error("events could not be stored", ["count": .integer(Int64(lost))]) }
  }

  /// Calls get this part of the grace at most; the plugins get what is left.
  private static let callsShareOfGrace = 4

  /// Takes over what may change while the host runs, and names what may not.
  func reload(_ reread: @Sendable () throws(HostError) -> HostSettings) {
    let new: HostSettings
    do throws(HostError) {
      new = try reread()
    } catch {
      log.error(
        "the configuration is refused; the host goes on as it was",
        ["error": .string(error.description)])
      return
    }
    let change = SettingsChange(from: settings, to: new)
    settings.logLevel = new.logLevel
    settings.stopGrace = new.stopGrace
    logThreshold.level = new.logLevel
    log.info(
      "reloaded the configuration", ["applied": .array(change.applied.map { .string($0) })])
    if !change.waiting.isEmpty {
      log.warning(
        "changes that wait for a restart of the host",
        ["settings": .array(change.waiting.map { .string($0) })])
    }
  }

  private func listen() throws(SystemError) {
    try FileSystem.makeDirectories(FileSystem.parent(of: settings.socketPath), mode: 0o700)
    // The store's lock says that no other host of this state lives; what is left is a dead one's.
    unlink(settings.socketPath)
    let listener = try UnixSocket.listen(settings.socketPath)
    server.serve(listener: listener)
  }

  /// Before any plugin starts: what stored plans refer to is not retired. What was delivered and
  /// not stored is not known yet, so every name counts.
  ///
  /// - Returns: every resource; what is applied from here on is woken by who applies it.
  private func countReferences() async throws(StoreError) -> [ObjectKey] {
    var keys: [ObjectKey] = []
    for kind in catalog.kinds {
      var last: ObjectKey?
      repeat {
        // In pages: memory is what one page needs.
        let page = try await store.list(
          ObjectFilter(kind: kind), after: last, limit: Self.pageObjects
        ).objects
        for object in page { await countReferences(of: object) }
        keys += page.map(\.key)
        last = page.count == Self.pageObjects ? page.last?.key : nil
      } while last != nil
    }
    return keys
  }

  /// Resources that are held at once while all are looked at.
  private static let pageObjects = 512

  private func countReferences(of object: StoredObject) async {
    // Nearly all are at rest: reading those to the end would be most of a start.
    guard object.hasPlan, let resource = try? Resource(object) else { return }
    references.set(resource.key, resource.status.plan, isCertain: false)
    await reconciler.expect(resource.key)
  }

  /// As `mortise park all` would have done it before the first pass.
  private func parkAll() async throws(StoreError) {
    try await holds.set(
      Hold(
        .park, .all, note: "serve --start-parked", since: environment.time.now(),
        uid: environment.ids.next()))
    log.warning("no task is delivered until mortise unpark all")
  }

  private func loadBlueprints() async throws(StoreError) {
    for object in try await store.list(ObjectFilter(kind: Blueprint.kind)).objects {
      do {
        let resource = try Resource(object)
        catalog.set(try Blueprint(spec: JSONReader(resource.spec, path: "spec")))
      } catch {
        log.error(
          "a blueprint in the store can't be read; its kind is not reconciled",
          ["blueprint": .string(object.key.name), "error": .string("\(error)")])
      }
    }
  }

  /// A broken file of one plugin is told and leaves the others alone.
  private func applyShippedBlueprints() async {
    do {
      let plugins = try PluginDirectory(path: settings.pluginDirectory).discover().manifests
      for path in plugins.flatMap(\.blueprints) {
        var manifest = HostV1.Manifest()
        manifest.source = path
        manifest.content = try FileSystem.read(path)
        let reply = try await admission.apply([manifest], isDryRun: false)
        for problem in reply.problems {
          log.error(
            "a shipped blueprint is refused",
            [
              "file": .string("\(problem.source):\(problem.line):\(problem.column)"),
              "path": .string(problem.path), "error": .string(problem.message),
            ])
        }
      }
    } catch {
      log.error("the plugins' blueprints can't be read", ["error": .string("\(error)")])
    }
  }
}

extension StoredObject {
  /// Whether its status has a plan.
  fileprivate var hasPlan: Bool {
    guard let status = MemberScan.range(of: "status", in: body) else { return false }
    return MemberScan.range(of: "plan", in: Array(body[status])) != nil
  }
}

extension HostSettings {
  fileprivate var logSink: DescriptorLogSink {
    logFormat.map { DescriptorLogSink(descriptor: STDERR_FILENO, format: $0) } ?? .standardError()
  }

  /// The store's own limits, with what the settings say instead.
  fileprivate var storeLimits: StoreLimits {
    var limits = StoreLimits()
    limits.fileBytes = storeBytesMax ?? limits.fileBytes
    limits.history = storeHistory ?? limits.history
    limits.watches = storeWatches ?? limits.watches
    return limits
  }
}
