import JSON
import Testing

@testable import Model
@testable import Planning

@Suite("A run goes forward, and back where it has to")
struct TaskRunPlannerTests {
  private let phases = [phase("one", keys: ["b", "a"]), phase("two", keys: ["a", "c"])]

  @Test("a run is expanded, admitted with its keys in order, carried out, and over")
  func forward() throws {
    var test = RunUnderTest()
    #expect(try test.pass() == .expand)
    try test.planner.stamp(phases, revertedBy: .host, &test.resource)
    #expect(try test.pass() == .admit(keys: ["a", "b", "c"], adds: []))
    test.planner.admitted(&test.resource)
    #expect(try test.pass() == .advance(isStopping: false))
    test.end(.complete, complete: 2)
    #expect(try test.pass() == .settled([.claims]))
    #expect(try test.run.state == .complete)
    #expect(test.resource.status.revert == nil)
    #expect(try test.pass() == .steady(until: nil))
  }

  @Test("task ids follow from the object, the run and the phase")
  func ids() throws {
    var test = RunUnderTest()
    try test.begin(phases)
    let plan = try #require(test.resource.status.plan)
    #expect(plan.id == TaskRunPlanner.planID(of: test.resource, run: 1))
    #expect(plan.id != TaskRunPlanner.planID(of: test.resource, run: 2))
    #expect(Set(plan.tasks.map(\.id)).count == 2)
    #expect(plan.tasks.map(\.name) == ["one", "two"])
  }

  @Test("a failed run is rolled back, and keeps saying that it failed")
  func rollback() throws {
    var test = RunUnderTest()
    try test.begin(phases)
    test.end(.failed, complete: 1)
    try test.reachRevert()
    let revert = try #require(test.resource.status.plan)
    #expect(revert.tasks.map(\.name) == ["revert-two", "revert-one"])
    #expect(revert.tasks.map { $0.reverts?.index } == [1, 0])
    #expect(revert.intents == test.resource.status.forward?.intents)
    #expect(test.resource.status.phase == "Reverting")
    test.end(.complete, complete: 2)
    guard case .settled(let releases) = try test.pass() else {
      Issue.record("a revert ends")
      return
    }
    #expect(releases.last == .claims)
    #expect(try test.run.state == .failed)
    #expect(try test.run.message == "two: Broken: it broke")
    #expect(test.resource.status.revert?.state == .complete)
    #expect(test.resource.status.phase == "Failed")
  }

  @Test("a run that is refused for want of room has changed nothing, and nothing is reverted")
  func noRoom() throws {
    var test = RunUnderTest()
    #expect(try test.pass() == .expand)
    try test.planner.stamp(phases, revertedBy: .host, &test.resource)
    _ = try test.pass()
    test.planner.refuse(TaskError(reason: "NoRoom", message: "full"), &test.resource)
    #expect(try test.pass() == .settled([.claims]))
    #expect(try test.run.state == .failed)
    #expect(try test.run.message == "admission: NoRoom: full")
    #expect(test.resource.status.revert == nil)
    #expect(
      test.cancel() == .refused(reason: "NothingDone", message: "it is Failed, and changed nothing")
    )
    #expect(try test.pass() == .steady(until: nil))
  }

  @Test("a run is cancelled before its phases are known")
  func cancelUnplanned() throws {
    var test = RunUnderTest()
    #expect(test.cancel() == .change)
    #expect(try test.pass() == .settled([.claims]))
    #expect(try test.run.state == .cancelled)
    #expect(test.resource.status.revert?.state == .complete)
    #expect(test.cancel() == .nothing)
  }

  @Test("a run is cancelled while it waits for its keys, and goes nowhere")
  func cancelUnadmitted() throws {
    var test = RunUnderTest()
    #expect(try test.pass() == .expand)
    try test.planner.stamp(phases, revertedBy: .host, &test.resource)
    _ = try test.pass()
    test.planner.blocked(.keyHeld, "held", &test.resource)
    #expect(test.cancel() == .change)
    #expect(try test.pass() == .advance(isStopping: true))
    test.end(.cancelled, complete: 0)
    #expect(try test.pass() == .settled([.claims]))
    #expect(test.resource.status.revert?.state == .complete)
  }

  @Test("a cancel during a phase leaves the phase index there, and undoes what was done")
  func cancelDuring() throws {
    var test = RunUnderTest()
    try test.begin(phases)
    #expect(test.cancel() == .change)
    #expect(test.cancel() == .nothing)
    #expect(try test.pass() == .advance(isStopping: true))
    test.end(.cancelled, complete: 1)
    try test.reachRevert()
    #expect(try test.run.state == .cancelled)
    #expect(test.resource.status.forward?.currentIndex == 1)
    let plan = test.resource.status.plan
    #expect(test.cancel() == .nothing)
    #expect(try test.pass() == .advance(isStopping: false))
    #expect(test.resource.status.plan == plan, "a revert is never reverted")
  }

  @Test("a cancel that races completion undoes the run, which keeps saying that it is complete")
  func cancelRacingCompletion() throws {
    var test = RunUnderTest()
    try test.begin(phases)
    test.end(.complete, complete: 2)
    #expect(test.cancel() == .change)
    try test.reachRevert()
    #expect(try test.run.state == .complete)
  }

  @Test(
    "a run that is over is cancelled: it takes its keys again, is undone, and keeps its outcome")
  func cancelFinished() throws {
    var test = RunUnderTest()
    try test.begin(phases)
    test.end(.complete, complete: 2)
    _ = try test.pass()
    #expect(try test.pass() == .steady(until: nil))
    #expect(test.cancel() == .change)
    #expect(try test.pass() == .settled([]))
    #expect(try test.pass() == .stamped)
    #expect(try test.pass() == .admit(keys: ["a", "b", "c"], adds: []))
    #expect(try test.run.state == .complete)
  }

  @Test("a revert that fails is shown, and nothing further is undone")
  func revertFails() throws {
    var test = RunUnderTest()
    try test.begin(phases)
    test.end(.failed, complete: 0)
    try test.reachRevert()
    test.end(.failed, complete: 0)
    guard case .settled(let releases) = try test.pass() else {
      Issue.record("a failed revert is over")
      return
    }
    #expect(!releases.contains { if case .touches = $0 { true } else { false } })
    #expect(test.resource.status.revert?.state == .failed)
    #expect(test.resource.status.revert?.message == "revert-one: Broken: it broke")
    #expect(test.cancel() == .nothing)
    #expect(try test.pass() == .steady(until: nil))
  }

  @Test("from the moment at which its phase is reached, the point of no return refuses to go back")
  func pointOfNoReturn() throws {
    let phases = [phase("prepare"), phase("activate", isFinal: true), phase("clean")]
    var before = RunUnderTest()
    try before.begin(phases)
    #expect(before.cancel() == .change)
    var reached = RunUnderTest()
    try reached.begin(phases)
    reached.resource.status.plan?.tasks[0].state = .complete
    guard case .refused(let reason, let message) = reached.cancel() else {
      Issue.record("it is too late")
      return
    }
    #expect(reason == "PointOfNoReturn")
    #expect(message.contains("activate"))
    reached.end(.failed, complete: 1)
    #expect(try reached.pass() == .settled([.claims]))
    #expect(reached.resource.status.revert?.state == .refused)
    #expect(try reached.run.state == .failed)
    #expect(reached.cancel() == .refused(reason: "PointOfNoReturn", message: message))
  }

  @Test("what can't be undone is left, and named")
  func notRevertible() throws {
    var test = RunUnderTest()
    try test.begin([phase("one"), phase("two", isRevertible: false)])
    test.end(.failed, complete: 1)
    try test.reachRevert()
    #expect(test.resource.status.revert?.skipped == ["two"])
    #expect(test.resource.status.plan?.tasks.map(\.name) == ["revert-one"])
    var none = RunUnderTest()
    try none.begin([phase("only", isRevertible: false)], means: .nobody)
    none.end(.failed, complete: 0)
    #expect(try none.pass() == .settled([]))
    guard case .settled = try none.pass() else {
      Issue.record("there is nothing to undo")
      return
    }
    #expect(none.resource.status.revert?.state == .complete)
    #expect(none.resource.status.revert?.skipped == ["only"])
  }

  @Test("a paused run neither begins nor goes on, and is cancelled all the same")
  func paused() throws {
    var test = RunUnderTest([("paused", true)])
    #expect(try test.pass() == .paused)
    #expect(test.cancel() == .change)
    #expect(try test.pass() == .settled([.claims]))
  }

  @Test("a run is kept for so long after it is over, and then goes with what it holds")
  func timeToLive() throws {
    var test = RunUnderTest([("ttlSecondsAfterFinished", 60)])
    try test.begin(phases)
    test.end(.complete, complete: 2)
    _ = try test.pass()
    let end = try #require(try test.run.finishedAt) + .seconds(60)
    #expect(try test.pass() == .steady(until: end))
    test.now = end
    guard case .delete(let releases) = try test.pass() else {
      Issue.record("its time is over")
      return
    }
    #expect(releases.contains(.claims))
  }

  @Test("a run whose revert failed is kept for a person, whatever its time to live")
  func keptForAPerson() throws {
    var test = RunUnderTest([("ttlSecondsAfterFinished", 0)])
    try test.begin(phases)
    test.end(.failed, complete: 0)
    try test.reachRevert()
    test.end(.failed, complete: 0)
    _ = try test.pass()
    #expect(try test.pass() == .steady(until: nil))
  }

  @Test("a live run that is deleted is undone first")
  func deleted() throws {
    var test = RunUnderTest()
    try test.begin(phases)
    test.resource.metadata.deletionTimestamp = test.now
    #expect(try test.pass() == .advance(isStopping: true))
    test.end(.cancelled, complete: 1)
    try test.reachRevert()
    test.end(.complete, complete: 2)
    _ = try test.pass()
    guard case .delete = try test.pass() else {
      Issue.record("then it goes")
      return
    }
  }

  @Test(
    "phases without names of their own, none and too many are refused",
    arguments: [
      [], [phase("a"), phase("a")], [phase(""), phase("a")],
      (0...TaskRunPlanner.phaseLimit).map { phase("p\($0)") },
    ])
  func invalidPhases(_ phases: [TaskPhase]) throws {
    var test = RunUnderTest()
    _ = try test.pass()
    try test.planner.stamp(phases, revertedBy: .host, &test.resource)
    #expect(try test.run.state == .failed)
    #expect(try test.run.message.hasPrefix("InvalidPhases"))
    #expect(try test.pass() == .steady(until: nil))
  }
}
