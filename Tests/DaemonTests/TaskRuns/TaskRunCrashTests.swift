import JSON
import Testing

@testable import Daemon
@testable import Model
@testable import Planning

/// Where everything stands at the end: what a crash on the way must not change.
private struct End: Equatable {
  var state: String
  var revert: PlanRevert.State?
  var held: [String: JSONValue]
  var claims: [String]
  var intents: [String]
}

/// What a person asks for, and when.
private struct Story: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var key = RunWorld.key
  /// What is there before, with a host that does not die.
  var prepare: @Sendable (RunWorld, RunHost) async throws -> Void
  var ask: @Sendable (RunWorld) async throws -> Void
  /// A cancel is asked for as soon as that is so; nil = never.
  var cancelWhen: (@Sendable (Resource) -> Bool)?

  func isOver(_ resource: Resource) throws -> Bool {
    guard let run = try resource.status.taskRun(), resource.isTaskRun else {
      return resource.status.revert?.state.isEnded ?? false && resource.status.plan == nil
        && resource.status.condition(ConditionType.plannable)?.status == .isFalse
    }
    return resource.status.isOver(run) && run.finishedAt != nil
  }

  func cancel(_ world: RunWorld) async throws -> Bool {
    try await world.change(key: key) { resource in
      if resource.isTaskRun { return TaskRunPlanner.cancel(&resource) }
      guard let plan = resource.status.plan, plan.phase == .active else { return .nothing }
      resource.metadata.annotate(ObjectMeta.cancelAnnotation, plan.id)
      return .change
    } == .change
  }
}

private let one: JSONValue = ["name": "one", "set": ["t1/a": 1, "t2/b": 1], "keys": ["k"]]

private let isParkedFar: @Sendable (Resource) -> Bool = { resource in
  resource.status.plan?.reverts == nil
    && resource.status.plan?.tasks.last?.park?.reason == .targetUnreachable
}

private let anotherRun: @Sendable (RunWorld, RunHost) async throws -> Void = { world, host in
  let before = ObjectKey(kind: TaskRun.kind, namespace: "default", name: "before")
  try await world.ask([["name": "before", "set": ["t1/a": 0]]], key: before)
  await host.wake(before)
  try await world.untilOver(before)
}

private let stories = [
  Story(
    testDescription: "a run that fails and is rolled back", prepare: anotherRun,
    ask: { world in
      try await world.ask(
        [one, ["name": "two", "set": ["t1/a": 2], "remove": ["t2/b"], "fail": true]])
    }),
  Story(
    testDescription: "a run that is cancelled while it is parked", prepare: anotherRun,
    ask: { world in
      try await world.ask([one, ["name": "far", "set": ["t1/a": 2, "far/x": 1]]])
    }, cancelWhen: isParkedFar),
  Story(
    testDescription: "a plan that fails and is rolled back", key: Box.key,
    prepare: { world, host in
      try await world.create(Box.key, Box.spec(size: 1, second: ["set": ["t1/other": 1]]))
      await host.wake(Box.key)
      try await world.until("it is made") {
        try await world.resource(Box.key)?.status.observedGeneration == 1
      }
    },
    ask: { world in
      try await world.apply(
        Box.spec(size: 2, second: ["set": ["t1/new": 1], "remove": ["t1/other"], "fail": true]))
    }),
  Story(
    testDescription: "a plan that is cancelled while it is parked", key: Box.key,
    prepare: { _, _ in },
    ask: { world in
      try await world.create(
        Box.key, Box.spec(size: 1, second: ["set": ["t1/other": 1, "far/x": 1]]))
    }, cancelWhen: isParkedFar),
]

/// On a store without transactions, that fails at any one write: whatever two writes the host dies
/// between, the next one on the same store leads to the same end.
@Suite("A crash between any two writes changes nothing of the end", .timeLimit(.minutes(10)))
struct TaskRunCrashTests {
  private func play(_ story: Story, deathAtWrite: Int?) async throws -> (End, writes: Int) {
    let world = try RunWorld()
    let calm = try await world.start()
    try await story.prepare(world, calm)
    calm.store.die()
    try await story.ask(world)
    var host = try await world.start(deathAtWrite: deathAtWrite)
    var hasCancelled = story.cancelWhen == nil
    try await world.until("it ends, though a host died at write \(deathAtWrite ?? -1)") {
      if host.store.isDead {
        host = try await world.start()
        if hasCancelled { await host.setReachable("far") }
      }
      guard let resource = try await world.resource(story.key) else { return false }
      if !hasCancelled, story.cancelWhen?(resource) ?? false {
        hasCancelled = try await story.cancel(world)
        await host.wake(story.key)
        await host.setReachable("far")
      }
      return try hasCancelled && !host.store.isDead && story.isOver(resource)
    }
    let resource = try #require(try await world.resource(story.key))
    let end = End(
      state: try resource.status.taskRun()?.state.rawValue ?? resource.status.phase,
      revert: resource.status.revert?.state, held: world.held, claims: world.claims,
      intents: try world.intents.map { "\($0.key) \($0.state.rawValue)" }.sorted())
    return (end, host.store.writes)
  }

  @Test(arguments: stories)
  fileprivate func crashes(_ story: Story) async throws {
    let (expected, writes) = try await play(story, deathAtWrite: nil)
    #expect(expected.claims.isEmpty)
    #expect(writes > 10)
    for write in 0..<writes {
      let (end, _) = try await play(story, deathAtWrite: write)
      #expect(end == expected, "\(story.testDescription), dead at write \(write) of \(writes)")
    }
  }
}
