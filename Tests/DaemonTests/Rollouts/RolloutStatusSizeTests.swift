import JSON
import Rollout
import Storage
import Testing

@testable import Daemon
@testable import Model

@Suite("A rollout whose status the store can't keep", .timeLimit(.minutes(10)))
struct RolloutStatusSizeTests {
  /// Fits into the spec, and not beside it into the status.
  private static let large = String(repeating: "x", count: 5_000)

  @Test("starts nothing, says so, and goes on by a smaller template")
  func tooLarge() async throws {
    let fixture = try RolloutFixture(limits: StoreLimits(bodyBytes: 9_000))
    try await fixture.apply(RolloutFixture.spec(replicas: 1, image: Self.large))
    try await fixture.until("the refusal") { resource, status in
      let plannable = resource.status.condition(ConditionType.plannable)
      return plannable?.status == .isFalse && plannable?.reason == "StatusTooLarge"
        && plannable?.message.contains("the store keeps at most 9000") == true
        && status.attempt == nil
    }
    #expect(try await fixture.names.isEmpty)
    try await fixture.apply(RolloutFixture.spec(replicas: 1, image: "small"))
    try await fixture.completeAll(1)
    try await fixture.until("the end of the refusal") { resource, _ in
      resource.status.condition(ConditionType.plannable)?.status == .isTrue
    }
  }

  @Test("keeps the attempt that goes on where the next template has no room")
  func tooLargeLater() async throws {
    let fixture = try RolloutFixture(limits: StoreLimits(bodyBytes: 9_000))
    try await fixture.apply(RolloutFixture.spec(replicas: 1, image: "small"))
    try await fixture.completeAll(1)
    try await fixture.apply(RolloutFixture.spec(replicas: 1, image: Self.large))
    let (_, status) = try await fixture.until("the refusal") { resource, _ in
      resource.status.condition(ConditionType.plannable)?.status == .isFalse
    }
    #expect(status.attempt?.number == 1)
    #expect(try await fixture.read(fixture.child(0))?.spec == ["image": "small"])
  }
}
