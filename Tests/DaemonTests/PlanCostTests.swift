import Diagnostics
import Execution
import JSON
import LinuxSystem
import Storage
import Testing

@testable import Daemon
@testable import Model

/// What a plan costs the store, as counts: they do not depend on the machine's mood.
@Suite("A plan of tasks that complete at once costs the store a named number of writes")
struct PlanCostTests {
  private static let tasks = ["first", "second", "third"]

  private static func blueprint() throws -> Blueprint {
    let tasks = tasks.map { ["type": "step", "name": .string($0)] as JSONValue }
    return try Blueprint(
      spec: JSONReader([
        "kind": "Steps", "target": "local", "schema": ["type": "object"],
        "plans": [
          [
            "name": "init", "when": ["phaseIn": ["Pending"]], "targetPhase": "Ready",
            "tasks": .array(tasks),
          ]
        ],
      ]))
  }

  @Test("three of the resource, whatever number of tasks, and its four events")
  func writes() async throws {
    let fixture = try EngineFixture()
    let environment = fixture.environment()
    let driver = ScriptedDriver(seed: 1)
    let catalog = BlueprintCatalog()
    catalog.set(try Self.blueprint())
    let events = EventRecorder(environment: environment)
    let reconciler = Reconciler(
      environment: environment, dispatcher: WillingPlugin(), driver: driver,
      book: IntentBook(environment: environment, driver: driver, wake: { _ in }),
      catalog: catalog, events: events, holds: HoldBook(environment: environment),
      references: PluginReferences { _, _ in },
      claims: ClaimBook(environment: environment, wake: { _ in }),
      failpoint: Failpoint(armed: nil, directory: fixture.directory))
    let resource = Resource(
      apiVersion: APIVersion.current, kind: "Steps",
      metadata: ObjectMeta(name: "one", uid: "6ba7b810-9dad-11d1-80b4-00c04fd430c8"), spec: [:])
    _ = try await fixture.store.create(resource.stored)
    let changes = try await fixture.store.watch(ObjectFilter(), after: 1)
    let (writes, commits) = (fixture.store.writeCount, fixture.store.commitCount)
    await reconciler.wake(resource.key)
    try await fixture.until("the plan has ended and was taken down") {
      let stored = try #require(try await fixture.store.get(resource.key))
      return try Resource(stored).status.history.first?.phase == .complete
    }
    await events.drain()
    #expect(fixture.store.writeCount - writes == 7)
    // Each write of the resource waits for the one before; the events of a moment share a commit.
    #expect(fixture.store.commitCount - commits <= 7)
    var kinds: [String: Int] = [:]
    for change in try await changes.next() { kinds[change.object.key.kind, default: 0] += 1 }
    #expect(kinds == ["Steps": 3, Event.kind: 4])
  }
}

/// Serves every type, and completes every task at once.
private struct WillingPlugin: TaskDispatcher {
  private static let provider = TaskProvider(plugin: "steps@1.0.0", digest: "d")

  func prospect(ofType type: String, range: String) -> TaskProspect { .provider(Self.provider) }

  func execute(_ delivery: TaskDelivery) async -> (TaskAnswer, from: TaskProvider?) {
    (.complete(outputs: .null), Self.provider)
  }

  func recover(_ delivery: TaskDelivery) async -> RecoveryAnswer { .notStarted }
  func cancel(_ delivery: TaskDelivery) async -> Bool { true }
  func checked(_ answer: TaskAnswer, of delivery: TaskDelivery) -> TaskAnswer? { answer }
  func expand(_ run: TaskRun, of resource: Resource) async -> TaskExpansion { .absent("none") }
  func intentKinds(of task: PlannedTask) -> Set<String> { [] }
  func recoveryComplete(_ id: String) async -> Bool { true }
  func forget(_ taskIDs: [String], types: Set<String>) async {}
}
