import JSON
import Model
import Testing

@testable import Rollout

@Suite("Attempts")
struct AttemptTests {
  static func spec(
    _ image: String = "a", replicas: Int = 3, onFailure: FailurePolicy = .halt
  ) throws -> RolloutSpec {
    try RolloutSpec([
      "replicas": .integer(Int64(replicas)), "onFailure": .string(onFailure.text),
      "template": ["kind": "Box", "spec": ["image": .string(image)]],
    ])
  }

  private static func moment(_ seconds: Int64) -> Timestamp {
    Timestamp(milliseconds: seconds * 1000)
  }

  private static func begun(_ spec: RolloutSpec) -> RolloutStatus {
    var status = RolloutStatus()
    _ = status.resolve(spec, isPaused: false, retry: nil, tally: ChildTally(), at: moment(1))
    return status
  }

  private static func projection(_ state: RolloutState, isHeld: Bool = false) -> Projection {
    var projection = Projection(ChildTally())
    projection.state = state
    projection.isHeld = isHeld
    return projection
  }

  @Test("from each state to each: what ended stays ended, but for the hold and for the worse")
  func transitions() throws {
    let worse: [RolloutState: Set<RolloutState>] = [
      .reverted: [.stopped, .cancelled, .failed], .stopped: [.cancelled, .failed],
      .cancelled: [.failed],
    ]
    for from in RolloutState.allCases {
      for to in RolloutState.allCases {
        for isHeld in to == .running ? [false, true] : [false] {
          var status = Self.begun(try Self.spec())
          try status.take(Self.projection(from), ChildTally(), detail: "", at: Self.moment(2))
          let before = status
          let isLegal =
            !from.isTerminal || from == to || worse[from]?.contains(to) == true
            || (from == .failed && isHeld)
          do {
            try status.take(
              Self.projection(to, isHeld: isHeld), ChildTally(), detail: "", at: Self.moment(3))
            #expect(isLegal, "\(from) → \(to)")
            #expect(status.attempt?.state == to)
            #expect((status.attempt?.completedAt != nil) == to.isTerminal)
          } catch {
            #expect(!isLegal, "\(from) → \(to)")
            #expect(status == before)
            #expect(error.description.contains(from.rawValue))
            #expect(error.description.contains(to.rawValue))
          }
          let ends = status.attempts.count { $0.number == 1 }
          #expect(ends == (status.attempt?.state.isTerminal == true ? 1 : 0))
          #expect(status.totals.values.reduce(0, +) == Int64(ends))
        }
      }
    }
  }

  @Test("Failed becomes Running by the hold, clears its end, and is told of once for all that")
  func hold() throws {
    var status = Self.begun(try Self.spec(onFailure: .continue))
    try status.take(Self.projection(.failed), ChildTally(), detail: "x", at: Self.moment(2))
    #expect(status.unannounced.map(\.number) == [1])
    status.setAnnounced()
    try status.take(
      Self.projection(.running, isHeld: true), ChildTally(), detail: "x", at: Self.moment(3))
    #expect(status.attempt?.completedAt == nil)
    #expect(status.attempts.isEmpty)
    try status.take(Self.projection(.complete), ChildTally(), detail: "", at: Self.moment(4))
    #expect(status.attempt?.completedAt == Self.moment(4))
    #expect(status.attempts.map(\.state) == [.complete])
    #expect(status.unannounced.isEmpty)
    #expect(status.totals[.failed] == 0 && status.totals[.complete] == 1)
  }

  @Test("an end that turns worse keeps its moment, whichever was seen first")
  func worse() throws {
    var status = Self.begun(try Self.spec())
    try status.take(Self.projection(.cancelled), ChildTally(), detail: "", at: Self.moment(2))
    try status.take(Self.projection(.failed), ChildTally(), detail: "", at: Self.moment(9))
    #expect(status.attempt?.state == .failed)
    #expect(status.attempt?.completedAt == Self.moment(2))
    #expect(status.totals[.cancelled] == 0 && status.totals[.failed] == 1)
  }

  @Test(
    "another template or count begins another attempt; other fields do not; a pause begins none")
  func beginnings() throws {
    var status = Self.begun(try Self.spec())
    func resolve(_ spec: RolloutSpec, isPaused: Bool = false, retry: Int64? = nil)
      -> RolloutStatus.Course
    {
      status.resolve(
        spec, isPaused: isPaused, retry: retry, tally: ChildTally(), at: Self.moment(5))
    }
    #expect(resolve(try Self.spec()) == .goesOn)
    #expect(resolve(try Self.spec(onFailure: .continue)) == .goesOn)
    #expect(status.attempt?.onFailure == .halt)
    #expect(resolve(try Self.spec("b"), isPaused: true) == .goesOn)
    #expect(resolve(try Self.spec("b")) == .began)
    #expect((status.attempt?.number, status.attempt?.revision) == (2, 2))
    #expect(status.attempts.map(\.state) == [.stopped])
    #expect(status.attempts.first?.detail == "superseded by attempt 2")
    #expect(resolve(try Self.spec("b", replicas: 5)) == .began)
    #expect((status.attempt?.number, status.attempt?.revision) == (3, 2))
  }

  @Test("an earlier template is its revision again, and the one before is what undo goes to")
  func revisions() throws {
    var status = RolloutStatus()
    func take(_ image: String) throws -> [Int64] {
      _ = status.resolve(
        try Self.spec(image), isPaused: false, retry: nil, tally: ChildTally(), at: Self.moment(1))
      return status.revisions.map(\.number)
    }
    #expect(try take("a") == [1])
    #expect(try take("b") == [2, 1])
    #expect(try take("a") == [1, 2])
    #expect(try take("c") == [3, 1, 2])
    for number in 4...20 { _ = try take("n\(number)") }
    #expect(status.revisions.count == RolloutStatus.historyLimit)
    #expect(try take("a").first == 21)
  }

  @Test("as many earlier templates are kept as have room, and the one in force whatever its size")
  func revisionBytes() throws {
    var status = RolloutStatus()
    func take(_ image: String, _ bytes: Int) throws -> [Int64] {
      _ = status.resolve(
        try Self.spec(image + String(repeating: "x", count: bytes)), isPaused: false, retry: nil,
        tally: ChildTally(), at: Self.moment(1))
      return status.revisions.map(\.number)
    }
    for image in ["a", "b", "c", "d"] { _ = try take(image, 300_000) }
    #expect(status.revisions.map(\.number) == [4, 3, 2])
    #expect(try take("e", RolloutStatus.historyBytes) == [5])
    #expect(try take("f", 10) == [6])
  }

  @Test("a retry follows the attempt that it names, ended and not complete, and no other")
  func retries() throws {
    for state in RolloutState.allCases {
      for named in [0, 1, 2] as [Int64] {
        var status = Self.begun(try Self.spec())
        try status.take(Self.projection(state), ChildTally(), detail: "", at: Self.moment(2))
        let course = status.resolve(
          try Self.spec(), isPaused: false, retry: named, tally: ChildTally(), at: Self.moment(3))
        let isDue = named == 1 && state.isTerminal && state != .complete
        #expect((course == .began) == isDue, "\(state), \(named)")
        #expect(status.attempt?.number == (isDue ? 2 : 1))
      }
    }
  }

  @Test("what is written is read back")
  func mapping() throws {
    var status = Self.begun(try Self.spec())
    try status.take(Self.projection(.failed), ChildTally(), detail: "why", at: Self.moment(2))
    status.setAnnounced()
    #expect(try RolloutStatus(JSONReader(status.json)) == status)
  }
}
