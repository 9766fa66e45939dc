import SeededRandom
import Testing

@testable import Daemon
@testable import Model

@Suite("Which resource has its pass")
struct ReconcileQueueTests {
  private let now = Timestamp(milliseconds: 1_000)
  private func key(_ number: Int) -> ObjectKey {
    ObjectKey(kind: "Node", namespace: "default", name: "n\(number)")
  }

  @Test("a key that is woken during its pass gets another one, and only after this one")
  func wokenDuringPass() {
    var queue = ReconcileQueue()
    queue.wake(key(1))
    #expect(queue.take(at: now) == key(1))
    queue.wake(key(1))
    queue.wake(key(1))
    #expect(queue.take(at: now) == nil)
    queue.finish(key(1), next: nil)
    #expect(queue.take(at: now) == key(1))
    queue.finish(key(1), next: nil)
    #expect(queue.take(at: now) == nil)
    #expect(queue.isIdle)
  }

  @Test("many wake-ups before a pass are one pass, and keys go in the order of their first")
  func coalesced() {
    var queue = ReconcileQueue()
    for number in [1, 2, 1, 3, 2, 1] { queue.wake(key(number)) }
    var taken: [ObjectKey] = []
    while let next = queue.take(at: now) { taken.append(next) }
    #expect(taken == [key(1), key(2), key(3)])
  }

  @Test("a pass that says when it is due again is taken then, and not before")
  func laterMoment() {
    var queue = ReconcileQueue()
    queue.wake(key(1))
    #expect(queue.take(at: now) == key(1))
    queue.finish(key(1), next: now + .seconds(5))
    #expect(queue.nextMoment() == now + .seconds(5))
    #expect(queue.take(at: now + .seconds(4)) == nil)
    #expect(queue.take(at: now + .seconds(5)) == key(1))
  }

  @Test("a wake-up brings the pass forward, and the old moment is forgotten")
  func broughtForward() {
    var queue = ReconcileQueue()
    queue.wake(key(1))
    _ = queue.take(at: now)
    queue.finish(key(1), next: now + .seconds(5))
    queue.wake(key(1))
    #expect(queue.take(at: now) == key(1))
    queue.finish(key(1), next: nil)
    #expect(queue.nextMoment() == nil)
    #expect(queue.take(at: now + .seconds(60)) == nil)
  }

  @Test("no more passes than the limit run at once; the next is taken when one ends")
  func concurrencyLimit() {
    var queue = ReconcileQueue()
    for number in 0...ReconcileQueue.concurrencyLimit { queue.wake(key(number)) }
    for number in 0..<ReconcileQueue.concurrencyLimit {
      #expect(queue.take(at: now) == key(number))
    }
    #expect(queue.take(at: now) == nil)
    queue.finish(key(0), next: nil)
    #expect(queue.take(at: now) == key(ReconcileQueue.concurrencyLimit))
  }

  /// Against the plainest model: a set of keys that owe a pass.
  @Test(
    "any order of wake-ups, takes and ends: no wake-up is lost, no key runs twice at once",
    arguments: UInt64(0)..<64)
  func randomOrders(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var queue = ReconcileQueue()
    var owed: Set<ObjectKey> = []
    var running: [ObjectKey] = []
    for _ in 0..<2_000 {
      switch Int.random(in: 0..<3, using: &random) {
      case 0:
        let woken = key(Int.random(in: 0..<100, using: &random))
        queue.wake(woken)
        owed.insert(woken)
      case 1:
        guard let taken = queue.take(at: now) else {
          let canRun = owed.subtracting(running)
          #expect(
            canRun.isEmpty || running.count == ReconcileQueue.concurrencyLimit, "seed \(seed)")
          continue
        }
        #expect(owed.remove(taken) != nil, "seed \(seed): \(taken) was not woken")
        #expect(!running.contains(taken), "seed \(seed): \(taken) runs twice")
        running.append(taken)
      default:
        guard !running.isEmpty else { continue }
        let index = Int.random(in: 0..<running.count, using: &random)
        queue.finish(running.remove(at: index), next: nil)
      }
    }
    #expect(queue.isIdle == (owed.isEmpty && running.isEmpty), "seed \(seed)")
  }

  @Test("a queue that never runs empty does not grow")
  func boundedMemory() {
    var queue = ReconcileQueue()
    queue.wake(key(0))
    queue.wake(key(1))
    for number in 0..<10_000 {
      #expect(queue.take(at: now) != nil)
      queue.finish(key(number % 2), next: nil)
      queue.wake(key(number % 2))
    }
    #expect(queue.heldEntries <= 2 * ReconcileQueue.takenSlack)
  }
}
