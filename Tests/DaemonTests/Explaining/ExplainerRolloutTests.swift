import JSON
import Model
import Testing

@testable import Daemon
@testable import PluginSupervision
@testable import Rollout

private let now = Situation.moment
private let began = Timestamp(milliseconds: 90_000)

@Suite("Why a rollout is where it is")
struct ExplainerRolloutTests {
  @Test(
    "an attempt that goes on, or doesn't begin",
    arguments: [
      Row(
        "no pass yet", { $0.resource.status.fields = JSONObject() },
        Answer(state: .running, waits: [], says: ["first attempt is about to begin"])
      ),
      Row(
        "a child's task is in its plugin",
        child { status in
          status.plan = .growing { task in
            task.state = .running
            task.plugin = "boxes@1.0.0"
          }
        },
        Answer(
          state: .running, waits: ["Child box/shop-1 until 150000"],
          says: [
            "attempt 1 of revision 1 is Running, 1/3 complete, 1 under way",
            "task grow (1 of 2 of plan grow) is carried out by boxes@1.0.0",
            "the end of its turn, or its progressDeadline",
          ], next: ["mortise why box/shop-1", "mortise rollout status shop"])
      ),
      Row(
        "a child's task is held",
        child { status in
          status.plan = .growing { $0.park(.operatorHold, "held by an operator") }
        },
        Answer(
          state: .running, waits: ["Child box/shop-1 until 150000"], says: ["held by an operator"],
          next: ["mortise why box/shop-1", "mortise rollout status shop"])
      ),
      Row(
        "a child lacks its condition",
        child { status in
          status.observedGeneration = 1
          status.setCondition(
            "Open", .isFalse, reason: "NoKey", message: "the door is shut", generation: 1, at: now)
        },
        Answer(
          state: .running, waits: ["Child box/shop-1 until 150000"],
          says: ["condition Open is False, wants True (NoKey: the door is shut)"],
          next: ["mortise why box/shop-1", "mortise rollout status shop"])
      ),
      Row(
        "a child has to stay so for a while",
        child { status in
          status.observedGeneration = 1
          status.setCondition("Open", .isTrue, reason: "Key", generation: 1, at: now)
        },
        Answer(
          state: .running, waits: ["Child box/shop-1 until 105000"],
          says: ["counts once it has been so for 5 s"],
          next: ["mortise why box/shop-1", "mortise rollout status shop"])
      ),
      Row(
        "nobody can tell what became of a child's task",
        child { $0.plan = .growing { $0.park(.outcomeUnknown, "the answer was lost") } },
        Answer(
          state: .running, waits: ["Child box/shop-1 until 150000"], says: ["the answer was lost"],
          next: ["mortise why box/shop-1", "mortise rollout status shop"])
      ),
      Row(
        "a child that is too many goes",
        { situation in
          situation.resource.spec = .object(deployment(replicas: 1))
          situation.board?.begin(attempt: 1, revision: 1, replicas: 1)
          situation.children[1]?.resource.metadata.deletionTimestamp = began
        },
        Answer(
          state: .running, waits: ["Child box/shop-1 since 90000"],
          says: ["is to go: ", "its removal"],
          next: ["mortise why box/shop-1", "mortise rollout status shop"])
      ),
      Row(
        "degraded: one failed, the others go on",
        { situation in
          situation.resource.setAttempt(.running, isDegraded: true)
          situation.fail(2, "grow", "Broken: no use")
        },
        Answer(
          state: .running, waits: ["Child box/shop-1 until 150000"],
          says: ["is Running, degraded", "box/shop-2 /grow Broken: no use"],
          next: ["mortise why box/shop-2", "mortise rollout status shop"])
      ),
      Row(
        "paused by a person",
        { situation in
          situation.resource.spec = .object(deployment(("paused", true)))
        },
        Answer(
          state: .paused, waits: ["Hold spec.paused"], says: ["an operator paused it"],
          next: ["mortise resume nodedeployment/shop"])
      ),
      Row(
        "behind its canaries",
        { situation in
          situation.resource.status.setCondition(
            ConditionType.paused, .isTrue, reason: NodeDeployment.canaryReached,
            message: "the first 1 are complete", generation: 1, at: began)
        },
        Answer(
          state: .paused, waits: ["Person the canaries since 90000"],
          says: ["waits behind its canaries", "the first 1 are complete", "rollout resume"],
          next: ["mortise rollout status shop", "mortise rollout resume shop"])
      ),
      Row(
        "its status has no room",
        { situation in
          situation.resource.status.setCondition(
            ConditionType.plannable, .isFalse, reason: "StatusTooLarge",
            message: "it has 5 bytes; the store keeps at most 4", generation: 1, at: began)
        },
        Answer(
          state: .stuck, waits: ["Person the rollout since 90000"],
          says: ["the rollout can't go on: StatusTooLarge", "at most 4"],
          next: ["mortise get nodedeployment/shop -o yaml", "mortise apply -f FILE"])
      ),
    ])
  func goingOn(_ row: Row) {
    row.check(.rollout)
  }

  @Test(
    "an attempt that has ended",
    arguments: [
      Row(
        "complete", { $0.resource.setAttempt(.complete) },
        Answer(state: .steady, waits: [], says: ["attempt 1 of revision 1 is Complete"])
      ),
      Row(
        "a child's task failed",
        { situation in
          situation.resource.setAttempt(.failed, revisions: 2)
          situation.fail(1, "grow", "Broken: no use: at all")
        },
        Answer(
          state: .failed, waits: ["Person attempt 1 since 90000"],
          says: [
            "attempt 1 of revision 1 is Failed, 1/3 complete",
            "box/shop-1 /grow Broken: no use: at all", "rollout retry, or another spec",
          ],
          next: [
            "mortise why box/shop-1", "mortise rollout status shop", "mortise rollout retry shop",
            "mortise rollout undo shop",
          ])
      ),
      Row(
        "a child failed that this host has not seen",
        { situation in
          situation.resource.setAttempt(.failed, detail: "shop-1: Box shop-1 is nobody's")
        },
        Answer(
          state: .failed, waits: ["Person attempt 1 since 90000"],
          says: ["attempt 1/ ChildFailed: shop-1: Box shop-1 is nobody's"],
          next: ["mortise rollout status shop", "mortise rollout retry shop"])
      ),
      Row(
        "a child's turn took too long",
        { situation in
          situation.resource.setAttempt(.failed, onFailure: .pause)
          situation.fail(1, "grow", "ProgressDeadlineExceeded: not complete within 60000 ms")
        },
        Answer(
          state: .failed, waits: ["Person attempt 1 since 90000"],
          says: [
            "/grow ProgressDeadlineExceeded: not complete", "rollout resume, or another spec",
          ],
          next: [
            "mortise why box/shop-1", "mortise rollout status shop", "mortise rollout resume shop",
          ])
      ),
      Row(
        "somebody else has a child's name",
        { situation in
          situation.resource.metadata.namespace = "lab"
          situation.resource.setAttempt(.failed)
          situation.board?.set(1, .blocked("Box shop-1 belongs to Shop other", at: began))
        },
        Answer(
          state: .failed, waits: ["Person attempt 1 since 90000"],
          says: ["box/shop-1 -n lab / ChildFailed: Box shop-1 belongs to Shop other"],
          next: [
            "mortise why box/shop-1 -n lab", "mortise rollout status shop -n lab",
            "mortise rollout retry shop -n lab",
          ])
      ),
      Row(
        "a person cancelled a child's plan",
        { situation in
          situation.resource.setAttempt(.cancelled)
          situation.fail(1, "", "plan grow was cancelled", as: .cancelled)
        },
        Answer(
          state: .failed, waits: ["Person attempt 1 since 90000"],
          says: ["is Cancelled", "ChildCancelled: plan grow was cancelled"],
          next: [
            "mortise why box/shop-1", "mortise rollout status shop", "mortise rollout retry shop",
          ])
      ),
    ])
  func ended(_ row: Row) {
    row.check(.rollout)
  }

  @Test(
    "on its way out",
    arguments: [
      Row(
        "its children first",
        { $0.board?.begin(attempt: 1, revision: 1, replicas: 0) },
        Answer(
          state: .deleting, waits: ["Child box/shop-1"],
          says: ["the last one first; 2 are left", "its removal"],
          next: ["mortise rollout status shop"])
      ),
      Row(
        "nothing left", { $0.board = ChildBoard() },
        Answer(
          state: .deleting, waits: [], says: ["the object goes next"],
          next: ["mortise rollout status shop"])
      ),
    ])
  func deleting(_ row: Row) {
    var leaving = Situation.rollout
    leaving.resource.metadata.deletionTimestamp = began
    row.check(leaving)
  }

  @Test("of many children those are explained whose turns go on, and of a few only")
  func shown() {
    var board = ChildBoard()
    board.begin(attempt: 1, revision: 1, replicas: 9)
    var seat = ChildSeat()
    seat.turn = ChildSeat.Turn(attempt: 1, revision: 1, isContinuable: false, result: nil)
    for ordinal in 2..<9 { board.set(ordinal, seat) }
    #expect(Situation.shownChildren(of: board, isDeleting: false) == [2, 3, 4, 5])
    board.begin(attempt: 1, revision: 1, replicas: 6)
    #expect(Situation.shownChildren(of: board, isDeleting: false) == [8, 7, 6])
    #expect(Situation.shownChildren(of: board, isDeleting: true) == [8, 7, 6])
  }
}

/// Changes the child whose turn goes on.
private func child(_ change: @escaping @Sendable (inout ResourceStatus) -> Void) -> Change {
  { situation in
    guard var child = situation.children[1] else { return }
    child.resource.status = ResourceStatus()
    child.resource.status.phase = "Ready"
    change(&child.resource.status)
    situation.seat(child, at: 1)
  }
}

private func deployment(
  replicas: Int64 = 3, _ more: (name: String, value: JSONValue)...
) -> JSONObject {
  JSONObject(
    [
      ("replicas", .integer(replicas)), ("readyCondition", "Open"), ("minReadySeconds", 5),
      ("progressDeadline", "60s"), ("template", ["kind": "Box", "spec": [:]]),
    ] + more)
}

extension Resource {
  fileprivate mutating func setAttempt(
    _ state: RolloutState, onFailure: FailurePolicy = .halt, isDegraded: Bool = false,
    detail: String = "", revisions: Int = 1
  ) {
    var attempt: JSONObject = JSONObject([
      ("number", 1), ("revision", 1), ("replicas", 3), ("onFailure", .string(onFailure.text)),
      ("state", .string(state.rawValue)), ("startedAt", .string(began.description)),
    ])
    if state.isTerminal { attempt["completedAt"] = .string(began.description) }
    attempt["detail"] = .string(detail)
    let revision: JSONValue = [
      "number": 1, "appliedAt": .string(began.description),
      "template": ["kind": "Box", "spec": [:]],
    ]
    status.fields["rollout"] = [
      "attempt": .object(attempt),
      "revisions": .array(Array(repeating: revision, count: revisions)),
    ]
    status.fields["progress"] = "1/3"
    status.setCondition(
      NodeDeployment.degraded, isDegraded ? .isTrue : .isFalse,
      reason: isDegraded ? "ChildFailed" : "AsExpected", generation: 1, at: began)
  }
}

extension Situation {
  /// Three children: the first is complete, the second has its turn, the third has not been made.
  fileprivate static var rollout: Situation {
    var situation = box
    situation.blueprint = NodeDeployment.blueprint
    situation.resource = Resource(
      apiVersion: APIVersion.current, kind: NodeDeployment.kind,
      metadata: ObjectMeta(name: "shop", uid: "uid-1"), spec: .object(deployment()))
    situation.resource.setAttempt(.running)
    var board = ChildBoard()
    board.begin(attempt: 1, revision: 1, replicas: 3)
    var complete = ChildSeat()
    complete.turn = ChildSeat.Turn(attempt: 1, revision: 1, isContinuable: false, result: .complete)
    board.set(0, complete)
    situation.board = board
    var child = box
    child.resource.metadata.name = "shop-1"
    child.resource.metadata.generation = 1
    child.resource.metadata.childRecord = ChildRecord(
      attempt: 1, revision: 1, onFailure: .halt, generation: 1, after: "", startedAt: began)
    situation.seat(child, at: 1)
    return situation
  }

  /// Puts a child on the board as the host would.
  fileprivate mutating func seat(_ child: Situation, at ordinal: Int) {
    guard let rules = try? RolloutSpec(resource.spec).rules else { return }
    children[ordinal] = child
    board?.set(ordinal, ChildSeat(child.resource, template: nil, rules, at: now))
  }

  fileprivate mutating func fail(
    _ ordinal: Int, _ task: String, _ error: String, as state: ChildState = .failed
  ) {
    var seat = ChildSeat()
    seat.turn = ChildSeat.Turn(attempt: 1, revision: 1, isContinuable: true, result: state)
    seat.failure = ChildSeat.Failure(task: task, error: error, at: began)
    board?.set(ordinal, seat)
    children[ordinal] = nil
  }
}
