import Diagnostics
import JSON
import LinuxSystem
import Rollout
import Storage
import TTRPC
import Testing

@testable import Daemon
@testable import Model

/// What a rollout costs as it grows, counted, not timed.
@Suite("Rollouts of many children", .timeLimit(.minutes(5)))
struct RolloutScaleTests {
  /// A complete rollout of so many children, and what the host asked of its store for one child that
  /// somebody changed, from the change to the repaired child.
  private func costOfOneEvent(replicas: Int) async throws -> (build: CallCounts, event: CallCounts)
  {
    let fixture = try RolloutFixture()
    try await fixture.apply(
      RolloutFixture.spec(replicas: replicas, [("maxParallel", 100)]))
    try await completeInBulk(fixture)
    try await fixture.untilTold(1)
    let before = fixture.calls
    try await fixture.change(fixture.child(replicas / 2)) { child in
      child.spec = ["image": "mine"]
      child.metadata.generation += 1
    }
    try await fixture.engine.until("the repair") {
      try await fixture.read(fixture.child(replicas / 2))?.spec == ["image": "a"]
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
        writes: after.writes - before.writes, flushes: after.flushes - before.flushes)
    )
  }

  /// Ends every turn that has begun, all at once, until the attempt has ended.
  private func completeInBulk(_ fixture: RolloutFixture) async throws {
    try await fixture.engine.until("the end of the attempt") {
      let open = try await fixture.children.filter { child in
        child.metadata.childRecord?.result == nil && child.status.history.isEmpty
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for child in open {
          guard
            let ordinal = NodeDeployment.ordinal(ofChild: child.metadata.name, of: "shop")
          else { continue }
          group.addTask { try await fixture.end(ordinal, .complete) }
        }
        try await group.waitForAll()
      }
      return try await fixture.read(fixture.key)?.rolloutStatus().attempt?.state == .complete
    }
  }

  @Test("one child's change costs the same among a thousand as among ten, and no list")
  func perEvent() async throws {
    let few = try await costOfOneEvent(replicas: 10)
    let many = try await costOfOneEvent(replicas: 1000)
    // One read of the deployment a pass, one of the child; passes may be a few, children are one.
    #expect(many.event.lists == 0 && few.event.lists == 0)
    #expect(many.event.writes == 1 && few.event.writes == 1)
    #expect(many.event.gets <= 12, "\(many.event)")
    // One list when the rollout is met; for each child: it is made, its own status, its result.
    #expect(many.build.lists <= 2)
    #expect(many.build.gets <= 20 * 1000, "\(many.build)")
    print("rollout of 1000: \(many.build) to complete; one change: \(many.event)")
  }

  @Test("a child that is well costs a fixed number of bytes")
  func memory() {
    // Texts are of failed children alone; a plan's id while it goes on.
    #expect(MemoryLayout<ChildSeat>.stride <= 256)
    #expect(ChildSeat().failure == nil && ChildSeat().planInFlight == nil)
    print("a child takes \(MemoryLayout<ChildSeat>.stride) bytes on the board")
  }
}
