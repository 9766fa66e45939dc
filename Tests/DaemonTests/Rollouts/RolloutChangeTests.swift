import Diagnostics
import JSON
import LinuxSystem
import Rollout
import Storage
import TTRPC
import Testing

@testable import Daemon
@testable import Model

/// Templates, counts, drift, and children that come and go.
@Suite("Changes of rollouts")
struct RolloutChangeTests {
  typealias Fixture = RolloutFixture

  private func complete(_ replicas: Int, _ more: [(name: String, value: JSONValue)] = [])
    async throws -> Fixture
  {
    let fixture = try Fixture()
    try await fixture.apply(Fixture.spec(replicas: replicas, more))
    try await fixture.completeAll(replicas)
    return fixture
  }

  @Test("another template rolls through the children in order, and undone it rolls back")
  func template() async throws {
    let fixture = try await complete(3)
    try await fixture.apply(Fixture.spec(replicas: 3, image: "b"))
    try await fixture.untilTurn(0, attempt: 2)
    #expect(try await fixture.read(fixture.child(0))?.spec == ["image": "b"])
    #expect(try await fixture.read(fixture.child(0))?.metadata.generation == 2)
    #expect(try await fixture.read(fixture.child(1))?.spec == ["image": "a"])
    try await fixture.end(0, .complete)
    try await fixture.untilTurn(1, attempt: 2)
    // The second one's plan goes on when its template is taken back.
    try await fixture.apply(Fixture.spec(replicas: 3))
    let (_, status) = try await fixture.until("attempt 3") { _, status in
      status.attempt?.number == 3
    }
    #expect(status.attempt?.revision == 1)
    #expect(status.attempts.first?.state == .stopped)
    for ordinal in 0..<2 {
      try await fixture.untilTurn(ordinal, attempt: 3)
      try await fixture.end(ordinal, .complete)
    }
    try await fixture.until("complete") { _, status in
      status.attempt?.number == 3 && status.attempt?.state == .complete
    }
    #expect(try await fixture.record(2)?.attempt == 1, "it was of that revision all the time")
    #expect(Set(try await fixture.children.map { $0.spec["image"]?.string }) == ["a"])
  }

  @Test("fewer: the last ones go first, one at a time; more: those that are missing are made")
  func scale() async throws {
    let fixture = try await complete(4)
    try await fixture.apply(Fixture.spec(replicas: 2))
    for ordinal in [3, 2] {
      try await fixture.engine.until("\(ordinal) on its way out") {
        try await fixture.read(fixture.child(ordinal))?.metadata.deletionTimestamp != nil
      }
      let leaving = try await fixture.children.filter { $0.metadata.deletionTimestamp != nil }
      #expect(leaving.map(\.metadata.name) == ["shop-\(ordinal)"])
      let (_, status) = try await fixture.until("attempt 2") { _, status in
        status.attempt?.number == 2
      }
      #expect(status.attempt?.state.isTerminal == false)
      try await fixture.letGo(ordinal)
    }
    try await fixture.until("complete") { _, status in status.attempt?.state == .complete }
    try await fixture.apply(Fixture.spec(replicas: 3))
    try await fixture.untilTurn(2, attempt: 3)
    #expect(try await fixture.record(0)?.attempt == 1)
  }

  @Test("what somebody changed on a child is changed back; a child that vanished is made again")
  func drift() async throws {
    let fixture = try await complete(2)
    try await fixture.change(fixture.child(0)) { child in
      child.spec = ["image": "mine", "paused": true]
      child.metadata.generation += 1
    }
    try await fixture.engine.until("the template's spec, and the pause by hand") {
      try await fixture.read(fixture.child(0))?.spec == ["image": "a", "paused": true]
    }
    let before = try #require(try await fixture.read(fixture.child(1)))
    try await fixture.letGo(1)
    try await fixture.engine.until("another one in its place") {
      guard let child = try await fixture.read(fixture.child(1)) else { return false }
      return child.metadata.uid != before.metadata.uid
    }
    let (_, status) = try await fixture.until("it") { _, _ in true }
    #expect(status.attempt?.number == 1 && status.attempt?.state == .complete)
  }

  @Test("the children go before the deployment, the last one first")
  func deletion() async throws {
    let fixture = try await complete(3)
    try await fixture.change(fixture.key) { resource in
      resource.metadata.deletionTimestamp = Timestamp(milliseconds: 1)
    }
    await fixture.wake()
    for ordinal in [2, 1, 0] {
      try await fixture.engine.until("\(ordinal) on its way out") {
        try await fixture.read(fixture.child(ordinal))?.metadata.deletionTimestamp != nil
      }
      #expect(try await fixture.children.count { $0.metadata.deletionTimestamp != nil } == 1)
      #expect(try await fixture.read(fixture.key) != nil)
      try await fixture.letGo(ordinal)
    }
    try await fixture.engine.until("its end") { try await fixture.read(fixture.key) == nil }
  }

  @Test("with onDelete: orphan the children stay, and one of that name adopts them")
  func orphans() async throws {
    let fixture = try await complete(2, [("onDelete", "orphan")])
    try await fixture.change(fixture.key) { resource in
      resource.metadata.deletionTimestamp = Timestamp(milliseconds: 1)
    }
    await fixture.wake()
    try await fixture.engine.until("its end") { try await fixture.read(fixture.key) == nil }
    let orphans = try await fixture.children
    #expect(orphans.map(\.metadata.name) == ["shop-0", "shop-1"])
    #expect(orphans.allSatisfy { $0.metadata.ownerReferences.isEmpty })
    #expect(orphans.allSatisfy { $0.metadata.childRecord == nil })
    let uids = orphans.map(\.metadata.uid)

    try await fixture.apply(Fixture.spec(replicas: 2))
    // Both are as the template would have them: that is seen, not done again.
    try await fixture.until("complete") { _, status in status.attempt?.state == .complete }
    let adopted = try await fixture.children
    #expect(adopted.map(\.metadata.uid) == uids)
    #expect(adopted.allSatisfy { $0.metadata.ownerReferences.map(\.name) == ["shop"] })
    #expect(adopted.allSatisfy { $0.metadata.generation == 1 })
  }

  @Test("a place that somebody else's object has fails the attempt, and the object is left alone")
  func foreign() async throws {
    let fixture = try Fixture()
    let foreign = Resource(
      apiVersion: APIVersion.current, kind: Fixture.childKind,
      metadata: ObjectMeta(name: "shop-1", uid: "foreign"), spec: ["image": "theirs"])
    _ = try await fixture.engine.store.create(foreign.stored)
    try await fixture.apply(
      Fixture.spec(replicas: 3, [("onFailure", "continue"), ("maxParallel", 3)]))
    let (resource, _) = try await fixture.until("failed") { _, status in
      status.attempt?.state == .failed
    }
    #expect(
      resource.status.condition("Degraded")?.message.contains("mortise.dev/deployment") == true)
    #expect(try await fixture.read(fixture.child(1))?.spec == ["image": "theirs"])
  }

  @Test("a place that can't be taken ends the starting at once, and the next host says so")
  func foreignFirst() async throws {
    let fixture = try Fixture()
    let foreign = Resource(
      apiVersion: APIVersion.current, kind: Fixture.childKind,
      metadata: ObjectMeta(name: "shop-0", uid: "foreign"), spec: ["image": "theirs"])
    _ = try await fixture.engine.store.create(foreign.stored)
    try await fixture.apply(Fixture.spec(replicas: 3, [("maxParallel", 3)]))
    try await fixture.until("failed") { _, status in status.attempt?.state == .failed }
    try await fixture.untilTold(1)
    #expect(try await fixture.names == ["shop-0"], "none began beside it")
    fixture.restart()
    let (resource, _) = try await fixture.until("counted by the next host") { resource, _ in
      resource.status.fields["children"]?["pending"] == 3
    }
    let degraded = try #require(resource.status.condition("Degraded"))
    #expect(degraded.status == .isTrue && degraded.reason == "ChildFailed")
    #expect(degraded.message.hasPrefix("shop-0: "))
  }

  @Test("the canaries go first; the others wait for resume, and are told so")
  func canary() async throws {
    let fixture = try Fixture()
    try await fixture.apply(
      Fixture.spec(replicas: 4, [("canary", 1), ("maxParallel", 4)]))
    try await fixture.untilTurn(0)
    #expect(try await fixture.names == ["shop-0"])
    try await fixture.end(0, .complete)
    let (resource, _) = try await fixture.until("held behind the canary") { resource, _ in
      resource.status.condition("Paused")?.reason == "CanaryReached"
    }
    #expect(resource.status.fields["state"] == "pending, paused")
    #expect(try await fixture.names == ["shop-0"])
    try await fixture.change(fixture.key) { resource in
      resource.metadata.annotate(ObjectMeta.promotionAnnotation, "1")
    }
    await fixture.wake()
    try await fixture.untilTurn(1, 2, 3)
  }

  @Test("a canary that failed is not said to be complete, and holds the others all the same")
  func failedCanary() async throws {
    let fixture = try Fixture()
    try await fixture.apply(
      Fixture.spec(replicas: 3, [("canary", 2), ("maxParallel", 2), ("onFailure", "continue")]))
    try await fixture.untilTurn(0, 1)
    try await fixture.end(0, .failed)
    try await fixture.end(1, .complete)
    let (resource, _) = try await fixture.until("held behind the canaries") { resource, _ in
      resource.status.condition("Paused")?.reason == "CanaryReached"
    }
    #expect(resource.status.fields["state"] == "running, degraded, paused")
    #expect(
      resource.status.condition("Paused")?.message.hasPrefix(
        "the first 2 had their turns, 1 are complete;") == true)
    #expect(try await fixture.names == ["shop-0", "shop-1"])
  }

  @Test("a pause keeps what runs, and its results; nothing new starts until resume")
  func paused() async throws {
    let fixture = try Fixture()
    try await fixture.apply(Fixture.spec(replicas: 3))
    try await fixture.untilTurn(0)
    try await fixture.apply(Fixture.spec(replicas: 3, [("paused", true)]))
    try await fixture.until("paused") { resource, _ in
      resource.status.condition("Paused")?.status == .isTrue
    }
    try await fixture.end(0, .complete)
    try await fixture.until("its result") { resource, _ in
      resource.status.fields["progress"] == "1/3"
    }
    #expect(try await fixture.names == ["shop-0"])
    try await fixture.apply(Fixture.spec(replicas: 3))
    try await fixture.untilTurn(1)
  }

  @Test("a turn takes no longer than its deadline, and counts once it was ready for long enough")
  func moments() async throws {
    let fixture = try Fixture()
    try await fixture.apply(
      Fixture.spec(
        replicas: 2,
        [("maxParallel", 2), ("minReadySeconds", 30), ("progressDeadline", "60s")]))
    try await fixture.untilTurn(0, 1)
    try await fixture.end(0, .complete)
    try await fixture.until("counted as running") { resource, _ in
      resource.status.fields["children"]?["running"] == 2
    }
    #expect(try await fixture.record(0)?.result == nil)
    fixture.engine.time.advance(by: 31_000)
    await fixture.wake()
    try await fixture.engine.until("complete") {
      try await fixture.record(0)?.result?.state == .complete
    }
    fixture.engine.time.advance(by: 30_000)
    await fixture.wake()
    try await fixture.until("failed") { _, status in status.attempt?.state == .failed }
    #expect(
      try await fixture.record(1)?.result?.error.hasPrefix("ProgressDeadlineExceeded") == true)
  }
}
