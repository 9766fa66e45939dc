import Diagnostics
import Execution
import JSON
import LinuxSystem
import Storage
import Synchronization
import TTRPC
import Testing

@testable import Daemon
@testable import Model

@Suite("A plugin that comes wakes what waits for it")
struct PluginWakeUpTests {
  private static let key = ObjectKey(kind: "Pair", namespace: "default", name: "one")

  private static func blueprint() throws -> Blueprint {
    try Blueprint(
      spec: JSONReader([
        "kind": "Pair", "target": "local", "schema": ["type": "object"],
        "plans": [
          [
            "name": "init", "when": ["phaseIn": ["Pending"]], "targetPhase": "Ready",
            "tasks": [["type": "early", "name": "first"], ["type": "late", "name": "second"]],
          ]
        ],
      ]))
  }

  @Test("also where it comes in the very pass that ends with the task that needs it")
  func duringThePass() async throws {
    let fixture = try EngineFixture()
    let environment = fixture.environment()
    let late = LateBound<Reconciler>()
    let tasks = LatePlugin(late)
    let driver = ScriptedDriver(seed: 1)
    let catalog = BlueprintCatalog()
    catalog.set(try Self.blueprint())
    let reconciler = Reconciler(
      environment: environment, dispatcher: tasks, driver: driver,
      book: IntentBook(environment: environment, driver: driver, wake: { _ in }),
      catalog: catalog, events: EventRecorder(environment: environment),
      holds: HoldBook(environment: environment), references: PluginReferences { _, _ in },
      claims: ClaimBook(environment: environment, wake: { _ in }),
      failpoint: Failpoint(armed: nil, directory: fixture.directory))
    late.bind(reconciler)
    let resource = Resource(
      apiVersion: APIVersion.current, kind: Self.key.kind,
      metadata: ObjectMeta(
        name: Self.key.name, uid: "6ba7b810-9dad-11d1-80b4-00c04fd430c8"), spec: [:])
    _ = try await fixture.store.create(resource.stored)
    await reconciler.wake(Self.key)
    try await fixture.until("both tasks are done") {
      let stored = try #require(try await fixture.store.get(Self.key))
      return try Resource(stored).status.phase == "Ready"
    }
    #expect(tasks.executed == ["first", "second"])
  }
}

/// Two plugins, of which the second one comes while the first one works.
private final class LatePlugin: TaskDispatcher {
  private let reconciler: LateBound<Reconciler>
  private let state = Mutex((isThere: false, executed: [String]()))

  init(_ reconciler: LateBound<Reconciler>) { self.reconciler = reconciler }

  var executed: [String] { state.withLock { $0.executed } }

  func prospect(ofType type: String, range: String) -> TaskProspect {
    guard type == "early" || state.withLock({ $0.isThere }) else { return .absent("not there yet") }
    return .provider(Self.provider(of: type))
  }

  private static func provider(of type: String) -> TaskProvider {
    TaskProvider(plugin: "\(type)@1.0.0", digest: "d")
  }

  func execute(_ delivery: TaskDelivery) async -> (TaskAnswer, from: TaskProvider?) {
    state.withLock { $0.executed.append(delivery.task.name) }
    if delivery.task.type == "early" {
      state.withLock { $0.isThere = true }
      await reconciler.value?.pluginReady("late@1.0.0", process: 1, types: ["late"])
    }
    return (.complete(outputs: .null), Self.provider(of: delivery.task.type))
  }

  func recover(_ delivery: TaskDelivery) async -> RecoveryAnswer { .notStarted }
  func cancel(_ delivery: TaskDelivery) async -> Bool { true }
  func checked(_ answer: TaskAnswer, of delivery: TaskDelivery) -> TaskAnswer? { answer }
  func expand(_ run: TaskRun, of resource: Resource) async -> TaskExpansion { .absent("none") }
  func intentKinds(of task: PlannedTask) -> Set<String> { [] }
  func recoveryComplete(_ id: String) async -> Bool { true }
  func forget(_ taskIDs: [String], types: Set<String>) async {}
}
