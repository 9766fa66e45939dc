import JSON
import Testing

@testable import Model
@testable import Planning

@Suite("Who asks for the same work joins it, is refused, or runs it again")
struct TaskRunAskingTests {
  @Test("the name follows from type and params, whatever their order")
  func names() throws {
    let one = TaskRun.name(type: "AddNodeToGroup", params: ["a": 1, "b": ["x": 1, "y": 2]])
    let same = TaskRun.name(type: "AddNodeToGroup", params: ["b": ["y": 2, "x": 1], "a": 1])
    #expect(one == same)
    #expect(one.hasPrefix("add-node-to-group-"))
    #expect(one != TaskRun.name(type: "AddNodeToGroup", params: ["a": 2, "b": ["x": 1, "y": 2]]))
    #expect(one != TaskRun.name(type: "AddNode", params: ["a": 1, "b": ["x": 1, "y": 2]]))
    let long = TaskRun.name(type: String(repeating: "Ab", count: 60), params: [:])
    #expect(long.utf8.count <= 63)
    #expect(TaskRun.name(type: "ensure-data_pvc", params: [:]).hasPrefix("ensure-data-pvc-"))
  }

  @Test("a live run is joined by whoever gives its external id, and by nobody else")
  func live() throws {
    var test = RunUnderTest([("externalId", "monday")])
    try test.begin([phase("one")])
    let before = test.resource.spec
    #expect(TaskRunPlanner.runAgain(&test.resource, externalID: "monday") == .nothing)
    for other in ["", "tuesday"] {
      guard
        case .refused(let reason, let message) = TaskRunPlanner.runAgain(
          &test.resource, externalID: other)
      else {
        Issue.record("it is somebody else's")
        return
      }
      #expect(reason == "RunLive")
      #expect(
        message == "TaskRun default/add is Running for \"monday\"; who gave that --external-id "
          + "joins it, and nobody else runs it before it is over")
    }
    #expect(test.resource.spec == before)
  }

  @Test("nobody joins a live run that has no external id")
  func anonymous() throws {
    var test = RunUnderTest()
    try test.begin([phase("one")])
    guard case .refused(let reason, _) = TaskRunPlanner.runAgain(&test.resource, externalID: "")
    else {
      Issue.record("nobody can tell that it is the same")
      return
    }
    #expect(reason == "RunLive")
  }

  @Test("a run that is over is run again, from the start, with ids of its own")
  func again() throws {
    var test = RunUnderTest()
    try test.begin([phase("one")])
    test.end(.complete, complete: 1)
    _ = try test.pass()
    let first = try #require(test.resource.status.forward)
    #expect(TaskRunPlanner.runAgain(&test.resource, externalID: "x") == .change)
    guard case .settled(let releases) = try test.pass() else {
      Issue.record("the earlier run lets go")
      return
    }
    #expect(releases.contains(.touches(plan: first.id, intents: first.intents)))
    #expect(try test.run.run == 2)
    try test.begin([phase("one")])
    #expect(test.resource.status.plan?.id != first.id)
  }

  @Test("a run is not run again while its rollback is live")
  func rollbackLive() throws {
    var test = RunUnderTest([("externalId", "monday")])
    try test.begin([phase("one")])
    test.end(.failed, complete: 0)
    try test.reachRevert()
    for asked in ["monday", ""] {
      guard
        case .refused(let reason, let message) = TaskRunPlanner.runAgain(
          &test.resource, externalID: asked)
      else {
        Issue.record("its rollback is live")
        return
      }
      #expect(reason == "RevertLive")
      #expect(message.contains("Failed, its revert is Running"))
    }
    test.end(.complete, complete: 1)
    _ = try test.pass()
    #expect(TaskRunPlanner.runAgain(&test.resource, externalID: "") == .change)
  }

  @Test(
    "a manifest changes what a run does only by asking for another run, and not while one is live")
  func manifests() throws {
    var test = RunUnderTest([("params", ["a": 1])])
    let same: JSONValue = ["type": "Add", "params": ["a": 1], "ttlSecondsAfterFinished": 5]
    let other: JSONValue = ["type": "Add", "params": ["a": 2]]
    let next: JSONValue = ["type": "Add", "params": ["a": 2], "run": 2]
    #expect(TaskRunPlanner.problem(replacing: test.resource, with: same) == nil)
    #expect(TaskRunPlanner.problem(replacing: test.resource, with: other) != nil)
    try test.begin([phase("one")])
    #expect(TaskRunPlanner.problem(replacing: test.resource, with: next) != nil)
    test.end(.complete, complete: 1)
    _ = try test.pass()
    #expect(TaskRunPlanner.problem(replacing: test.resource, with: next) == nil)
  }
}
