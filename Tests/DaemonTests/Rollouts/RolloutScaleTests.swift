import JSON
import Rollout
import Storage
import Testing

@testable import Daemon
@testable import Model

/// What a rollout costs as it grows, counted, not timed.
@Suite("Rollouts of many children", .timeLimit(.minutes(10)))
struct RolloutScaleTests {
  /// A complete rollout of so many children as a host finds it when it starts, and what that host asks
  /// of its store for one child that somebody changed.
  private func cost(replicas: Int) async throws -> (start: CallCounts, event: CallCounts) {
    let fixture = try RolloutFixture()
    try await prepare(replicas, in: fixture)
    fixture.restart()
    try await fixture.until("all counted") { resource, _ in
      resource.status.fields["progress"]?.string == "\(replicas)/\(replicas)"
    }
    let before = fixture.calls
    let changed = fixture.child(replicas / 2)
    try await fixture.change(changed) { child in
      child.spec = ["image": "mine"]
      child.metadata.generation += 1
    }
    try await fixture.engine.until("the repair") {
      try await fixture.read(changed)?.spec == ["image": "a"]
    }
    await fixture.wake()
    try await fixture.engine.until("the passes that follow") {
      fixture.calls.gets > before.gets + 2
    }
    let after = fixture.calls
    return (
      before,
      CallCounts(
        gets: after.gets - before.gets, lists: after.lists - before.lists,
        childLists: after.childLists - before.childLists,
        writes: after.writes - before.writes, flushes: after.flushes - before.flushes,
        mostFlushesOfPass: after.mostFlushesOfPass)
    )
  }

  /// Stores the deployment and its children as an earlier host would have left them.
  private func prepare(_ replicas: Int, in fixture: RolloutFixture) async throws {
    let wanted = RolloutFixture.spec(replicas: replicas)
    let moment = Timestamp(milliseconds: 1)
    var status = RolloutStatus()
    _ = status.resolve(
      try RolloutSpec(wanted), isPaused: false, retry: nil, tally: ChildTally(), at: moment)
    try status.take(Projection(ChildTally()), ChildTally(), detail: "", at: moment)
    status.setAnnounced()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for ordinal in 0..<replicas {
        let stored = child(ordinal, of: fixture).stored
        group.addTask { _ = try await fixture.engine.store.create(stored) }
      }
      try await group.waitForAll()
    }
    var deployment = Resource(
      apiVersion: APIVersion.current, kind: NodeDeployment.kind,
      metadata: ObjectMeta(name: "shop", uid: "uid-shop"), spec: wanted)
    deployment.status.fields["rollout"] = status.json
    _ = try await fixture.engine.store.create(deployment.stored)
  }

  private func child(_ ordinal: Int, of fixture: RolloutFixture) -> Resource {
    let moment = Timestamp(milliseconds: 1)
    var metadata = ObjectMeta(name: "shop-\(ordinal)", uid: "child-\(ordinal)")
    metadata.ownerReferences = [
      OwnerReference(
        kind: NodeDeployment.kind, name: "shop", uid: "uid-shop", controller: true)
    ]
    var record = ChildRecord(
      attempt: 1, revision: 1, onFailure: .halt, generation: 1, after: "", startedAt: moment)
    record.result = ChildRecord.Result(.complete, at: moment)
    metadata.childRecord = record
    return Resource(
      apiVersion: APIVersion.current, kind: RolloutFixture.childKind, metadata: metadata,
      spec: ["image": "a"])
  }

  @Test("one child's change costs the same among a thousand as among ten")
  func perEvent() async throws {
    for replicas in [10, 1000] {
      let (start, event) = try await cost(replicas: replicas)
      // Reads of the deployment, a pass each, and of the child that changed; writes of that child, and
      // of what is told of it.
      #expect(event.gets <= 16, "\(replicas): \(event)")
      #expect(event.lists <= 2 && event.writes <= 6, "\(replicas): \(event)")
      #expect(event.flushes <= 2, "\(replicas): \(event)")
      #expect(start.childLists == 1 && event.childLists == 0, "\(replicas): \(start), \(event)")
      #expect(event.mostFlushesOfPass <= 1, "\(replicas): \(event)")
      #expect(start.lists <= 4 && start.gets <= 24, "\(replicas): \(start)")
      print("rollout of \(replicas): to start \(start); one change \(event)")
    }
  }

  @Test("a child that is well takes a fixed number of bytes")
  func memory() {
    // Texts are of failed children alone; a plan's id while it goes on.
    #expect(MemoryLayout<ChildSeat>.stride <= 256)
    #expect(ChildSeat().failure == nil && ChildSeat().planInFlight == nil)
    print("a child takes \(MemoryLayout<ChildSeat>.stride) bytes on the board")
  }
}
