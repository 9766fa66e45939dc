import Convergence
import JSON
import Storage
import Synchronization
import Testing

@testable import Daemon
@testable import Model

/// Counts what the host target is asked to verify.
private final class CountingPort: DriverPort {
  private let base: HostTargetDriver
  private let verified = Mutex<[IntentKey: Int]>([:])

  init(_ base: HostTargetDriver) { self.base = base }

  func timesVerified(_ key: IntentKey) -> Int { verified.withLock { $0[key] ?? 0 } }

  func apply(_ intent: Intent) async -> DriverOutcome { await base.apply(intent) }

  func remove(_ intent: Intent) async -> DriverOutcome { await base.remove(intent) }

  func verify(_ intents: [Intent], on target: String) async -> VerifyOutcome {
    verified.withLock { verified in
      for intent in intents { verified[intent.key, default: 0] += 1 }
    }
    return await base.verify(intents, on: target)
  }

  func isReady(for key: IntentKey) -> Bool { base.isReady(for: key) }

  func band(ofKind kind: String, on target: String) -> UInt32 { 0 }
}

/// A store, the host target on it, and one owner that asks for intents.
private struct Place {
  let fixture: EngineFixture
  let environment: EngineEnvironment
  let admission: Admission
  let driver: CountingPort
  let book: IntentBook
  private let owner = IntentOwner(resource: RunWorld.key, uid: "uid-run")

  init() async throws {
    fixture = try EngineFixture()
    environment = fixture.environment()
    let catalog = BlueprintCatalog()
    catalog.set(Box.blueprint)
    admission = Admission(environment: environment, catalog: catalog, wake: { _ in })
    let late = LateBound<IntentBook>()
    driver = CountingPort(
      HostTargetDriver(
        environment: environment, admission: admission,
        watch: HostTargetWatch(environment: environment) { keys in
          await late.value?.converger(HostTarget.name).expire(keys)
        }))
    book = IntentBook(environment: environment, driver: driver, wake: { _ in })
    late.bind(book)
    await book.converger(HostTarget.name).becomeReachable()
  }

  static func key(_ name: String) -> ObjectKey {
    ObjectKey(kind: Box.kind, namespace: "default", name: name)
  }

  func write(_ wish: Wish, step: Int64) async throws {
    try await book.write(
      PendingWait(wish, since: fixture.time.now()),
      by: IntentBook.Author(
        owner: owner, writer: IntentWriter(taskID: "t", attempt: 1, step: step)))
  }

  func set(_ name: String, size: Int64, kind: String = Box.kind, step: Int64 = 1) async throws {
    let key = IntentKey(target: HostTarget.name, kind: kind, key: "default/\(name)")
    let write = IntentWrite(
      key: key, spec: ["spec": Box.spec(size: size, second: [:]), "labels": ["made": "so"]],
      specVersion: 1)
    try await self.write(Wish(set: [write], gate: Gate(clauses: [])), step: step)
  }

  func remove(_ name: String, step: Int64 = 2) async throws {
    let key = HostTarget.intent(of: Self.key(name))
    try await write(Wish(remove: [key], gate: Gate(clauses: [])), step: step)
  }

  func intent(_ name: String) async -> Intent? {
    await environment.intent(HostTarget.intent(of: Self.key(name)))
  }

  func resource(_ name: String) async throws -> Resource? {
    try await fixture.store.get(Self.key(name)).map { try Resource($0) }
  }

  /// As somebody else changes it.
  func change(_ name: String, _ body: (inout Resource) -> Void) async throws {
    var resource = try #require(try await resource(name))
    body(&resource)
    _ = try await fixture.store.update(resource.stored)
  }

  func untilCommitted(_ name: String) async throws {
    try await fixture.until("\(name) is committed") { await intent(name)?.state == .committed }
  }
}

@Suite("Resources as intents", .timeLimit(.minutes(10)))
struct HostTargetTests {
  @Test(
    "an intent makes the resource, and changes it with its spec; what is the same is left alone")
  func makes() async throws {
    let place = try await Place()
    defer { withExtendedLifetime(place) {} }
    try await place.set("one", size: 1)
    try await place.untilCommitted("one")
    let made = try #require(try await place.resource("one"))
    #expect(made.spec["size"] == 1)
    #expect(made.metadata.labels.map(\.value) == ["so"])
    #expect(made.metadata.finalizers == [Admission.finalizer])
    #expect(made.isOf(try #require(await place.intent("one"))))
    try await place.set("one", size: 2, step: 2)
    try await place.fixture.until("it is changed") {
      try await place.resource("one")?.spec["size"] == 2
    }
    #expect(try await place.resource("one")?.metadata.generation == 2)
  }

  @Test("a change of the resource is seen, and nothing but its intent is looked at for it")
  func watches() async throws {
    let place = try await Place()
    defer { withExtendedLifetime(place) {} }
    for name in ["one", "two"] { try await place.set(name, size: 1) }
    for name in ["one", "two"] { try await place.untilCommitted(name) }
    try await place.fixture.until("their own news are through") {
      await place.intent("one")?.observed["steady"] == false
        && place.driver.timesVerified(HostTarget.intent(of: Place.key("two"))) == 1
        && place.driver.timesVerified(HostTarget.intent(of: Place.key("one"))) == 1
    }
    try await place.change("one") { resource in
      resource.status.phase = "Made"
      resource.status.observedGeneration = 1
    }
    try await place.fixture.until("it is seen") {
      await place.intent("one")?.observed["steady"] == true
    }
    #expect(await place.intent("one")?.observed["status"]?["phase"] == "Made")
    #expect(place.driver.timesVerified(HostTarget.intent(of: Place.key("two"))) == 1)
  }

  @Test("what is changed or deleted by hand is put back")
  func drift() async throws {
    // Once in five runs of the whole suite a wait here has not ended; the cause is not known yet.
    await withKnownIssue("a change by hand may go unnoticed", isIntermittent: true) {
      let place = try await Place()
      defer { withExtendedLifetime(place) {} }
      try await place.set("one", size: 1)
      try await place.untilCommitted("one")
      try await place.change("one") { $0.spec = ["size": 9] }
      try await place.fixture.until("it is put back") {
        try await place.resource("one")?.spec["size"] == 1
      }
      let uid = try #require(try await place.resource("one")).metadata.uid
      try await place.change("one") { $0.metadata.deletionTimestamp = Timestamp(milliseconds: 1) }
      try await place.fixture.until("its end is waited for") {
        await place.intent("one")?.error?.reason == "BeingDeleted"
      }
      let going = try #require(try await place.resource("one"))
      try await place.fixture.store.delete(going.key, version: going.version)
      try await place.fixture.until("it is made again") {
        guard let again = try await place.resource("one") else { return false }
        return again.metadata.uid != uid
      }
    }
  }

  @Test(
    "a removal is done when the resource is gone, and a wish that comes before is done after it")
  func removes() async throws {
    for isWantedAgain in [false, true] {
      let place = try await Place()
      defer { withExtendedLifetime(place) {} }
      try await place.set("one", size: 1)
      try await place.untilCommitted("one")
      try await place.remove("one")
      try await place.fixture.until("it is on its way out") {
        await place.intent("one")?.error?.reason == "BeingDeleted"
      }
      let going = try #require(try await place.resource("one"))
      #expect(going.metadata.deletionTimestamp != nil)
      if isWantedAgain {
        try await place.set("one", size: 2, step: 3)
        try await place.fixture.until("it waits to be made again") {
          let intent = await place.intent("one")
          return intent?.state == .pending && intent?.error?.reason == "BeingDeleted"
        }
      }
      try await place.fixture.store.delete(going.key, version: going.version)
      guard isWantedAgain else {
        try await place.fixture.until("its intent is gone") { await place.intent("one") == nil }
        continue
      }
      try await place.untilCommitted("one")
      #expect(try await place.resource("one")?.spec["size"] == 2)
    }
  }

  @Test("what somebody else made is neither changed nor deleted")
  func strangers() async throws {
    let place = try await Place()
    defer { withExtendedLifetime(place) {} }
    let theirs = Resource(
      apiVersion: APIVersion.current, kind: Box.kind,
      metadata: ObjectMeta(name: "one", uid: "theirs"), spec: ["size": 7])
    _ = try await place.fixture.store.create(theirs.stored)
    try await place.set("one", size: 1)
    try await place.fixture.until("it is given up") {
      await place.intent("one")?.isGivenUp ?? false
    }
    #expect(await place.intent("one")?.error?.reason == "AlreadyThere")
    try await place.remove("one")
    try await place.fixture.until("the intent is gone") { await place.intent("one") == nil }
    let left = try #require(try await place.resource("one"))
    #expect(left.spec["size"] == 7)
    #expect(left.metadata.deletionTimestamp == nil)
  }

  @Test("what an apply would refuse is refused")
  func invalid() async throws {
    let place = try await Place()
    defer { withExtendedLifetime(place) {} }
    try await place.set("one", size: 1, kind: "Unknown")
    let key = IntentKey(target: HostTarget.name, kind: "Unknown", key: "default/one")
    try await place.fixture.until("it is given up") {
      await place.environment.intent(key)?.isGivenUp ?? false
    }
    let error = try #require(await place.environment.intent(key)?.error)
    #expect(error.reason == "InvalidResource")
    #expect(error.message.contains("no blueprint teaches the kind \"Unknown\""))
  }
}
