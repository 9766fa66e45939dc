import JSON
import Testing

@testable import Model
@testable import Planning

/// The blueprint of nodes, whose first plan is undone when it fails.
private func rollingBack() throws -> Blueprint {
  var blueprint = try statefulNode()
  blueprint.plans[0].onFailure = .rollback
  return blueprint
}

/// As an executor leaves the plan in flight after so many tasks, the next one begun.
private func begin(_ resource: inout Resource, complete: Int, means: RevertMeans = .host) {
  guard var plan = resource.status.plan else { return }
  for index in plan.tasks.indices where index <= complete {
    plan.tasks[index].revertMeans = means
    plan.tasks[index].submittedAt = start
    if index < complete { plan.tasks[index].state = .complete }
  }
  resource.status.plan = plan
}

/// Ends the revert in flight as an executor would.
private func endRevert(_ resource: inout Resource, _ phase: PlanPhase) {
  guard var plan = resource.status.plan else { return }
  for index in plan.tasks.indices where phase == .complete { plan.tasks[index].state = .complete }
  plan.phase = phase
  plan.endedAt = start
  if phase == .failed { plan.failedTaskDetail = "revert-one: Broken: it is broken" }
  resource.status.plan = plan
}

@Suite("What a plan did is undone where it was cancelled, or where its blueprint says so")
struct RollbackTests {
  private func cancelled(means: RevertMeans = .host) throws -> Resource {
    var resource = try node()
    #expect(try resolve(&resource) == .stamped)
    begin(&resource, complete: 1, means: means)
    let id = try #require(resource.status.plan?.id)
    resource.metadata.annotations = [(ObjectMeta.cancelAnnotation, id)]
    end(&resource, .cancelled)
    return resource
  }

  @Test("a cancelled plan is undone, last task first, and the resource is as it was before it")
  func cancel() throws {
    var resource = try cancelled()
    guard case .cleared = try resolve(&resource) else {
      Issue.record("the outcome is seen first")
      return
    }
    #expect(resource.status.revert?.state == .pending)
    #expect(resource.status.plan == nil)
    #expect(try resolve(&resource) == .stamped)
    let forward = try #require(resource.status.forward)
    let revert = try #require(resource.status.plan)
    #expect(revert.reverts == forward.id)
    #expect(revert.admittedAt != nil)
    #expect(revert.tasks.map { $0.reverts?.index } == [1, 0])
    #expect(try resolve(&resource) == .advance)
    endRevert(&resource, .complete)
    guard case .cleared = try resolve(&resource) else {
      Issue.record("it is over")
      return
    }
    #expect(resource.status.revert?.state == .complete)
    #expect(resource.status.forward == nil)
    #expect(resource.status.phase == forward.prior?.phase)
    #expect(try resolve(&resource) == .steady(until: nil))
    #expect(resource.status.condition(ConditionType.plannable)?.reason == "Cancelled")
    resource.metadata.annotations.append(
      (ObjectMeta.replanAnnotation, try #require(resource.status.history.first?.id)))
    #expect(try resolve(&resource) == .stamped)
    #expect(resource.status.revert == nil)
  }

  @Test("what replan ends is not undone, and neither is a failure unless the blueprint says so")
  func kept() throws {
    for phase in [PlanPhase.cancelled, .failed] {
      var resource = try node()
      _ = try resolve(&resource)
      begin(&resource, complete: 0)
      end(&resource, phase)
      _ = try resolve(&resource)
      #expect(resource.status.revert == nil)
      #expect(try resolve(&resource, at: start + .seconds(60)) == .stamped)
      #expect(resource.status.plan?.reverts == nil)
    }
  }

  /// Of a plan that follows on the one that `cancelled` makes.
  private static let nextID = "7ba7b810-9dad-11d1-80b4-00c04fd430c8"

  @Test("a plan that is tried again is undone to where the first try began")
  func chain() throws {
    var resource = try node()
    _ = try resolve(&resource)
    begin(&resource, complete: 3)
    end(&resource, .failed)
    _ = try resolve(&resource)
    let later = start + .seconds(60)
    resource.metadata.generation += 1
    #expect(try resolve(&resource, at: later, planID: Self.nextID) == .stamped)
    #expect(resource.status.plan?.changeSet == planID)
    begin(&resource, complete: 1)
    resource.metadata.annotations = [(ObjectMeta.cancelAnnotation, Self.nextID)]
    end(&resource, .cancelled)
    _ = try resolve(&resource)
    #expect(try resolve(&resource) == .stamped)
    let revert = try #require(resource.status.plan)
    #expect(revert.reverts == planID)
    #expect(revert.tasks.map { $0.reverts?.index } == [3, 2, 1, 0])
    #expect(revert.tasks.map { $0.reverts?.means } == [.host, .host, .host, .host])
    endRevert(&resource, .complete)
    _ = try resolve(&resource)
    #expect(resource.status.phase == "Pending")
  }

  @Test("a plan that failed and would be tried again is undone when it is cancelled meanwhile")
  func cancelInBackOff() throws {
    var resource = try node()
    _ = try resolve(&resource)
    begin(&resource, complete: 1)
    end(&resource, .failed)
    _ = try resolve(&resource)
    resource.metadata.annotations = [(ObjectMeta.cancelAnnotation, planID)]
    // As it is after a restart of the host.
    resource.status = try ResourceStatus(JSONReader(resource.status.json))
    #expect(try resolve(&resource) == .stamped)
    #expect(resource.status.plan?.reverts == planID)
    #expect(resource.status.retry == nil)
    endRevert(&resource, .complete)
    _ = try resolve(&resource)
    #expect(try resolve(&resource, at: start + .seconds(600)) == .steady(until: nil))
  }

  @Test("what came back is put to effect as the status was before; other plans are made as ever")
  func restore() throws {
    var resource = try node(spec: [("config", ["maxmemory": "1mb"])], generation: 2, running)
    _ = try resolve(&resource, intents: [statefulSet(sidecarReady: true)])
    begin(&resource, complete: 5)
    resource.status.fields["config"] = ["maxmemory": "1mb"]
    resource.metadata.annotations = [(ObjectMeta.cancelAnnotation, planID)]
    end(&resource, .cancelled)
    _ = try resolve(&resource)
    _ = try resolve(&resource)
    let revert = try #require(resource.status.plan)
    let restored = revert.tasks.filter { $0.reverts == nil }
    #expect(restored.map(\.type) == ["replace-pod", "config-apply", "mark-ready"])
    #expect(restored[1].params["config"] == ["maxmemory": "64mb"])
    #expect(Set(revert.tasks.map(\.id)).count == revert.tasks.count)
    endRevert(&resource, .complete)
    _ = try resolve(&resource)
    #expect(resource.status.observedGeneration < 2)
    #expect(
      try resolve(&resource, intents: [statefulSet(sidecarReady: true)]) == .steady(until: nil))
    #expect(resource.status.condition(ConditionType.plannable)?.reason == "Cancelled")
    // Its pod was started anew and is held back: that has nothing to do with what was undone.
    let heldBack = [statefulSet(sidecarReady: false)]
    #expect(try resolve(&resource, intents: heldBack, planID: Self.nextID) == .stamped)
    #expect(resource.status.plan?.name == "re-arm")
    end(&resource, .complete)
    _ = try resolve(&resource)
    #expect(
      try resolve(&resource, intents: [statefulSet(sidecarReady: true)]) == .steady(until: nil),
      "the update stays undone")
  }

  @Test("a failed plan is rolled back and not tried again by itself; another spec is planned")
  func rollback() throws {
    let blueprint = try rollingBack()
    var resource = try node()
    resource.status.fields["image"] = "before"
    _ = try resolve(&resource, blueprint: blueprint)
    begin(&resource, complete: 1)
    resource.status.fields["image"] = "half"
    end(&resource, .failed)
    _ = try resolve(&resource, blueprint: blueprint)
    #expect(resource.status.retry == nil)
    #expect(try resolve(&resource, blueprint: blueprint) == .stamped)
    endRevert(&resource, .complete)
    _ = try resolve(&resource, blueprint: blueprint)
    #expect(resource.status.fields["image"] == "before")
    #expect(try resolve(&resource, blueprint: blueprint) == .steady(until: nil))
    #expect(resource.status.condition(ConditionType.plannable)?.reason == "RolledBack")
    resource.metadata.generation += 1
    #expect(try resolve(&resource, blueprint: blueprint) == .stamped)
  }

  @Test("a revert that fails is shown, brings nothing of the status back, and is not reverted")
  func revertFails() throws {
    var resource = try cancelled()
    _ = try resolve(&resource)
    _ = try resolve(&resource)
    resource.status.phase = "Half"
    endRevert(&resource, .failed)
    _ = try resolve(&resource)
    #expect(resource.status.revert?.state == .failed)
    #expect(resource.status.revert?.message == "revert-one: Broken: it is broken")
    #expect(resource.status.phase == "Half")
    #expect(try resolve(&resource) == .steady(until: nil))
  }

  @Test("what nobody can undo is named, and there is no plan for it")
  func nobody() throws {
    var resource = try cancelled(means: .nobody)
    _ = try resolve(&resource)
    guard case .cleared = try resolve(&resource) else {
      Issue.record("there is nothing to do")
      return
    }
    #expect(resource.status.revert?.state == .complete)
    #expect(resource.status.revert?.skipped.count == 2)
    #expect(resource.status.plan == nil)
  }
}
