import JSON
import Testing

@testable import Model
@testable import Planning

/// A TaskRun and its planner, pass by pass; what the engine would do between them is done by the test.
struct RunUnderTest {
  var resource: Resource
  var now = Timestamp(milliseconds: 1_000_000)

  init(_ spec: [(String, JSONValue)] = []) {
    var metadata = ObjectMeta(name: "add", uid: "3f2a9b1c-0000-4000-8000-000000000001")
    metadata.creationTimestamp = now
    resource = Resource(
      apiVersion: APIVersion.current, kind: TaskRun.kind, metadata: metadata,
      spec: .object(JSONObject([("type", "Add")] + spec)))
  }

  var planner: TaskRunPlanner { TaskRunPlanner(now: now) }

  mutating func pass() throws -> TaskRunPlanner.Outcome {
    now = now + Milliseconds(1)
    // As the store would give it back.
    resource = try Resource(resource.stored)
    return try planner.resolve(&resource)
  }

  var run: TaskRunStatus {
    get throws { try #require(try resource.status.taskRun()) }
  }

  /// Up to a plan that is admitted.
  mutating func begin(_ phases: [TaskPhase], means: RevertMeans = .host) throws {
    #expect(try pass() == .expand)
    try planner.stamp(phases, revertedBy: means, &resource)
    guard case .admit = try pass() else {
      Issue.record("a fresh plan is admitted first")
      return
    }
    planner.admitted(&resource)
    #expect(try pass() == .advance(isStopping: false))
  }

  /// As the executor leaves a plan of which so many tasks are complete.
  mutating func end(_ phase: PlanPhase, complete: Int) {
    guard var plan = resource.status.plan else { return }
    for index in plan.tasks.indices {
      if index < complete { plan.tasks[index].state = .complete }
      if index == complete, phase != .complete {
        plan.tasks[index].state = phase == .failed ? .failed : .cancelled
        plan.tasks[index].submittedAt = now
      }
    }
    plan.phase = phase
    plan.endedAt = now
    plan.failedTaskDetail = phase == .failed ? "\(plan.tasks[complete].name): Broken: it broke" : ""
    plan.intents = [IntentKey(target: "t", kind: "Thing", key: "one")]
    resource.status.plan = plan
  }

  mutating func cancel() -> TaskRunPlanner.Verdict { TaskRunPlanner.cancel(&resource) }

  /// Passes until the revert plan is in flight.
  mutating func reachRevert() throws {
    #expect(try pass() == .settled([]))
    #expect(try pass() == .stamped)
    guard case .admit = try pass() else {
      Issue.record("a revert takes its keys, too")
      return
    }
    planner.admitted(&resource)
    #expect(try pass() == .advance(isStopping: false))
  }
}

func phase(_ name: String, isRevertible: Bool = true, isFinal: Bool = false, keys: [String] = [])
  -> TaskPhase
{
  TaskPhase(
    name: name, isRevertible: isRevertible, exclusiveKeys: keys, isPointOfNoReturn: isFinal)
}
