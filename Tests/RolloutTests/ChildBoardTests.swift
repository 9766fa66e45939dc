import Model
import SeededRandom
import Testing

@testable import Rollout

@Suite("The board of children")
struct ChildBoardTests {
  private static func seat(
    _ attempt: Int64, _ result: ChildState?, revision: Int64 = 1, isContinuable: Bool = true
  ) -> ChildSeat {
    var seat = ChildSeat()
    seat.turn = ChildSeat.Turn(
      attempt: attempt, revision: revision, isContinuable: isContinuable, result: result)
    if let result, result != .complete {
      seat.failure = ChildSeat.Failure(task: "t", error: "e", at: Timestamp(milliseconds: 5))
    }
    return seat
  }

  private static func random(_ random: inout SplitMix64) -> ChildSeat? {
    guard Int.random(in: 0..<6, using: &random) > 0 else { return nil }
    var seat = Self.seat(
      Int64.random(in: 1...3, using: &random),
      Bool.random(using: &random)
        ? ChildState.allCases.filter(\.isTerminal).randomElement(using: &random) : nil,
      revision: Int64.random(in: 1...2, using: &random), isContinuable: Bool.random(using: &random))
    seat.failure?.at = Timestamp(milliseconds: Int64.random(in: 1...4, using: &random))
    seat.isLeaving = Int.random(in: 0..<8, using: &random) == 0
    seat.isDrifted = Int.random(in: 0..<8, using: &random) == 0
    seat.isOverdue = seat.turn?.result == nil && Bool.random(using: &random)
    if seat.turn?.result == nil, Bool.random(using: &random) { seat.observed = .unknown }
    return seat
  }

  /// What a board answers to all its questions.
  private static func answers(_ board: ChildBoard) -> [String] {
    var board = board
    return [
      "\(board.tally)",
      "\(board.firstFailure.map { ($0.ordinal, $0.failure.at.milliseconds) } as Any)",
      "\(board.next(maxParallel: 500, canary: nil))", "\(board.nextSurplus(500))",
      "\(board.nextDrifted(500))", "\(board.nextStoppable(500))",
      "\(board.takeOverdue(at: Timestamp(milliseconds: 0)))", "\(board.count)",
    ]
  }

  @Test(
    "kept child by child, it is the board that is made anew", arguments: 0..<40 as Range<UInt64>)
  func incremental(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var board = ChildBoard()
    var seats: [Int: ChildSeat] = [:]
    var attempt: Int64 = 1
    var replicas = 70
    board.begin(attempt: attempt, revision: 1, replicas: replicas)
    for _ in 0..<400 {
      if Int.random(in: 0..<40, using: &random) == 0 {
        attempt = Int64.random(in: 1...3, using: &random)
        replicas = Int.random(in: 0...140, using: &random)
        board.begin(attempt: attempt, revision: 1, replicas: replicas)
      }
      let ordinal = Int.random(in: 0..<140, using: &random)
      seats[ordinal] = Self.random(&random)
      board.set(ordinal, seats[ordinal])
    }
    var fresh = ChildBoard()
    fresh.begin(attempt: attempt, revision: 1, replicas: replicas)
    for (ordinal, seat) in seats.sorted(by: { $0.key < $1.key }) { fresh.set(ordinal, seat) }
    #expect(Self.answers(board) == Self.answers(fresh), "seed \(seed)")
  }

  @Test("turns begin in order, as many at once as are allowed, and behind the canaries none")
  func order() {
    var board = ChildBoard()
    func next(_ maxParallel: Int, canary: Int? = nil) -> [Int] {
      board.next(maxParallel: maxParallel, canary: canary)
    }
    func isHeld() -> Bool { board.isHeldBehind(canary: 2) }
    board.begin(attempt: 1, revision: 1, replicas: 200)
    #expect(next(3) == [0, 1, 2])
    #expect(next(3, canary: 2) == [0, 1])
    board.set(0, Self.seat(1, nil))
    #expect(next(3) == [1, 2])
    #expect(!isHeld())
    board.set(0, Self.seat(1, .complete))
    board.set(1, Self.seat(1, .complete))
    #expect(next(3, canary: 2) == [])
    #expect(isHeld())
    board.begin(attempt: 2, revision: 2, replicas: 1)
    #expect(board.nextSurplus(5) == [1])
    #expect(board.tally[.running] == 1, "one that is too many is not done before it is gone")
  }

  @Test("an attempt takes over what was complete at its revision, and nothing else")
  func carriedOver() {
    var board = ChildBoard()
    board.begin(attempt: 2, revision: 7, replicas: 5)
    board.set(0, Self.seat(1, .complete, revision: 7))
    board.set(1, Self.seat(1, .failed, revision: 7))
    board.set(2, Self.seat(1, .complete, revision: 6))
    board.set(3, Self.seat(2, .failed, revision: 7))
    board.set(4, .blocked("theirs", at: Timestamp(milliseconds: 1)))
    #expect((0..<5).map { board.state($0) } == [.complete, .pending, .pending, .failed, .failed])
    #expect(board.tally.finalFailures == 1, "a place that is somebody else's has no policy")
  }

  @Test("a set of numbers, by its first and last")
  func ordinals() {
    var set = OrdinalSet()
    var plain: Set<Int> = []
    var random = SplitMix64(seed: 3)
    for _ in 0..<2000 {
      let number = Int.random(in: 0..<300, using: &random)
      let isMember = Bool.random(using: &random)
      set.set(number, isMember)
      if isMember { plain.insert(number) } else { plain.remove(number) }
      let limit = Int.random(in: 0..<9, using: &random)
      let first = set.first(limit)
      #expect(first == Array(plain.sorted().prefix(limit)))
      #expect(set.last(limit) == Array(plain.sorted().reversed().prefix(limit)))
      #expect(set.count == plain.count && set.contains(number) == isMember)
    }
  }
}
