import Testing

@testable import Rollout

/// The rules of `docs/rollouts.md`, row by row, and then against every set of up to four children.
@Suite("Projection")
struct ProjectionTests {
  private typealias Child = (ChildState, FailurePolicy)

  private static func tally(_ children: [Child]) -> ChildTally {
    var tally = ChildTally()
    for (state, policy) in children { tally.add(state, isContinuable: policy.isContinuable) }
    return tally
  }

  private static func projection(_ children: [Child]) -> Projection {
    Projection(tally(children))
  }

  @Test(
    "only the exact word continue lets others go on",
    arguments: ["halt", "pause", "", "Continue", "CONTINUE", "continue ", " continue", "go-on"])
  func closed(word: String) {
    #expect(!FailurePolicy(word).isContinuable)
    let projection = Self.projection([
      (.failed, FailurePolicy(word)), (.running, .continue), (.pending, .continue),
    ])
    #expect(projection.state == .failed)
    #expect(!projection.mayStartNext)
  }

  @Test("the table of the documentation")
  func table() {
    let rows: [([Child], RolloutState, isHeld: Bool, mayStart: Bool)] = [
      ([], .complete, false, false),
      ([(.pending, .halt)], .pending, false, true),
      ([(.running, .halt), (.pending, .halt)], .running, false, true),
      ([(.complete, .halt), (.pending, .halt)], .pending, false, true),
      ([(.complete, .halt), (.complete, .halt)], .complete, false, false),
      ([(.unknown, .halt), (.complete, .halt)], .running, false, true),
      ([(.cancelled, .halt), (.running, .halt)], .cancelled, false, false),
      ([(.stopped, .halt), (.complete, .halt)], .stopped, false, false),
      ([(.reverted, .halt), (.complete, .halt)], .reverted, false, false),
      ([(.reverted, .halt), (.stopped, .halt), (.cancelled, .halt)], .cancelled, false, false),
      ([(.failed, .halt), (.running, .halt)], .failed, false, false),
      ([(.failed, .continue)], .failed, false, false),
      ([(.failed, .continue), (.complete, .continue)], .failed, false, false),
      ([(.failed, .continue), (.pending, .continue)], .running, true, true),
      ([(.failed, .continue), (.unknown, .continue)], .running, true, true),
      (
        [(.failed, .continue), (.cancelled, .continue), (.running, .continue)], .failed, false,
        false
      ),
      ([(.failed, .continue), (.failed, .pause), (.running, .continue)], .failed, false, false),
    ]
    for (children, state, isHeld, mayStart) in rows {
      let projection = Self.projection(children)
      #expect(projection.state == state, "\(children)")
      #expect(projection.isHeld == isHeld, "\(children)")
      #expect(projection.mayStartNext == mayStart, "\(children)")
    }
  }

  @Test("every set of up to four children agrees with the rules, read one by one")
  func everySet() {
    let policies: [FailurePolicy] = [.continue, .halt, FailurePolicy("newer-word")]
    let choices = ChildState.allCases.flatMap { state in policies.map { (state, $0) } }
    var sets: [[Child]] = [[]]
    var count = 0
    for _ in 0...4 {
      for children in sets {
        let projection = Self.projection(children)
        let (state, isHeld) = Self.rules(children)
        count += 1
        #expect(
          projection.state == state && projection.isHeld == isHeld
            && projection.mayStartNext == (state == .running || state == .pending)
            && projection.isDegraded == children.contains { $0.0 == .failed || $0.0 == .unknown },
          "\(children)")
      }
      // Sets, not lists: the tally knows no order.
      sets = sets.flatMap { children in
        choices.indices.filter { index in
          children.last.map { last in
            index >= choices.firstIndex { $0.0 == last.0 && $0.1 == last.1 } ?? 0
          } ?? true
        }.map { children + [choices[$0]] }
      }.filter { $0.count <= 4 }
    }
    #expect(count == 20_475)
  }

  /// Section 8, as it reads.
  private static func rules(_ children: [Child]) -> (RolloutState, isHeld: Bool) {
    let states = children.map(\.0)
    let failed = children.filter { $0.0 == .failed }
    if !failed.isEmpty {
      if failed.contains(where: { $0.1.text != "continue" }) { return (.failed, false) }
      // Whatever ended the attempt has ended it, failure or not.
      if states.contains(where: { [.cancelled, .stopped, .reverted].contains($0) }) {
        return (.failed, false)
      }
      return states.allSatisfy(\.isTerminal) ? (.failed, false) : (.running, true)
    }
    if states.contains(.cancelled) { return (.cancelled, false) }
    if states.contains(.stopped) { return (.stopped, false) }
    if states.contains(.reverted) { return (.reverted, false) }
    if states.allSatisfy({ $0 == .complete }) { return (.complete, false) }
    return states.contains { $0 == .running || $0 == .unknown }
      ? (.running, false) : (.pending, false)
  }

  @Test("what was added is taken out again")
  func tallies() {
    var tally = Self.tally([(.failed, .halt), (.failed, .continue), (.running, .halt)])
    #expect((tally.total, tally.finalFailures, tally.inFlight, tally.live) == (3, 1, 1, 1))
    tally.remove(.failed, isContinuable: false)
    tally.add(.complete, isContinuable: true)
    #expect(tally == Self.tally([(.failed, .continue), (.running, .halt), (.complete, .halt)]))
  }
}
