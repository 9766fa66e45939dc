import Diagnostics
import JSON
import LinuxSystem
import Rollout
import Storage
import TTRPC
import Testing

@testable import Daemon
@testable import Model

/// One rollout at a time, its children played by the test, through the real store.
@Suite("Rollouts")
struct RolloutFlowTests {
  typealias Fixture = RolloutFixture

  @Test("children are made in order, as many at once as asked; the end is told once")
  func complete() async throws {
    let fixture = try Fixture()
    try await fixture.apply(Fixture.spec(replicas: 3, [("maxParallel", 2)]))
    try await fixture.untilTurn(0, 1)
    try await fixture.until("two of three") { resource, _ in
      resource.status.fields["children"]?["running"] == 2
    }
    #expect(try await fixture.names == ["shop-0", "shop-1"])
    let child = try #require(try await fixture.read(fixture.child(0)))
    #expect(child.spec == ["image": "a"])
    #expect(child.metadata.ownerReferences.map(\.uid) == ["uid-shop"])
    try await fixture.completeAll(3)
    try await fixture.untilTold(1)
    let (resource, status) = try await fixture.until("it") { _, _ in true }
    #expect(resource.status.phase == "Complete")
    #expect(resource.status.fields["progress"] == "3/3")
    #expect(resource.status.observedGeneration == 1)
    #expect(status.totals == [.complete: 1])
    let events = try await fixture.endEvents
    #expect(events.map(\.plan) == ["attempt 1"])
    #expect(events.map(\.count) == [1])
    #expect(fixture.calls.mostFlushesOfPass == 1, "one flush a pass")
  }

  @Test("no children asked for is complete")
  func none() async throws {
    let fixture = try Fixture()
    try await fixture.apply(Fixture.spec(replicas: 0))
    try await fixture.completeAll(0)
  }

  @Test(
    "a failure that is not continuable ends the attempt at once, whatever goes on beside it",
    arguments: ["halt", "pause"])
  func halted(policy: String) async throws {
    let fixture = try Fixture()
    try await fixture.apply(
      Fixture.spec(replicas: 6, [("onFailure", .string(policy)), ("maxParallel", 2)]))
    try await fixture.untilTurn(0, 1)
    try await fixture.end(1, .failed)
    let (resource, _) = try await fixture.until("the end") { _, status in
      status.attempt?.state == .failed
    }
    #expect(resource.status.condition("Degraded")?.reason == "ChildFailed")
    #expect(
      resource.status.condition("Degraded")?.message == "shop-1, task do: Broken: no use")
    try await fixture.end(0, .complete)
    try await fixture.engine.until("the result of the one under way") {
      try await fixture.record(0)?.result?.state == .complete
    }
    try await fixture.until("both counted") { resource, _ in
      resource.status.fields["progress"] == "1/6"
    }
    #expect(try await fixture.names == ["shop-0", "shop-1"])

    try await fixture.change(fixture.key) { resource in
      resource.metadata.annotate(ObjectMeta.retryAnnotation, "1")
    }
    await fixture.wake()
    try await fixture.untilTurn(1, 2, attempt: 2)
    #expect(try await fixture.record(0)?.attempt == 1, "what is finished is left alone")
    let again = try #require(try await fixture.read(fixture.child(1)))
    #expect(again.metadata.replanRequest == again.status.history.first?.id)
    for ordinal in 1..<6 {
      try await fixture.untilTurn(ordinal, attempt: 2)
      try await fixture.end(ordinal, .complete)
    }
    try await fixture.until("attempt 2 complete") { _, status in
      status.attempt?.number == 2 && status.attempt?.state == .complete
    }
    try await fixture.untilTold(2)
    #expect(try await fixture.endEvents.map(\.plan).sorted() == ["attempt 1", "attempt 2"])
  }

  @Test("under continue the first failure shows at once, the others go on, and the end is Failed")
  func continued() async throws {
    let fixture = try Fixture()
    try await fixture.apply(Fixture.spec(replicas: 3, [("onFailure", "continue")]))
    try await fixture.untilTurn(0)
    try await fixture.end(0, .failed)
    let (resource, status) = try await fixture.until("degraded") { resource, _ in
      resource.status.condition("Degraded")?.status == .isTrue
    }
    #expect(resource.status.fields["state"] == "running, degraded")
    #expect(status.attempt?.isHeld == true && status.attempt?.completedAt == nil)
    for ordinal in 1..<3 {
      try await fixture.untilTurn(ordinal)
      try await fixture.end(ordinal, .complete)
    }
    try await fixture.until("the end") { _, status in status.attempt?.state == .failed }
    try await fixture.untilTold(1)
    #expect(try await fixture.endEvents.count == 1)
  }

  @Test("a child of which nobody can tell is no success: it is named and keeps its place")
  func unknown() async throws {
    let fixture = try Fixture()
    try await fixture.apply(Fixture.spec(replicas: 2))
    try await fixture.untilTurn(0)
    try await fixture.change(fixture.child(0)) { child in
      var task = PlannedTask(id: "t", name: "do", type: "do", params: [:], timeout: .seconds(9))
      task.park = Park(
        reason: .outcomeUnknown, message: "the plugin is gone", since: Timestamp(milliseconds: 2))
      child.status.plan = Plan(
        id: "running", name: "init", generation: 1, target: "", targetPhase: "", failedPhase: "",
        condition: nil, tasks: [task], startedAt: Timestamp(milliseconds: 1))
    }
    let (resource, _) = try await fixture.until("unknown") { resource, _ in
      resource.status.fields["children"]?["unknown"] == 1
    }
    #expect(resource.status.fields["state"] == "running, degraded")
    let degraded = try #require(resource.status.condition("Degraded"))
    #expect(degraded.reason == "OutcomeUnknown")
    #expect(degraded.message == "shop-0, task do: OutcomeUnknown: the plugin is gone")
    #expect(try await fixture.names == ["shop-0"], "it keeps its place among maxParallel")
    try await fixture.change(fixture.child(0)) { $0.status.plan = nil }
    try await fixture.end(0, .complete)
    try await fixture.untilTurn(1)
  }

  @Test("an attempt that failed goes on where a corrected record derives the hold, and only there")
  func corrected() async throws {
    let fixture = try Fixture()
    try await fixture.apply(
      Fixture.spec(replicas: 3, [("onFailure", "continue"), ("maxParallel", 2)]))
    try await fixture.untilTurn(0, 1)
    try await fixture.change(fixture.child(0)) { child in
      child.metadata.childRecord?.onFailure = FailurePolicy("newer-word")
    }
    try await fixture.end(0, .failed)
    try await fixture.until("failed, as the word is not known") { _, status in
      status.attempt?.state == .failed && status.attempt?.completedAt != nil
    }
    #expect(try await fixture.record(2) == nil)
    try await fixture.change(fixture.child(0)) { child in
      child.metadata.childRecord?.onFailure = .continue
    }
    try await fixture.until("held") { _, status in
      status.attempt?.state == .running && status.attempt?.completedAt == nil
    }
    try await fixture.untilTurn(2)
    try await fixture.end(1, .complete)
    try await fixture.end(2, .complete)
    try await fixture.until("the end") { _, status in status.attempt?.state == .failed }
    try await fixture.untilTold(1)
    #expect(try await fixture.endEvents.map(\.count) == [1])
    try await fixture.change(fixture.child(0)) { child in
      child.metadata.childRecord?.result = ChildRecord.Result(
        .complete, at: Timestamp(milliseconds: 1))
    }
    try await fixture.until("all complete by themselves") { resource, _ in
      resource.status.fields["progress"] == "3/3"
    }
    let (_, status) = try await fixture.until("it") { _, _ in true }
    #expect(status.attempt?.state == .failed, "Failed does not become Complete")
  }

  @Test("with inFlight: cancel a failure has the plans of the others ended")
  func stopped() async throws {
    let fixture = try Fixture()
    try await fixture.apply(
      Fixture.spec(replicas: 2, [("inFlight", "cancel"), ("maxParallel", 2)]))
    try await fixture.untilTurn(0, 1)
    try await fixture.change(fixture.child(1)) { child in
      child.status.plan = Plan(
        id: "running", name: "init", generation: 1, target: "", targetPhase: "", failedPhase: "",
        condition: nil,
        tasks: [PlannedTask(id: "t", name: "do", type: "do", params: [:], timeout: .seconds(9))],
        startedAt: Timestamp(milliseconds: 1))
    }
    try await fixture.end(0, .failed)
    try await fixture.engine.until("the request") {
      try await fixture.read(fixture.child(1))?.metadata.cancelRequest == "running"
    }
    try await fixture.change(fixture.child(1)) { child in
      child.status.plan?.phase = .cancelled
      child.status.plan?.endedAt = Timestamp(milliseconds: 2)
    }
    try await fixture.engine.until("its result") {
      try await fixture.record(1)?.result?.state == .stopped
    }
  }
}
