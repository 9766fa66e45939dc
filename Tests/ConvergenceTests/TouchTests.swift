import JSON
import Testing

@testable import Convergence
@testable import Model

private func mark(_ plan: String, task: Int64 = 0, step: Int64 = 1) -> TouchMark {
  TouchMark(plan: plan, order: TouchOrder(task: task, attempt: 1, step: step))
}

private func by(_ plan: String, _ step: Int64 = 1) -> IntentWriter {
  IntentWriter(taskID: plan, attempt: 1, step: step)
}

/// An intent that runs share, made by nobody's plan.
private func shared(_ spec: JSONValue = ["size": 1], _ state: IntentState = .committed) -> Intent {
  var intent = Intent(
    write: write(spec), uid: "uid", owner: .shared,
    writer: IntentWriter(taskID: "first", attempt: 1, step: 1))
  intent.state = state
  return intent
}

extension Intent {
  fileprivate mutating func set(_ spec: JSONValue, by plan: String, step: Int64 = 1) throws {
    _ = try want(
      write(spec), owner: .shared, writer: by(plan, step), mark: mark(plan, step: step))
  }

  fileprivate mutating func drop(by plan: String) throws {
    _ = try unwant(owner: .shared, writer: by(plan), mark: mark(plan))
  }

  fileprivate mutating func undo(_ plan: String, isReferenced: Bool = false) throws -> Bool {
    try undo(plan, owner: .shared, writer: by("revert-\(plan)"), isReferenced: isReferenced)
  }
}

@Suite("An intent remembers what each live plan found")
struct TouchTests {
  @Test("a plan's first change is remembered, its later ones are not")
  func firstChange() throws {
    var intent = shared()
    try intent.set(["size": 2], by: "a", step: 1)
    try intent.set(["size": 3], by: "a", step: 2)
    #expect(intent.touches.count == 1)
    #expect(intent.touch(of: "a")?.prior?.spec == ["size": 1])
    #expect(intent.touch(of: "a")?.order == TouchOrder(task: 0, attempt: 1, step: 1))
  }

  @Test("a wish that changes nothing is no touch: reverting it must not take away what was there")
  func sameWish() throws {
    var intent = shared()
    try intent.set(["size": 1], by: "a")
    #expect(intent.touches.isEmpty)
    #expect(try !intent.undo("a"))
    #expect(intent.state == .committed)
  }

  @Test("what a plan made goes when the plan is undone, unless it is still referenced")
  func undoCreation() throws {
    for isReferenced in [false, true] {
      var intent = Intent.wanted(
        write(), uid: "uid", owner: .shared, writer: by("a"), mark: mark("a"))
      intent.applied(generation: 1, observed: .null, at: at(1))
      #expect(try intent.undo("a", isReferenced: isReferenced))
      #expect(intent.state == (isReferenced ? .committed : .deletePending))
      #expect(intent.isReleased == !isReferenced)
      #expect(intent.touches.isEmpty)
      #expect(try !intent.undo("a"))
    }
  }

  @Test("what a plan changed comes back as it was, with another generation")
  func undoChange() throws {
    var intent = shared()
    try intent.set(["size": 2], by: "a")
    intent.applied(generation: intent.generation, observed: .null, at: at(1))
    #expect(try intent.undo("a"))
    #expect(intent.spec == ["size": 1])
    #expect(intent.state == .pending)
    #expect(intent.generation == 3)
  }

  @Test("what a plan removed stays as a tombstone, and comes back from it")
  func undoRemoval() throws {
    var intent = shared()
    try intent.drop(by: "a")
    #expect(intent.removed() == true)
    #expect(intent.state == .removed)
    #expect(!intent.isForgotten)
    #expect(try intent.undo("a"))
    #expect(intent.state == .pending)
    #expect(intent.spec == ["size": 1])
    #expect(intent.generation == 2)
  }

  @Test("a tombstone that no plan remembers can go")
  func forgotten() throws {
    var intent = shared()
    try intent.drop(by: "a")
    _ = intent.removed()
    #expect(intent.release("a") == true)
    #expect(intent.isForgotten)
    #expect(intent.release("a") == false)
  }

  @Test("a plan that is undone beneath a later one hands down what was before it")
  func handDown() throws {
    var intent = Intent.wanted(
      write(), uid: "uid", owner: .shared, writer: by("a"), mark: mark("a"))
    try intent.set(["size": 2], by: "b")
    #expect(try intent.undo("a"))
    #expect(intent.spec == ["size": 2])
    #expect(intent.isWanted)
    #expect(try intent.undo("b"))
    #expect(intent.state == .deletePending)
  }

  @Test("plans undone in the order of their changes or against it lead to the same")
  func anyOrder() throws {
    for order in [["a", "b", "c"], ["c", "b", "a"], ["b", "a", "c"], ["b", "c", "a"]] {
      var intent = shared()
      for (index, plan) in ["a", "b", "c"].enumerated() {
        try intent.set(["size": .integer(Int64(index) + 2)], by: plan)
      }
      for plan in order { #expect(try intent.undo(plan)) }
      #expect(intent.spec == ["size": 1], "\(order)")
      #expect(intent.touches.isEmpty)
    }
  }

  @Test("a removal that is given up on is tried again when its plan's making is undone")
  func undoAfterFailedRemoval() throws {
    var intent = Intent.wanted(
      write(), uid: "uid", owner: .shared, writer: by("a"), mark: mark("a"))
    _ = try intent.unwant(owner: .shared, writer: by("a", 2), mark: mark("a", step: 2))
    intent.removeFailed(broken, isRecoverable: false, at: at(1))
    #expect(try intent.undo("a"))
    #expect(intent.state == .deletePending)
  }

  @Test("a conditional removal is off when somebody comes to need it; another is not")
  func keep() throws {
    var released = shared()
    _ = try released.unwant(owner: .shared, writer: by("a"), isReleased: true)
    released.keep()
    #expect(released.state == .pending)
    var removed = shared()
    _ = try removed.unwant(owner: .shared, writer: by("a"))
    removed.keep()
    #expect(removed.state == .deletePending)
  }

  @Test("of what a resource owns only the plan in flight is remembered")
  func ownersPlan() throws {
    var intent = intent(.committed)
    _ = try intent.want(write(["size": 2]), owner: owner, writer: by("a"), mark: mark("a"))
    _ = try intent.want(write(["size": 3]), owner: owner, writer: by("b"), mark: mark("b"))
    #expect(intent.touches.map(\.plan) == ["b"])
    #expect(intent.touch(of: "b")?.prior?.spec == ["size": 2])
  }

  @Test("touches and tombstones outlive a restart")
  func stored() throws {
    var intent = shared()
    try intent.set(["size": 2], by: "a")
    try intent.drop(by: "b")
    _ = intent.removed()
    #expect(try Intent(intent.stored) == intent)
  }
}
