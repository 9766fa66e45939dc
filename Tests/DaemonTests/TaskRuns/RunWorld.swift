import Diagnostics
import Execution
import Glibc
import JSON
import LinuxSystem
import Synchronization
import TTRPC
import Testing

@testable import Daemon
@testable import Model
@testable import Planning

/// All that outlives a host: the store, the targets, the plugin, time; and hosts on it, one at a time.
final class RunWorld: Sendable {
  let loop: EventLoop
  let store = MemoryStore()
  let targets = FakeTargets()
  let tasks = ScriptedTasks()
  let time = SteppedTime()
  private let ids = CountingUUIDs()
  private let lastRead = Mutex<Resource?>(nil)

  static let targetNames = ["t1", "t2"]
  static let key = ObjectKey(kind: TaskRun.kind, namespace: "default", name: "run")

  init() throws {
    loop = try EventLoop.startThread("run-world")
  }

  deinit { loop.stop() }

  /// A host that finds the world as it is, and looks at everything in it.
  func start(deathAtWrite: Int? = nil) async throws -> RunHost {
    let host = RunHost(
      EngineEnvironment(
        loop: loop, store: DyingStore(store, deathAtWrite: deathAtWrite), time: time, ids: ids,
        log: .discarding), targets, tasks)
    for name in Self.targetNames { await host.setReachable(name) }
    for object in store.all where [TaskRun.kind, Box.kind].contains(object.key.kind) {
      await host.wake(object.key)
    }
    return host
  }

  /// Asks for a run, as the host's API does: by one compare-and-swap.
  func ask(_ phases: [JSONValue], key: ObjectKey = RunWorld.key) async throws {
    try await create(key, ["type": "Scripted", "params": ["phases": .array(phases)]])
  }

  func create(_ key: ObjectKey, _ spec: JSONValue) async throws {
    let resource = Resource(
      apiVersion: APIVersion.current, kind: key.kind,
      metadata: ObjectMeta(name: key.name, uid: ids.next(), generation: 1), spec: spec)
    _ = try await store.create(resource.stored)
  }

  /// Changes a run as it stands; false where that is not possible.
  @discardableResult
  func change(
    key: ObjectKey = RunWorld.key, _ body: (inout Resource) -> TaskRunPlanner.Verdict
  ) async throws -> TaskRunPlanner.Verdict {
    while true {
      var resource = try #require(try await resource(key))
      let verdict = body(&resource)
      guard verdict == .change else { return verdict }
      if await replace(resource) { return verdict }
    }
  }

  /// False where another writer was first.
  private func replace(_ resource: Resource) async -> Bool {
    (try? await store.update(resource.stored)) != nil
  }

  func resource(_ key: ObjectKey = RunWorld.key) async throws -> Resource? {
    guard let stored = try await store.get(key) else { return nil }
    // Whoever polls reads the same again and again.
    if let last = lastRead.withLock({ $0 }), last.key == key, last.version == stored.version {
      return last
    }
    let resource = try Resource(stored)
    lastRead.withLock { $0 = resource }
    return resource
  }

  var intents: [Intent] {
    get throws {
      try store.all.filter { $0.key.kind == Intent.kind }.map { try Intent($0) }
    }
  }

  var claims: [String] {
    store.all.filter { $0.key.kind == Claim.kind }.map(\.key.name).sorted()
  }

  /// What the targets hold, by "target/key".
  var held: [String: JSONValue] {
    Dictionary(
      uniqueKeysWithValues: targets.held.map { ("\($0.key.target)/\($0.key.key)", $0.value) })
  }

  /// Waits for what is bound to come, as long as a slow machine may take.
  func until(
    _ what: Comment, at location: SourceLocation = #_sourceLocation,
    _ isMet: () async throws -> Bool
  ) async throws {
    let deadline = MonotonicTime.now() + EngineFixture.patience
    while try await !isMet() {
      try #require(MonotonicTime.now() < deadline, what, sourceLocation: location)
      try await loop.sleep(for: .milliseconds(2))
    }
  }

  /// Until forward work and revert are over.
  func untilOver(
    _ key: ObjectKey = RunWorld.key, at location: SourceLocation = #_sourceLocation
  ) async throws {
    try await until("the run is over", at: location) {
      guard let resource = try await resource(key), let run = try resource.status.taskRun()
      else { return false }
      return resource.status.isOver(run) && run.finishedAt != nil
    }
  }
}

/// As `CountingIDs`, in the form from which ids of plans and tasks can be derived.
final class CountingUUIDs: IDSource {
  private let counting = CountingIDs()

  func next() -> String {
    Digest.uuid5(space: "5a1f0d5c-7c0e-4a51-9a31-7d1e1c0b6f2e", name: counting.next())
  }
}

/// The engine's parts that carry runs out, as a host wires them.
final class RunHost: Sendable {
  let store: DyingStore
  private let loop: EventLoop
  private let reconciler: Reconciler
  private let book: IntentBook

  fileprivate init(
    _ environment: EngineEnvironment, _ targets: FakeTargets, _ tasks: ScriptedTasks
  ) {
    guard let store = environment.store as? DyingStore else { preconditionFailure("it can die") }
    self.store = store
    let driver = HostTargets(targets: targets, store: store)
    let late = LateBound<Reconciler>()
    let loop = environment.loop
    self.loop = loop
    let wake: @Sendable (ObjectKey) -> Void = { key in
      loop.spawn { await late.value?.wake(key) }
    }
    let catalog = BlueprintCatalog()
    catalog.set(.taskRun)
    catalog.set(Box.blueprint)
    book = IntentBook(environment: environment, driver: driver, wake: wake)
    reconciler = Reconciler(
      environment: environment, dispatcher: tasks, driver: driver, book: book, catalog: catalog,
      events: EventRecorder(environment: environment), holds: HoldBook(environment: environment),
      references: PluginReferences { _, _ in },
      claims: ClaimBook(environment: environment, wake: wake),
      failpoint: Failpoint(armed: nil, directory: "/tmp"))
    late.bind(reconciler)
  }

  func wake(_ key: ObjectKey = RunWorld.key) async { await reconciler.wake(key) }

  /// Returns when it is so, or when the host has died of it: a dead one never comes back from it.
  func setReachable(_ target: String) async {
    let (done, ended) = AsyncStream.makeStream(of: Void.self)
    store.atDeath { ended.finish() }
    loop.spawn { [book] in
      await book.converger(target).becomeReachable()
      ended.finish()
    }
    for await _ in done {}
  }

  func loseForGood(_ target: String) async { await book.converger(target).becomeGone() }

  func cutOff(_ target: String) async {
    await book.converger(target).becomeUnreachable("cut off")
  }

  func pluginIsBack() async {
    await reconciler.pluginReady(
      ScriptedTasks.provider.plugin, process: 1, types: ["Scripted"])
  }
}
