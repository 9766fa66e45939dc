import JSON
import Testing

@testable import Model
@testable import Planning

@Suite("The planner turns what differs into the next plan")
struct PlannerTests {
  // MARK: Order of a pass

  @Test("a paused resource is not planned, whatever its state, and its condition is always there")
  func paused() throws {
    var fresh = try node()
    _ = try resolve(&fresh)
    #expect(fresh.status.condition("Paused")?.status == .isFalse)
    var ended = fresh
    end(&ended, .complete)
    for start in [try node(), fresh, ended] {
      var resource = start
      resource.spec = try spec([("paused", true)])
      let before = resource.status
      #expect(try resolve(&resource) == .paused)
      #expect(resource.status.plan == before.plan)
      #expect(resource.status.history == before.history)
      #expect(resource.status.condition("Paused")?.status == .isTrue)
      #expect(resource.status.condition("Paused")?.reason == "PausedBySpec")
    }
  }

  @Test("an Active plan is left alone, though another would apply")
  func active() throws {
    var resource = try node()
    #expect(try resolve(&resource) == .stamped)
    let plan = resource.status.plan
    resource.spec = try spec([("image", "redis:8.0")])
    resource.metadata.generation = 2
    #expect(try resolve(&resource) == .advance)
    #expect(resource.status.plan == plan)
  }

  @Test("an ended plan is recorded and cleared, and that pass stamps nothing")
  func cleared() throws {
    for phase in [PlanPhase.complete, .failed, .cancelled] {
      var resource = try node()
      _ = try resolve(&resource)
      end(&resource, phase)
      #expect(try resolve(&resource, at: start + .seconds(1)) == .cleared)
      #expect(resource.status.plan == nil)
      let record = try #require(resource.status.history.first)
      #expect(record.phase == phase && record.name == "init" && record.id == planID)
      #expect(record.startedAt == start && record.endedAt == start)
      #expect((record.detail == "first: Broken: it is broken") == (phase == .failed))
    }
  }

  @Test("the history is bounded, newest first")
  func history() throws {
    var resource = try node()
    for run in 0..<15 as Range<Int64> {
      let now = start + .seconds(1000 * run)
      #expect(try resolve(&resource, at: now) == .stamped)
      end(&resource, .failed, at: now)
      _ = try resolve(&resource, at: now)
    }
    #expect(resource.status.history.count == ResourceStatus.historyLimit)
    #expect(resource.status.history[0].startedAt == start + .seconds(14_000))
  }

  @Test("without a plan that applies the resource is steady, and says for which generation")
  func steady() throws {
    var resource = try node(generation: 4, running)
    #expect(
      try resolve(&resource, intents: [statefulSet(sidecarReady: true)]) == .steady(until: nil))
    #expect(resource.status.observedGeneration == 4)
    #expect(resource.status.plan == nil)
  }

  // MARK: Back-off

  @Test("a failed plan is not stamped again before its back-off has passed, which grows")
  func backOff() throws {
    var resource = try node()
    var now = start
    var delays: [Int64] = []
    for count in 1...4 as ClosedRange<Int64> {
      #expect(try resolve(&resource, at: now) == .stamped)
      end(&resource, .failed, at: now)
      _ = try resolve(&resource, at: now)
      // As it is after a restart of the host.
      resource.status = try ResourceStatus(JSONReader(resource.status.json))
      let retry = try #require(resource.status.retry)
      #expect(retry.count == count && retry.generation == 1)
      let early = retry.notBefore + Milliseconds(-1)
      #expect(try resolve(&resource, at: early) == .steady(until: retry.notBefore))
      #expect(resource.status.plan == nil)
      delays.append((retry.notBefore - now).count)
      now = retry.notBefore
    }
    #expect(delays == delays.sorted() && delays[0] >= 1500)
  }

  @Test("success forgets earlier failures")
  func backOffReset() throws {
    var resource = try node()
    _ = try resolve(&resource)
    end(&resource, .failed)
    _ = try resolve(&resource)
    let notBefore = try #require(resource.status.retry?.notBefore)
    _ = try resolve(&resource, at: notBefore)
    end(&resource, .complete)
    _ = try resolve(&resource, at: notBefore)
    #expect(resource.status.retry == nil)
  }

  @Test("a new generation waits for no back-off, nor one that came while the failed plan ran")
  func backOffOfAnotherGeneration() throws {
    for changesWhileActive in [false, true] {
      var resource = try node()
      _ = try resolve(&resource)
      if changesWhileActive { resource.metadata.generation = 2 }
      end(&resource, .failed)
      _ = try resolve(&resource)
      #expect(resource.status.retry?.generation == 1)
      resource.metadata.generation = 2
      #expect(try resolve(&resource) == .stamped)
      #expect(resource.status.retry == nil)
      #expect(resource.status.plan?.generation == 2)
    }
  }

  @Test("a request to replan the plan that failed last waives its back-off, another one does not")
  func backOffWaived() throws {
    for (request, isWaived) in [(planID, true), ("another", false)] {
      var resource = try node()
      _ = try resolve(&resource)
      end(&resource, .failed)
      _ = try resolve(&resource)
      resource.metadata.annotations = [(ObjectMeta.replanAnnotation, request)]
      #expect((try resolve(&resource) == .stamped) == isWaived)
    }
  }

  @Test("a cancelled plan neither backs off nor forgets")
  func cancelled() throws {
    var resource = try node()
    _ = try resolve(&resource)
    end(&resource, .cancelled)
    _ = try resolve(&resource)
    #expect(resource.status.retry == nil)
    #expect(try resolve(&resource) == .stamped)
  }

  @Test("failedPhase empty keeps the phase, and the plan comes again; set, it is terminal")
  func failedPhase() throws {
    for (failedPhase, isTerminal) in [("", false), ("Failed", true)] {
      var blueprint = try statefulNode()
      blueprint.plans[0].failedPhase = failedPhase
      var resource = try node()
      _ = try resolve(&resource, blueprint: blueprint)
      end(&resource, .failed)
      _ = try resolve(&resource, blueprint: blueprint)
      #expect(resource.status.phase == (isTerminal ? "Failed" : "Initializing"))
      let later = try resolve(&resource, at: start + .seconds(3600), blueprint: blueprint)
      #expect(later == (isTerminal ? .steady(until: nil) : .stamped))
    }
  }

  // MARK: Stamping

  @Test("a task's id depends on plan, index and type alone")
  func taskIDs() throws {
    var one = try node()
    var two = try node(spec: [("image", "redis:8.0")], generation: 5)
    _ = try resolve(&one)
    _ = try resolve(&two, at: start + .seconds(9))
    let ids = try #require(one.status.plan?.tasks.map(\.id))
    #expect(ids == two.status.plan?.tasks.map(\.id))
    #expect(Set(ids).count == ids.count)
    #expect(ids[0] == Digest.uuid5(space: planID, name: "0/ensure-data-pvc"))
    var other = try node()
    _ = try Planner(
      blueprint: statefulNode(), intents: [], fresh: [], now: start,
      planID: "6ba7b811-9dad-11d1-80b4-00c04fd430c8"
    ).resolve(&other)
    #expect(Set(ids).isDisjoint(with: other.status.plan?.tasks.map(\.id) ?? []))
  }

  @Test("a plan carries what the blueprint says, and the target that the resource names")
  func stampedPlan() throws {
    for (changes, target) in [([], "local"), ([("target", "edge")], "edge")]
      as [([(String, JSONValue)], String)]
    {
      var resource = try node(spec: changes, generation: 3)
      _ = try resolve(&resource)
      let plan = try #require(resource.status.plan)
      #expect(plan.target == target)
      #expect(plan.generation == 3 && plan.startedAt == start && plan.phase == .active)
      #expect(plan.targetPhase == "Running" && plan.failedPhase == "")
      let apply = try #require(plan.tasks.first { $0.type == "apply-statefulset" })
      #expect(apply.retriesLeft == 5 && apply.timeout == .seconds(60))
      #expect(apply.outputPaths.map(\.value) == ["status.sidecarURL"])
      #expect(apply.params["image"] == "redis:7.0")
      #expect(apply.params["command"] == nil)
    }
  }

  @Test(
    "references that have no value keep the plan from being stamped, and a condition says which")
  func unresolved() throws {
    var blueprint = try statefulNode()
    blueprint.plans[0].tasks[0].params = ["x": "${status.nothing}"]
    var resource = try node()
    #expect(try resolve(&resource, blueprint: blueprint) == .steady(until: nil))
    #expect(resource.status.plan == nil)
    #expect(resource.status.phase == "Pending")
    let condition = try #require(resource.status.condition("Plannable"))
    #expect(condition.status == .isFalse && condition.reason == "UnresolvedReference")
    #expect(condition.message == "plan init, params.x: ${status.nothing} has no value")
    #expect(try resolve(&resource) == .stamped)
    #expect(resource.status.condition("Plannable")?.status == .isTrue)
  }

  @Test("a plan of which no task applies is not stamped")
  func noTasks() throws {
    var blueprint = try statefulNode()
    blueprint.plans[0].tasks = [blueprint.plans[0].tasks[0]]
    blueprint.plans[0].tasks[0].whenPresent = "spec.nothing"
    var resource = try node()
    #expect(try resolve(&resource, blueprint: blueprint) == .steady(until: nil))
    #expect(resource.status.condition("Plannable")?.status == .isFalse)
  }

  // MARK: Conditions

  @Test("a condition follows what is observed, and is Unknown while that is unverified")
  func observedConditions() throws {
    let rows: [([Intent], Condition.Status, String)] = [
      ([], .unknown, "Unverified"), ([statefulSet(sidecarReady: nil)], .unknown, "Unverified"),
      ([statefulSet(sidecarReady: true)], .isTrue, "Ready"),
      ([statefulSet(sidecarReady: false)], .isFalse, "NotReady"),
      ([statefulSet(sidecarReady: "what")], .unknown, "Unverified"),
    ]
    for (intents, status, reason) in rows {
      var resource = try node()
      _ = try resolve(&resource, intents: intents)
      #expect(resource.status.condition("SidecarReady")?.status == status)
      #expect(resource.status.condition("SidecarReady")?.reason == reason)
    }
  }

  @Test("another node's intent says nothing of this one's condition")
  func othersIntents() throws {
    var other = statefulSet(sidecarReady: true)
    other.key.key = "default/two"
    var resource = try node()
    _ = try resolve(&resource, intents: [other])
    #expect(resource.status.condition("SidecarReady")?.status == .unknown)
  }
}
