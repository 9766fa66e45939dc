import JSON
import Testing

@testable import Daemon
@testable import Model
@testable import Planning

private let first: JSONValue = [
  "name": "first", "set": ["t1/a": 1, "t2/b": 1], "keys": ["group"],
]
private let second: JSONValue = [
  "name": "second", "set": ["t1/a": 2, "t1/c": 1], "remove": ["t2/b"], "keys": ["group"],
]

/// A phase that fails when what it asked for is there.
private func failing(_ phase: JSONValue) -> JSONValue {
  var object = phase.object ?? JSONObject()
  object["fail"] = true
  return .object(object)
}

@Suite("The engine carries runs out, and undoes them", .timeLimit(.minutes(10)))
struct TaskRunEngineTests {
  private func run(_ world: RunWorld) async throws -> (TaskRunState, PlanRevert.State?) {
    let resource = try #require(try await world.resource())
    return (try #require(try resource.status.taskRun()).state, resource.status.revert?.state)
  }

  @Test("what a run sets stays, its keys do not")
  func forward() async throws {
    let world = try RunWorld()
    let host = try await world.start()
    try await world.ask([first, second])
    await host.wake()
    try await world.untilOver()
    #expect(try await run(world) == (.complete, nil))
    #expect(world.held == ["t1/a": 2, "t1/c": 1])
    #expect(world.claims.isEmpty)
    let removed = try #require(try world.intents.first { $0.key.key == "b" })
    #expect(removed.state == .removed, "it is remembered while the run is there")
  }

  @Test("a run that fails leaves nothing of itself, and brings back what was there")
  func rollback() async throws {
    let world = try RunWorld()
    let host = try await world.start()
    let other = ObjectKey(kind: TaskRun.kind, namespace: "default", name: "other")
    try await world.ask([["name": "before", "set": ["t1/a": 7]]], key: other)
    await host.wake(other)
    try await world.untilOver(other)
    try await world.ask([first, failing(second)])
    await host.wake()
    try await world.untilOver()
    #expect(try await run(world) == (.failed, .complete))
    #expect(world.held == ["t1/a": 7])
    #expect(world.claims.isEmpty)
    #expect(try world.intents.map(\.key.key) == ["a"])
    #expect(try world.intents.flatMap(\.touches).count == 1, "the other run's alone")
  }

  @Test("a run whose phases have no room in its status has failed, and did nothing")
  func statusTooLarge() async throws {
    let world = try RunWorld()
    let host = try await world.start()
    let name = String(repeating: "x", count: 10_000)
    try await world.ask([["name": .string(name), "set": ["t1/a": 1]]])
    world.store.limit(bodyBytes: 15_000)
    await host.wake()
    try await world.untilOver()
    #expect(try await run(world) == (.failed, nil))
    let status = try #require(try await world.resource()).status
    #expect(try status.taskRun()?.message.hasPrefix("StatusTooLarge: ") == true)
    #expect(world.tasks.executions == 0)
    #expect(world.held.isEmpty)
  }

  @Test("a run that is over is undone by a cancel, once, and stays complete")
  func cancelFinished() async throws {
    let world = try RunWorld()
    let host = try await world.start()
    try await world.ask([first, second])
    await host.wake()
    try await world.untilOver()
    for _ in 0..<2 {
      try await world.change { TaskRunPlanner.cancel(&$0) }
      await host.wake()
      try await world.until("it is undone") { try await run(world) == (.complete, .complete) }
    }
    #expect(world.held.isEmpty)
    #expect(try world.intents.isEmpty)
    #expect(world.claims.isEmpty)
  }

  @Test("a run parked on a target that is away is cancelled; its revert parks, and resumes with it")
  func cancelParked() async throws {
    let world = try RunWorld()
    let host = try await world.start()
    world.targets.change { $0.away = ["t2"] }
    await host.cutOff("t2")
    try await world.ask([first, second])
    await host.wake()
    try await world.until("it parks") {
      try await world.resource()?.status.plan?.tasks[0].park?.reason == .targetUnreachable
    }
    try await world.until("what can be reached is done") { world.held == ["t1/a": 1] }
    try await world.change { TaskRunPlanner.cancel(&$0) }
    await host.wake()
    try await world.until("its revert parks") {
      guard let plan = try await world.resource()?.status.plan, plan.reverts != nil
      else { return false }
      return plan.tasks.first?.park?.reason == .targetUnreachable
    }
    #expect(world.claims == ["group"], "a revert keeps the keys of what it rewrites")
    world.targets.change { $0.away = [] }
    await host.setReachable("t2")
    try await world.untilOver()
    #expect(try await run(world) == (.cancelled, .complete))
    #expect(try #require(try await world.resource()).status.forward?.currentIndex == 0)
    #expect(world.held.isEmpty)
    #expect(try world.intents.isEmpty)
  }

  @Test("a target that is gone for good fails what waits for it, and is skipped by the revert")
  func targetGone() async throws {
    let world = try RunWorld()
    let host = try await world.start()
    world.targets.change { $0.away = ["t2"] }
    await host.cutOff("t2")
    try await world.ask([first, second])
    await host.wake()
    try await world.until("it parks") {
      try await world.resource()?.status.plan?.tasks[0].park?.reason == .targetUnreachable
    }
    await host.loseForGood("t2")
    try await world.untilOver()
    #expect(try await run(world) == (.failed, .complete))
    let message = try #require(try await world.resource()?.status.taskRun()).message
    #expect(message == "first: TargetGone: Thing b on t2: its target is gone for good")
    #expect(world.held.isEmpty)
    #expect(try world.intents.isEmpty)
  }

  @Test("what another one needs stays when its maker is undone")
  func stillReferenced() async throws {
    let world = try RunWorld()
    let host = try await world.start()
    let other = ObjectKey(kind: TaskRun.kind, namespace: "default", name: "other")
    try await world.ask([["name": "keys", "set": ["t1/key": 1, "t1/own": 1]]])
    await host.wake()
    try await world.untilOver()
    try await world.ask(
      [["name": "member", "set": ["t1/member": 1], "references": ["t1/key"]]], key: other)
    await host.wake(other)
    try await world.untilOver(other)
    try await world.change { TaskRunPlanner.cancel(&$0) }
    await host.wake()
    try await world.until("it is undone") { try await run(world) == (.complete, .complete) }
    #expect(world.held == ["t1/key": 1, "t1/member": 1])
  }

  @Test("an intent that is given up on fails what waits for it at once, and rolls it back")
  func givenUp() async throws {
    let world = try RunWorld()
    let host = try await world.start()
    try await world.ask([first, ["name": "bad", "set": ["t1/a": "refuse"]]])
    await host.wake()
    try await world.untilOver()
    #expect(try await run(world) == (.failed, .complete))
    #expect(world.held.isEmpty)
    let message = try #require(try await world.resource()?.status.taskRun()).message
    #expect(message == "bad: Refused: Thing a on t1: not this one")
  }

  @Test("two runs that need one key go one after the other")
  func exclusive() async throws {
    let world = try RunWorld()
    let host = try await world.start()
    world.targets.change { $0.away = ["t1"] }
    await host.cutOff("t1")
    let other = ObjectKey(kind: TaskRun.kind, namespace: "default", name: "other")
    try await world.ask([["name": "one", "set": ["t1/a": 1], "keys": ["b", "group"]]])
    await host.wake()
    try await world.until("it has its keys") { world.claims == ["b", "group"] }
    try await world.ask(
      [["name": "two", "set": ["t2/a": 2], "keys": ["a", "group"]]], key: other)
    await host.wake(other)
    try await world.until("the other waits") {
      try await world.resource(other)?.status.plan?.tasks[0].park?.reason == .keyHeld
    }
    #expect(world.held.isEmpty, "nothing is done before all keys are there")
    world.targets.change { $0.away = [] }
    await host.setReachable("t1")
    try await world.untilOver(other)
    try await world.untilOver()
    #expect(world.held == ["t1/a": 1, "t2/a": 2])
    #expect(world.claims.isEmpty)
  }

  @Test("what does not fit is refused before anything is changed; what is unknown is not checked")
  func admission() async throws {
    let world = try RunWorld()
    let host = try await world.start()
    world.targets.change { $0.capacity = 1 }
    try await world.ask([["name": "one", "set": ["t1/a": 1, "t1/b": 1]]])
    await host.wake()
    try await world.untilOver()
    #expect(try await run(world) == (.failed, nil))
    #expect(try world.intents.isEmpty)
    let message = try #require(try await world.resource()?.status.taskRun()).message
    #expect(message.hasPrefix("admission: NoRoom: t1 holds 1 of Thing"))
    world.targets.change { $0.capacity = nil }
    try await world.change { TaskRunPlanner.runAgain(&$0, externalID: "") }
    await host.wake()
    try await world.until("it is done") { world.held == ["t1/a": 1, "t1/b": 1] }
  }

  @Test("a run waits for its plugin before its phases are known, and between them")
  func pluginAway() async throws {
    let world = try RunWorld()
    let host = try await world.start()
    world.tasks.change { $0.isAway = true }
    try await world.ask([first])
    await host.wake()
    try await world.until("it says what it waits for") {
      try await world.resource()?.status.condition(ConditionType.plannable)?.reason
        == "PluginUnavailable"
    }
    world.tasks.change { $0.isAway = false }
    await host.pluginIsBack()
    try await world.untilOver()
    #expect(try await run(world) == (.complete, nil))
  }

  @Test("past its point of no return a run that fails is left as it is, and says why")
  func pointOfNoReturn() async throws {
    let world = try RunWorld()
    let host = try await world.start()
    var last = failing(second).object ?? JSONObject()
    last["final"] = true
    try await world.ask([first, .object(last)])
    await host.wake()
    try await world.untilOver()
    #expect(try await run(world) == (.failed, .refused))
    #expect(world.held == ["t1/a": 2, "t1/c": 1])
    #expect(world.claims.isEmpty)
  }

  @Test("a run whose time is over goes, its touches and tombstones with it, and what it set stays")
  func timeToLive() async throws {
    let world = try RunWorld()
    let host = try await world.start()
    try await world.ask([first, second])
    await host.wake()
    try await world.untilOver()
    try await world.change { resource in
      var spec = resource.spec.object ?? JSONObject()
      spec["ttlSecondsAfterFinished"] = 1
      resource.spec = .object(spec)
      return .change
    }
    await host.wake()
    world.time.advance(by: .seconds(2))
    await host.wake()
    try await world.until("it is gone") { try await world.resource() == nil }
    #expect(world.held == ["t1/a": 2, "t1/c": 1])
    #expect(Set(try world.intents.map(\.key.key)) == ["a", "c"])
    #expect(try world.intents.allSatisfy { $0.touches.isEmpty })
  }
}
