import Testing

@testable import Convergence
@testable import Model

@Suite("What is done about an intent follows from its state and what was found")
struct IntentActionTests {
  /// Columns: not looked at, matches, drifted, absent.
  @Test(
    "each state and finding has one action",
    arguments: [
      ("pending", [.apply, .apply, .apply, .apply]),
      ("committed", [.skip, .skip, .apply, .apply]),
      ("commitFailed", [.apply, .apply, .apply, .apply]),
      ("given up", [.skip, .skip, .skip, .skip]),
      ("deletePending", [.remove, .remove, .remove, .remove]),
      ("removeFailed", [.skip, .skip, .skip, .skip]),
      ("removed", [.skip, .skip, .skip, .skip]),
    ] as [(String, [IntentAction])])
  func table(_ state: String, _ row: [IntentAction]) throws {
    let intent = try #require(allIntents.first { $0.0 == state }?.1)
    let findings: [IntentAction.Finding?] = [nil] + IntentAction.Finding.allCases
    #expect(findings.map { IntentAction(for: intent, found: $0, at: at(1000)) } == row)
  }

  @Test("what backs off is left for later, to the moment")
  func backingOff() {
    for state in [IntentState.commitFailed, .deletePending] {
      let intent = intent(state, error: broken, notBefore: at(500))
      #expect(IntentAction(for: intent, found: nil, at: at(499)) == .later(at(500)))
      let due = IntentAction(for: intent, found: nil, at: at(500))
      #expect(due == (state == .deletePending ? .remove : .apply))
    }
  }

  @Test("removes come first, in falling bands, then applies in rising ones")
  func order() {
    let work: [(IntentAction, UInt32)] = [
      (.apply, 30), (.remove, 10), (.apply, 10), (.remove, 30), (.skip, 20),
    ]
    let sorted = work.sorted { $0.0.precedes($1.0, band: $0.1, otherBand: $1.1) }
    #expect(sorted.map(\.0) == [.remove, .remove, .apply, .skip, .apply])
    #expect(sorted.map(\.1) == [30, 10, 10, 20, 30])
  }

  @Test("nothing precedes itself, and of two at most one precedes the other")
  func strictOrder() {
    let all: [(IntentAction, UInt32)] = [IntentAction.apply, .remove, .skip, .later(at(1))].flatMap
    {
      action in [1, 2].map { (action, $0) }
    }
    for left in all {
      for right in all {
        let forward = left.0.precedes(right.0, band: left.1, otherBand: right.1)
        let backward = right.0.precedes(left.0, band: right.1, otherBand: left.1)
        #expect(!(forward && backward))
      }
    }
  }
}
