internal import Diagnostics
internal import Glibc
internal import JSON
internal import LinuxSystem
internal import Model
internal import PluginProto
internal import PluginSupervision
internal import Storage
internal import TTRPC

/// Wires the host together and takes it through start and stop.
///
/// - Isolation: an actor on the host's event loop.
actor Engine {
  private let settings: HostSettings
  private let loop: EventLoop
  private let log: Log
  private let store: SQLiteStore
  private let environment: EngineEnvironment
  private let catalog: BlueprintCatalog
  private let supervisor: PluginSupervisor
  private let reconciler: Reconciler
  private let admission: Admission
  private let router: PluginEventRouter
  private let server: Server

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  init(_ settings: HostSettings, loop: EventLoop) throws(StoreOpenError) {
    self.settings = settings
    self.loop = loop
    let sink: DescriptorLogSink =
      settings.logFormat.map { DescriptorLogSink(descriptor: STDERR_FILENO, format: $0) }
      ?? .standardError()
    log = Log(to: sink, minimumLevel: settings.logLevel)
    store = try SQLiteStore(directory: settings.stateDirectory, log: log)
    let time = SystemTimeSource(loop: loop)
    environment = EngineEnvironment(
      loop: loop, store: store, time: time, ids: RandomIDSource(), log: log)
    catalog = BlueprintCatalog()
    let events = PluginEventQueue()
    supervisor = PluginSupervisor(
      loop: loop, directory: settings.pluginDirectory, stateDirectory: settings.stateDirectory,
      host: HostIdentity(
        instance: environment.ids.next(), epoch: store.epoch, version: HostVersion.current),
      log: log, onEvent: { events.add($0) })
    let late = LateBound<Reconciler>()
    let wake: @Sendable (ObjectKey) -> Void = { [loop] key in
      loop.spawn { await late.value?.wake(key) }
    }
    let driver = PluginDriverPort(supervisor: supervisor, epoch: store.epoch)
    let book = IntentBook(environment: environment, driver: driver, wake: wake)
    reconciler = Reconciler(
      environment: environment,
      dispatcher: PluginDispatcher(supervisor: supervisor, epoch: store.epoch, time: time),
      driver: driver, book: book, catalog: catalog,
      failpoint: Failpoint(
        armed: getenv(Failpoint.variable).map { String(cString: $0) },
        directory: settings.stateDirectory))
    late.bind(reconciler)
    admission = Admission(environment: environment, catalog: catalog, wake: wake)
    router = PluginEventRouter(queue: events, reconciler: reconciler, book: book, log: log)
    server = Server(
      loop: loop,
      router: HostService(
        environment: environment, catalog: catalog, admission: admission, supervisor: supervisor,
        wake: wake
      ).router)
  }

  /// Ready when it returns: the API listens, plugins are on their way, every resource has its pass.
  func start() async throws {
    let began = WallTime.nowUnixMS()
    try await loadBlueprints()
    await applyShippedBlueprints()
    loop.spawn { [router, loop] in await router.run(on: loop) }
    try await supervisor.start()
    try listen()
    for kind in catalog.kinds {
      for object in try await store.list(ObjectFilter(kind: kind)).objects {
        await reconciler.wake(object.key)
      }
    }
    log.info(
      "ready",
      [
        "socket": .string(settings.socketPath), "state": .string(settings.stateDirectory),
        "epoch": .integer(Int64(clamping: store.epoch)),
        "milliseconds": .integer(WallTime.nowUnixMS() - began),
      ])
  }

  /// Answers what is in flight, ends the plugins, closes the store. The kernel's part of a crash
  /// would do as well: everything durable is durable already.
  func stop(grace: Duration) async {
    log.info("stopping", [:])
    await server.shutdown(grace: grace)
    await supervisor.shutdown(grace: grace)
    store.close()
    unlink(settings.socketPath)
  }

  private func listen() throws(SystemError) {
    try FileSystem.makeDirectories(FileSystem.parent(of: settings.socketPath), mode: 0o700)
    // The store's lock says that no other host of this state lives; what is left is a dead one's.
    unlink(settings.socketPath)
    let listener = try UnixSocket.listen(settings.socketPath)
    server.serve(listener: listener)
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

/// The version that host, plugins and command line of one build share.
public enum HostVersion {
  public static let current = "0.1.0"
}
