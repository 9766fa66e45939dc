import JSON
import Testing

@testable import Convergence
@testable import Model

/// The state after an event, and "given up" where it is a final failure.
private func name(_ intent: Intent) -> String {
  intent.state == .commitFailed && intent.isGivenUp ? "given up" : intent.state.rawValue
}

private enum Event: CaseIterable {
  case wantSame, wantOther, unwant, applied, appliedStale, applyFailed, applyGivenUp, removeFailed,
    removeGivenUp, verified, removed, underWay

  func happen(to intent: inout Intent) throws(TaskError) {
    switch self {
    case .wantSame: _ = try intent.want(write(), owner: owner, writer: writer(2))
    case .wantOther: _ = try intent.want(write(["size": 2]), owner: owner, writer: writer(2))
    case .unwant: _ = try intent.unwant(owner: owner, writer: writer(2))
    case .applied: intent.applied(generation: intent.generation, observed: ["a": 1], at: at(1000))
    case .appliedStale: intent.applied(generation: 0, observed: ["a": 1], at: at(1000))
    case .applyFailed:
      intent.applyFailed(
        generation: intent.generation, broken, isRecoverable: true, at: at(1000))
    case .applyGivenUp:
      intent.applyFailed(
        generation: intent.generation, broken, isRecoverable: false, at: at(1000))
    case .removeFailed: intent.removeFailed(broken, isRecoverable: true, at: at(1000))
    case .removeGivenUp: intent.removeFailed(broken, isRecoverable: false, at: at(1000))
    case .verified: _ = intent.verified(observed: ["a": 1], at: at(1000))
    case .removed: _ = intent.removed()
    case .underWay: _ = intent.underWay(generation: intent.generation, broken)
    }
  }
}

/// Columns in the order of `Event.allCases`; "=" stays as it is.
private let table: [(String, [String])] = [
  (
    "pending",
    [
      "=", "=", "deletePending", "committed", "=", "commitFailed", "given up", "=", "=", "=", "=",
      "=",
    ]
  ),
  (
    "committed",
    [
      "=", "pending", "deletePending", "=", "=", "commitFailed", "given up", "=", "=", "=", "=",
      "pending",
    ]
  ),
  (
    "commitFailed",
    [
      "pending", "pending", "deletePending", "committed", "=", "=", "given up", "=", "=", "=", "=",
      "pending",
    ]
  ),
  (
    "given up",
    [
      "pending", "pending", "deletePending", "committed", "=", "commitFailed", "=", "=", "=", "=",
      "=", "pending",
    ]
  ),
  (
    "deletePending",
    ["pending", "pending", "=", "=", "=", "=", "=", "=", "removeFailed", "=", "removed", "="]
  ),
  (
    "removeFailed",
    [
      "pending", "pending", "deletePending", "committed", "=", "commitFailed", "given up", "=", "=",
      "=", "=", "=",
    ]
  ),
  ("removed", ["pending", "pending", "=", "=", "=", "=", "=", "=", "=", "=", "=", "="]),
]

@Suite("An intent changes only as its table says")
struct IntentTransitionTests {
  @Test("every event in every state leads where the table says", arguments: table)
  func transitions(_ before: String, _ row: [String]) throws {
    let start = try #require(allIntents.first { $0.0 == before }?.1)
    #expect(row.count == Event.allCases.count)
    for (event, expected) in zip(Event.allCases, row) {
      var intent = start
      try event.happen(to: &intent)
      #expect(name(intent) == (expected == "=" ? before : expected), "\(event)")
    }
  }

  @Test("another resource's intent is neither wanted nor unwanted, and stays as it was")
  func strangers() {
    for (_, start) in allIntents {
      var intent = start
      let wanted = #expect(throws: TaskError.self) {
        try intent.want(write(["size": 2]), owner: stranger, writer: writer(2))
      }
      #expect(wanted?.reason == "OwnedByAnother")
      #expect(
        wanted?.message == "Volume default/one on local belongs to Node default/one (uid owner)")
      #expect(throws: TaskError.self) { try intent.unwant(owner: stranger) }
      #expect(intent == start)
    }
  }

  @Test("a delivery writes an intent once, whatever became of it since")
  func idempotentWish() throws {
    for (_, start) in allIntents {
      var intent = start
      #expect(try !intent.want(write(["size": 2]), owner: owner, writer: writer(1)))
      #expect(intent == start)
    }
  }

  @Test("a delivery asks once for a removal, so that one given up on stays given up")
  func idempotentRemoval() throws {
    var intent = intent(.committed)
    #expect(try intent.unwant(owner: owner, writer: writer(2)))
    intent.removeFailed(broken, isRecoverable: false, at: at(1))
    #expect(try !intent.unwant(owner: owner, writer: writer(2)))
    #expect(intent.state == .removeFailed)
    #expect(try intent.unwant(owner: owner, writer: writer(3)))
    #expect(intent.state == .deletePending)
  }

  @Test("a removal that is under way remembers the delivery that asks for it too")
  func joinedRemoval() throws {
    var intent = intent(.deletePending, error: broken, notBefore: at(900))
    #expect(try intent.unwant(owner: owner, writer: writer(2)))
    #expect(intent.state == .deletePending)
    #expect(intent.notBefore == at(900))
    intent.removeFailed(broken, isRecoverable: false, at: at(1))
    #expect(try !intent.unwant(owner: owner, writer: writer(2)))
    #expect(intent.state == .removeFailed)
  }

  @Test("where the owner goes, one removal is enough")
  func ownerGoes() throws {
    var intent = intent(.committed)
    #expect(try intent.unwant(owner: owner))
    #expect(try !intent.unwant(owner: owner))
    #expect(intent.state == .deletePending)
  }

  @Test("only another spec makes another generation")
  func generations() throws {
    var intent = intent(.committed)
    #expect(try intent.want(write(), owner: owner, writer: writer(2)))
    #expect(intent.generation == 1)
    #expect(intent.state == .committed)
    #expect(try intent.want(write(["size": 2]), owner: owner, writer: writer(3)))
    #expect(intent.generation == 2)
    #expect(intent.spec == ["size": 2])
    var versioned = write(["size": 2])
    versioned.specVersion = 2
    #expect(try intent.want(versioned, owner: owner, writer: writer(4)))
    #expect(intent.generation == 3)
  }

  @Test("a wish that comes while the driver applies an older one stays to be done")
  func wishDuringApply() throws {
    var intent = intent(.pending)
    _ = try intent.want(write(["size": 2]), owner: owner, writer: writer(2))
    intent.applied(generation: 1, observed: ["size": 1], at: at(1))
    #expect(intent.state == .pending)
    #expect(intent.observed == ["size": 1])
    intent.applyFailed(generation: 1, broken, isRecoverable: false, at: at(2))
    #expect(intent.state == .pending)
    intent.applied(generation: 2, observed: ["size": 2], at: at(3))
    #expect(intent.state == .committed)
  }

  @Test("a removal that comes during an apply wins")
  func removalDuringApply() throws {
    var intent = intent(.pending)
    _ = try intent.unwant(owner: owner, writer: writer(2))
    intent.applied(generation: 1, observed: ["size": 1], at: at(1))
    #expect(intent.state == .deletePending)
    intent.applyFailed(generation: 1, broken, isRecoverable: false, at: at(1))
    #expect(intent.state == .deletePending)
    #expect(intent.error == nil)
  }

  @Test("a wish that comes during a removal wins")
  func wishDuringRemoval() throws {
    var intent = intent(.deletePending)
    _ = try intent.want(write(), owner: owner, writer: writer(2))
    intent.removeFailed(broken, isRecoverable: false, at: at(1))
    #expect(intent.state == .pending)
    #expect(intent.error == nil)
  }

  @Test("failures in a row back off ever longer, and another wish forgets them")
  func backOff() throws {
    var intent = intent(.pending)
    var delays: [Int64] = []
    for _ in 0..<4 {
      intent.applyFailed(generation: 1, broken, isRecoverable: true, at: at(0))
      delays.append(try #require(intent.notBefore).milliseconds)
    }
    #expect(delays == delays.sorted() && delays[0] >= 150)
    #expect(intent.failures == 4)
    _ = try intent.want(write(), owner: owner, writer: writer(2))
    #expect(intent.failures == 0 && intent.notBefore == nil && intent.error == nil)
  }

  @Test(
    "a driver that has begun is news once, forgets no condition, and answers an old wish in vain")
  func underWay() {
    var intent = intent(.deletePending)
    intent.isReleased = true
    let generation = intent.generation
    #expect(intent.underWay(generation: generation, broken) == true)
    #expect(intent.underWay(generation: generation, broken) == false)
    #expect(intent.error == broken && intent.isReleased && intent.notBefore == nil)
    let late = TaskError(reason: "Late", message: "")
    #expect(intent.underWay(generation: generation + 1, late) == false)
    #expect(intent.error == broken)
  }

  @Test("what was verified unchanged needs no write")
  func verifiedUnchanged() {
    var intent = intent(.committed)
    #expect(intent.verified(observed: ["a": 1], at: at(1)) == true)
    #expect(intent.verified(observed: ["a": 1], at: at(2)) == false)
    #expect(intent.verifiedAt == at(1))
    #expect(intent.verified(observed: ["a": 2], at: at(3)) == true)
    #expect(intent.verifiedAt == at(3))
  }
}
