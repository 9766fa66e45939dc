import Model
import Testing

@testable import Daemon

@Suite("When all that was to be recovered is recovered")
struct RecoveryLedgerTests {
  private let one = ObjectKey(kind: "Box", namespace: "default", name: "one")
  private let two = ObjectKey(kind: "Box", namespace: "default", name: "two")

  /// A step, and whether it makes RecoveryComplete due.
  private enum Step {
    case expect(ObjectKey)
    case ready(String, Set<ObjectKey>, process: Int32 = 1, due: Bool)
    case untold(String)
    case passed(ObjectKey, unknown: Set<String>, due: [String])
    case gone(String)
  }

  private func walk(_ steps: [Step]) {
    var ledger = RecoveryLedger()
    for step in steps {
      switch step {
      case .expect(let key): ledger.expect(key)
      case .gone(let id): ledger.gone(id)
      case .untold(let id): ledger.untold(id)
      case .ready(let id, let holders, let process, let due):
        let isDue = ledger.ready(id, process: process, holders: holders)
        #expect(isDue == due, "\(step)")
      case .passed(let key, let unknown, let due):
        let dueNow = ledger.passed(key, unknown: unknown)
        #expect(dueNow == due, "\(step)")
      }
    }
  }

  @Test("a plugin without anything to recover is told at once, and once")
  func nothing() {
    walk([.ready("p@1", [], due: true), .passed(one, unknown: [], due: [])])
  }

  @Test("after a start of the host every resource is looked at first")
  func start() {
    walk([
      .expect(one), .expect(two), .ready("p@1", [], due: false),
      .passed(one, unknown: ["p@1"], due: []), .passed(two, unknown: [], due: []),
      .passed(one, unknown: ["q@1"], due: ["p@1"]), .passed(one, unknown: [], due: []),
      .ready("q@1", [one], due: false), .passed(one, unknown: [], due: ["q@1"]),
    ])
  }

  @Test("a plugin that ended is owed nothing; the next process is owed its own")
  func gone() {
    walk([
      .ready("p@1", [one], due: false), .gone("p@1"), .passed(one, unknown: [], due: []),
      .ready("p@1", [one], due: false), .passed(one, unknown: [], due: ["p@1"]),
    ])
  }

  @Test("a process is told once, whatever it is ready for again; another one is told anew")
  func onceEach() {
    walk([
      .ready("p@1", [], due: true), .ready("p@1", [one], due: false),
      .passed(one, unknown: [], due: []),
      // Ended because it was asked to, which nobody tells.
      .ready("p@1", [one], process: 2, due: false), .ready("p@1", [two], process: 2, due: false),
      .passed(one, unknown: [], due: []), .passed(two, unknown: [], due: ["p@1"]),
      .ready("p@1", [], process: 2, due: false),
    ])
  }

  @Test("what did not get there is told when the process is ready again")
  func lost() {
    walk([
      .ready("p@1", [], due: true), .untold("p@1"), .ready("p@1", [one], due: false),
      .passed(one, unknown: [], due: ["p@1"]),
    ])
  }
}
