import Diagnostics
import JSON
import LinuxSystem
import PluginProto
import Rollout
import Storage
import Synchronization
import TTRPC
import Testing

@testable import Daemon
@testable import Execution
@testable import Model

/// A reconciler over a real store, and children whose own part the test plays: their kind has no
/// blueprint here, so that nobody else writes their status.
final class RolloutFixture: Sendable {
  static let childKind = "Box"

  let engine: EngineFixture
  private let lives = Mutex<[HostLife]>([])
  private let present = Mutex<Reconciler?>(nil)
  private let seed: UInt64?
  private let early = Mutex<[String]>([])

  /// - Parameter seed: of a store whose calls take their time; nil = they don't.
  init(seed: UInt64? = nil, limits: StoreLimits = StoreLimits()) throws {
    engine = try EngineFixture(limits: limits)
    self.seed = seed
    restart()
  }

  /// The host dies where it stands, and another one takes over.
  func restart() {
    let check: @Sendable (StoredObject) async -> Void = { [weak self] flushed in
      await self?.check(flushed)
    }
    let life = HostLife(engine.store, beforeFlush: seed == nil ? nil : check)
    let store: any ObjectStore = seed.map { UnhurriedStore(life, seed: $0) } ?? life
    lives.withLock { lives in
      lives.last?.end()
      lives.append(life)
    }
    let environment = EngineEnvironment(
      loop: engine.loop, store: store, time: engine.time, ids: RandomIDSource(), log: .discarding)
    let driver = ScriptedDriver(seed: 1)
    let catalog = BlueprintCatalog()
    catalog.set(NodeDeployment.blueprint)
    let reconciler = Reconciler(
      environment: environment, dispatcher: IdleDispatcher(), driver: driver,
      book: IntentBook(environment: environment, driver: driver, wake: { _ in }),
      catalog: catalog, events: EventRecorder(environment: environment),
      holds: HoldBook(environment: environment), references: PluginReferences { _, _ in },
      claims: ClaimBook(environment: environment, wake: { _ in }),
      failpoint: Failpoint(armed: nil, directory: engine.directory))
    present.withLock { $0 = reconciler }
    engine.loop.spawn { await reconciler.wake(self.key) }
  }

  /// Calls of the present host, by what was asked.
  var calls: CallCounts { lives.withLock { $0.last?.counts ?? CallCounts() } }

  let key = ObjectKey(kind: NodeDeployment.kind, namespace: "default", name: "shop")

  func wake() async {
    await present.withLock { $0 }?.wake(key)
  }

  /// Asks for a deployment, or for another spec of it.
  func apply(_ spec: JSONValue) async throws {
    let complete = NodeDeployment.blueprint.schema.applyingDefaults(spec)
    if try await engine.store.get(key) == nil {
      let fresh = Resource(
        apiVersion: APIVersion.current, kind: key.kind,
        metadata: ObjectMeta(name: key.name, uid: "uid-shop"), spec: complete)
      _ = try await engine.store.create(fresh.stored)
    } else {
      try await change(key) { resource in
        resource.spec = complete
        resource.metadata.generation += 1
      }
    }
    await wake()
  }

  static func spec(
    replicas: Int, image: String = "a", _ more: [(name: String, value: JSONValue)] = []
  ) -> JSONValue {
    .object(
      JSONObject(
        [
          ("replicas", .integer(Int64(replicas))),
          ("template", ["kind": .string(childKind), "spec": ["image": .string(image)]]),
        ] + more))
  }

  /// Changes an object as somebody else would, until it fits.
  func change(_ key: ObjectKey, _ body: (inout Resource) -> Void) async throws {
    while let stored = try await engine.store.get(key) {
      var resource = try Resource(stored)
      body(&resource)
      do {
        _ = try await engine.store.update(resource.stored)
        return
      } catch StoreError.conflict {
        continue
      } catch StoreError.notFound {
        return
      }
    }
  }

  func child(_ ordinal: Int) -> ObjectKey {
    ObjectKey(kind: Self.childKind, namespace: "default", name: "shop-\(ordinal)")
  }

  func read(_ key: ObjectKey) async throws -> Resource? {
    try await engine.store.get(key).map { try Resource($0) }
  }

  func record(_ ordinal: Int) async throws -> ChildRecord? {
    try await read(child(ordinal))?.metadata.childRecord
  }

  var children: [Resource] {
    get async throws {
      try await engine.store.list(ObjectFilter(kind: Self.childKind)).objects
        .map { try Resource($0) }
    }
  }

  var names: [String] { get async throws { try await children.map(\.metadata.name) } }

  /// Ends a child's plan as its own planner and executor would, on its own status.
  func end(
    _ ordinal: Int, _ phase: PlanPhase, detail: String = "do: Broken: no use"
  ) async throws {
    try await change(child(ordinal)) { child in
      let now = Timestamp(milliseconds: self.engine.time.now().milliseconds)
      child.status.history.insert(
        PlanRecord(
          id: "plan-\(child.version)", name: "init", phase: phase,
          generation: child.metadata.generation, startedAt: now, endedAt: now,
          detail: phase == .complete ? "" : detail), at: 0)
      if phase == .complete { child.status.observedGeneration = child.metadata.generation }
      if phase == .cancelled {
        child.metadata.annotate(ObjectMeta.cancelAnnotation, "plan-\(child.version)")
      }
    }
  }

  /// Lets what is on its way out go, as its own deletion pass would.
  func letGo(_ ordinal: Int) async throws {
    guard let stored = try await engine.store.get(child(ordinal)) else { return }
    try await engine.store.delete(stored.key, version: stored.version)
  }

  /// The deployment once it is so.
  @discardableResult
  func until(
    _ what: Comment, _ isMet: @escaping @Sendable (Resource, RolloutStatus) -> Bool
  ) async throws -> (Resource, RolloutStatus) {
    let deadline = MonotonicTime.now() + EngineFixture.patience
    while true {
      if let resource = try await read(key) {
        let status = try resource.rolloutStatus()
        if isMet(resource, status) { return (resource, status) }
      }
      try #require(MonotonicTime.now() < deadline, what)
      try await engine.loop.sleep(for: .milliseconds(5))
    }
  }

  func untilTurn(_ ordinals: Int..., attempt: Int64 = 1) async throws {
    try await engine.until("the turns of \(ordinals) in attempt \(attempt)") { [self] in
      for ordinal in ordinals where try await record(ordinal)?.attempt != attempt { return false }
      return true
    }
  }

  /// Completes each child's turn in order until the attempt has ended.
  func completeAll(_ count: Int, attempt: Int64 = 1) async throws {
    for ordinal in 0..<count {
      try await untilTurn(ordinal, attempt: attempt)
      try await end(ordinal, .complete)
    }
    try await until("attempt \(attempt) complete") { _, status in
      status.attempt?.number == attempt && status.attempt?.state == .complete
    }
  }

  var endEvents: [Event] {
    get async throws {
      try await engine.store.list(ObjectFilter(kind: Event.kind)).objects
        .map { try Event($0) }.filter { $0.reason == .rolloutEnded }
    }
  }
}

extension RolloutFixture {
  /// States that were about to be written before the children's results which they follow from; of a
  /// store whose calls take their time.
  var earlyStates: [String] { early.withLock { $0 } }

  private func check(_ flushed: StoredObject) async {
    guard let resource = try? Resource(flushed), let status = try? resource.rolloutStatus(),
      let attempt = status.attempt, let stored = try? await children
    else { return }
    let records = stored.compactMap(\.metadata.childRecord)
    let complete = records.count { $0.result?.state == .complete }
    let failed = records.count { $0.attempt == attempt.number && $0.result?.state == .failed }
    let counts = resource.status.fields["children"]
    if counts?["complete"]?.integer ?? 0 > complete || counts?["failed"]?.integer ?? 0 > failed {
      early.withLock {
        $0.append("\(counts ?? .null) of \(complete) complete and \(failed) failed")
      }
    }
  }

  /// Waits until nothing is left to be done: no pass, no write, as far as the store tells.
  func untilTold(_ attempt: Int64) async throws {
    try await until("attempt \(attempt) told of") { _, status in
      status.attempts.contains { $0.number == attempt && $0.isAnnounced }
    }
  }
}

/// Never asked: children have no plans here.
struct IdleDispatcher: TaskDispatcher {
  func prospect(ofType type: String, range: String) -> TaskProspect {
    preconditionFailure("nothing is planned")
  }
  func execute(_ delivery: TaskDelivery) async -> (TaskAnswer, from: TaskProvider?) {
    preconditionFailure("nothing is planned")
  }
  func recover(_ delivery: TaskDelivery) async -> RecoveryAnswer {
    preconditionFailure("nothing is planned")
  }
  func expand(_ run: TaskRun, of resource: Resource) async -> TaskExpansion {
    preconditionFailure("nothing is run")
  }
  func intentKinds(of task: PlannedTask) -> Set<String> { [] }
  func cancel(_ delivery: TaskDelivery) async -> Bool { true }
  func checked(_ answer: TaskAnswer, of delivery: TaskDelivery) -> TaskAnswer? { nil }
  func recoveryComplete(_ id: String) async -> Bool { true }
  func forget(_ taskIDs: [String], types: Set<String>) async {}
}
