import JSON
import Testing

@testable import Daemon
@testable import Model
@testable import Planning

@Suite("The engine undoes plans of resources", .timeLimit(.minutes(10)))
struct PlanUndoTests {
  /// What waits for a target that is away.
  private static let stuck: JSONValue = ["set": ["t1/other": 1, "t2/far": 1]]

  private func status(_ world: RunWorld) async throws -> ResourceStatus {
    try #require(try await world.resource(Box.key)).status
  }

  private func world() async throws -> (RunWorld, RunHost) {
    let world = try RunWorld()
    let host = try await world.start()
    world.targets.change { $0.away = ["t2"] }
    await host.cutOff("t2")
    return (world, host)
  }

  /// Until its second task is parked; answers the plan's id.
  private func untilParked(_ world: RunWorld) async throws -> String {
    try await world.until("it parks") {
      try await status(world).plan?.tasks.last?.park?.reason == .targetUnreachable
    }
    return try #require(try await status(world).plan).id
  }

  private func untilRevertParks(_ world: RunWorld) async throws -> String {
    try await world.until("its revert parks") {
      guard let plan = try await status(world).plan else { return false }
      return plan.reverts != nil && plan.tasks[0].park?.reason == .targetUnreachable
    }
    return try #require(try await status(world).plan).id
  }

  private func bringBack(_ world: RunWorld, _ host: RunHost) async {
    world.targets.change { $0.away = [] }
    await host.setReachable("t2")
  }

  private func untilUndone(_ world: RunWorld) async throws {
    try await world.until("it is undone") {
      let status = try await status(world)
      return status.revert?.state == .complete && status.plan == nil
        && status.condition(ConditionType.plannable)?.status == .isFalse
    }
  }

  @Test("what a cancelled first plan made goes, the last first, and comes again when asked for")
  func cancelFirst() async throws {
    let (world, host) = try await world()
    try await world.create(Box.key, Box.spec(size: 1, second: Self.stuck))
    await host.wake(Box.key)
    let plan = try await untilParked(world)
    try await world.annotate(ObjectMeta.cancelAnnotation, plan)
    await host.wake(Box.key)
    _ = try await untilRevertParks(world)
    await bringBack(world, host)
    try await untilUndone(world)
    #expect(world.held.isEmpty)
    #expect(world.targets.removed == ["t1/other", "t1/size"])
    #expect(try world.intents.isEmpty)
    #expect(try await status(world).phase == "Pending")
    #expect(try await status(world).fields.members.isEmpty)
    let executions = world.tasks.executions
    await host.wake(Box.key)
    try await world.annotate(
      ObjectMeta.replanAnnotation, try #require(try await status(world).history.first?.id))
    await host.wake(Box.key)
    try await world.until("it is made") { try await status(world).phase == "Made" }
    #expect(world.tasks.executions == executions + 4, "nothing was tried before that was asked")
    #expect(world.held == ["t1/size": 1, "t1/other": 1, "t2/far": 1])
  }

  @Test("a failed plan is taken back to what was before, which is then put to effect")
  func rollback() async throws {
    let (world, host) = try await world()
    await bringBack(world, host)
    try await world.create(Box.key, Box.spec(size: 1, second: ["set": ["t1/other": 1]]))
    await host.wake(Box.key)
    try await world.until("it is made") { try await status(world).phase == "Made" }
    try await world.apply(
      Box.spec(size: 2, second: ["set": ["t1/new": 1], "remove": ["t1/other"], "fail": true]))
    await host.wake(Box.key)
    try await untilUndone(world)
    #expect(world.held == ["t1/size": 1, "t1/other": 1, "t2/size": 1])
    let undone = try await status(world)
    #expect(undone.fields["size"] == 1)
    #expect(undone.observedGeneration == 1)
    #expect(undone.history.map(\.phase) == [.complete, .failed, .complete])
    #expect(try world.intents.allSatisfy { $0.state == .committed })
    try await world.apply(Box.spec(size: 3, second: ["set": ["t1/other": 1]]))
    await host.wake(Box.key)
    try await world.until("another spec is carried out") {
      try await status(world).observedGeneration == 3
    }
    #expect(world.held["t1/size"] == 3)
  }

  @Test("a plan that failed and is tried again is undone with its first try, in its back-off, too")
  func cancelRetry() async throws {
    for cancelsInBackOff in [true, false] {
      let (world, host) = try await world()
      await bringBack(world, host)
      try await world.create(
        Box.key, Box.spec(size: 1, second: ["set": ["t1/other": 1], "fail": true]))
      await host.wake(Box.key)
      try await world.until("it failed") { try await status(world).retry != nil }
      if cancelsInBackOff {
        let failed = try #require(try await status(world).forward).id
        try await world.annotate(ObjectMeta.cancelAnnotation, failed)
        await host.wake(Box.key)
      } else {
        world.targets.change { $0.away = ["t2"] }
        await host.cutOff("t2")
        try await world.apply(Box.spec(size: 1, second: ["set": ["t2/far": 1]]))
        await host.wake(Box.key)
        try await world.annotate(ObjectMeta.cancelAnnotation, try await untilParked(world))
        await host.wake(Box.key)
        await bringBack(world, host)
      }
      try await untilUndone(world)
      #expect(world.held.isEmpty, "cancelled in back-off: \(cancelsInBackOff)")
      #expect(try world.intents.isEmpty)
      #expect(try await status(world).phase == "Pending")
    }
  }

  @Test("what replan ends stays, and so does what a revert left when it is ended that way")
  func replan() async throws {
    let (world, host) = try await world()
    try await world.create(Box.key, Box.spec(size: 1, second: Self.stuck))
    await host.wake(Box.key)
    let plan = try await untilParked(world)
    try await world.annotate(ObjectMeta.cancelAnnotation, plan)
    await host.wake(Box.key)
    let revert = try await untilRevertParks(world)
    try await world.annotate(ObjectMeta.replanAnnotation, revert)
    await host.wake(Box.key)
    let again = try await untilParked(world)
    #expect(again != plan && again != revert)
    #expect(world.held["t1/size"] == 1)
    try await world.annotate(ObjectMeta.replanAnnotation, again)
    await host.wake(Box.key)
    try await world.until("another plan") {
      guard let plan = try await status(world).plan else { return false }
      return plan.id != again && plan.reverts == nil
    }
    await bringBack(world, host)
    try await world.until("it is made") { try await status(world).phase == "Made" }
    #expect(world.held == ["t1/size": 1, "t1/other": 1, "t2/far": 1])
  }

  @Test("a box that is deleted while it is being undone goes with all it has")
  func deleteDuringRevert() async throws {
    let (world, host) = try await world()
    try await world.create(Box.key, Box.spec(size: 1, second: Self.stuck))
    await host.wake(Box.key)
    try await world.annotate(ObjectMeta.cancelAnnotation, try await untilParked(world))
    await host.wake(Box.key)
    _ = try await untilRevertParks(world)
    try await world.change(key: Box.key) { resource in
      resource.metadata.deletionTimestamp = world.time.now()
      return .change
    }
    await host.wake(Box.key)
    await bringBack(world, host)
    try await world.until("it is gone") { try await world.resource(Box.key) == nil }
    #expect(world.held.isEmpty)
    #expect(try world.intents.isEmpty)
  }
}
