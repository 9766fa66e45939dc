import JSON
import Testing

@testable import Execution
@testable import Model

/// A machine over phases, admitted.
private func phased(_ names: [String], isRevert: Bool = false) -> PlanExecutor {
  var status = status(
    names.map { name in
      var task = task(name)
      if !isRevert { task.phase = TaskPhase(name: name, isRevertible: true) }
      return task
    })
  if isRevert { status.plan?.reverts = "forward" }
  return PlanExecutor(status: status, isCertain: true)
}

@Suite("How far a run has come is stored before each phase")
struct PhasedPlanTests {
  @Test("a completed phase ends the pass, so that the next is never begun on what is not stored")
  func flushed() {
    for isRevert in [false, true] {
      var machine = phased(["one", "two"], isRevert: isRevert)
      #expect(machine.on(.advance, at: start) == .execute(0, params: [:]))
      #expect(
        machine.on(.answered(.complete(outputs: .null), from: nil), at: start)
          == .rest(until: start))
      #expect(machine.plan.currentIndex == 1)
      var next = PlanExecutor(status: machine.status, isCertain: true)
      #expect(next.on(.advance, at: start) == .execute(1, params: [:]))
    }
  }

  @Test("tasks of any other plan run on in the same pass")
  func unphased() {
    var machine = PlanExecutor(status: status([task("one"), task("two")]), isCertain: true)
    #expect(machine.on(.advance, at: start) == .execute(0, params: [:]))
    #expect(
      machine.on(.answered(.complete(outputs: .null), from: nil), at: start)
        == .execute(1, params: [:]))
  }

  @Test("what a Wait may change is noted with it, and so before it is changed")
  func noted() {
    var machine = phased(["one"])
    _ = machine.on(.advance, at: start)
    let wish = Wish(set: [setVolume], remove: [volume], gate: volumeGate)
    #expect(machine.on(.answered(.wait(wish), from: nil), at: start) == .rest(until: start))
    #expect(machine.plan.intents == [volume])
    #expect(machine.plan.tasks[0].wait?.wish == wish)
  }

  @Test("the last phase completes the plan at once")
  func last() {
    var machine = phased(["one"])
    _ = machine.on(.advance, at: start)
    #expect(
      machine.on(.answered(.complete(outputs: .null), from: nil), at: start) == .rest(until: nil))
    #expect(machine.plan.phase == .complete)
  }
}
