import Testing

@testable import Convergence
@testable import Model

private func key(_ name: Int) -> IntentKey {
  IntentKey(target: "local", kind: "Volume", key: "default/\(name)")
}

extension TargetQueue {
  /// The batch that there has to be.
  fileprivate mutating func mustTake(at now: Timestamp) throws -> Batch {
    let batch = take(at: now)
    return try #require(batch)
  }
}

private func reachable() -> TargetQueue {
  var queue = TargetQueue()
  queue.becomeReachable()
  return queue
}

@Suite("A target's work is serial, its wake-ups coalesced and never lost")
struct TargetQueueTests {
  @Test("nothing is taken before a driver has spoken for the target, and nothing is lost by then")
  func unreachableAtFirst() {
    var queue = TargetQueue()
    #expect(queue.unreachable == "no driver has spoken for it yet")
    queue.wake(key(1))
    #expect(queue.take(at: at(0)) == nil)
    queue.becomeReachable()
    #expect(queue.take(at: at(1))?.keys == [key(1)])
  }

  @Test("wake-ups of one key are one, and keys come in the order of their wake-ups")
  func coalescing() {
    var queue = reachable()
    for name in [3, 1, 3, 2, 1] { queue.wake(key(name)) }
    let batch = queue.take(at: at(5))
    #expect(
      batch == TargetQueue.Batch(keys: [key(3), key(1), key(2)], verify: [], startedAt: at(5)))
    #expect(queue.take(at: at(6)) == nil)
  }

  @Test("a key that is woken while a batch is under way is in a later batch")
  func wokenMeanwhile() throws {
    var queue = reachable()
    queue.wake(key(1))
    let batch = try queue.mustTake(at: at(0))
    queue.wake(key(1))
    queue.wake(key(2))
    #expect(queue.take(at: at(1)) == nil)
    queue.finish(batch, verified: [key(1)])
    #expect(queue.take(at: at(2))?.keys == [key(1), key(2)])
  }

  @Test("a batch holds so many keys at most, and the rest come next, none twice")
  func batchLimit() throws {
    var queue = reachable()
    let limit = TargetQueue.batchLimit
    for name in 0..<limit + 10 { queue.expire(key(name)) }
    let first = try queue.mustTake(at: at(0))
    #expect(first.keys == (0..<limit).map(key))
    #expect(first.verify == Set(first.keys))
    queue.finish(first, verified: Set(first.keys))
    let second = try queue.mustTake(at: at(1))
    #expect(second.keys == (limit..<limit + 10).map(key))
    #expect(second.verify == Set(second.keys))
  }

  @Test("what was verified is fresh from the moment at which its batch began")
  func freshness() throws {
    var queue = reachable()
    queue.wake(key(1))
    queue.wake(key(2))
    let batch = try queue.mustTake(at: at(10))
    #expect(!queue.isFresh(key(1), since: at(0)))
    queue.finish(batch, verified: [key(1)])
    #expect(queue.isFresh(key(1), since: at(10)))
    #expect(!queue.isFresh(key(1), since: at(11)))
    #expect(!queue.isFresh(key(2), since: at(0)))
  }

  @Test("what is expired is verified next, and not fresh until then")
  func expiring() throws {
    var queue = reachable()
    queue.expire(key(1))
    let batch = try queue.mustTake(at: at(0))
    #expect(batch.verify == [key(1)])
    queue.finish(batch, verified: [key(1)])
    #expect(queue.isFresh(key(1), since: at(0)))
    queue.expire(key(1))
    #expect(!queue.isFresh(key(1), since: at(0)))
    #expect(queue.take(at: at(1))?.verify == [key(1)])
  }

  @Test("a key that is expired while it is being verified is not fresh, and verified again")
  func expiredMeanwhile() throws {
    var queue = reachable()
    queue.expire(key(1))
    let batch = try queue.mustTake(at: at(0))
    queue.expire(key(1))
    queue.finish(batch, verified: [key(1)])
    #expect(!queue.isFresh(key(1), since: at(0)))
    #expect(queue.take(at: at(1))?.verify == [key(1)])
  }

  @Test("a loss of the target makes all that was verified out of date")
  func loss() throws {
    var queue = reachable()
    queue.wake(key(1))
    queue.finish(try queue.mustTake(at: at(0)), verified: [key(1)])
    queue.becomeUnreachable("cable")
    #expect(queue.unreachable == "cable")
    #expect(!queue.isFresh(key(1), since: at(0)))
    #expect(queue.take(at: at(1)) == nil)
    queue.becomeReachable()
    #expect(queue.take(at: at(2))?.verify == [key(1)])
  }

  @Test("what was seen before a loss that came and went during its batch is not fresh")
  func lossMeanwhile() throws {
    var queue = reachable()
    queue.wake(key(1))
    let batch = try queue.mustTake(at: at(0))
    queue.becomeUnreachable("cable")
    queue.becomeReachable()
    #expect(queue.take(at: at(1)) == nil)
    queue.finish(batch, verified: [key(1)])
    #expect(!queue.isFresh(key(1), since: at(0)))
    #expect(queue.take(at: at(2))?.verify == [key(1)])
  }

  @Test("a key put off comes at its moment, and the next moment is told")
  func later() throws {
    var queue = reachable()
    queue.wake(key(1), at: at(100))
    queue.wake(key(2), at: at(50))
    queue.wake(key(3), at: at(70))
    queue.wake(key(3), at: nil)
    #expect(queue.nextMoment() == at(50))
    #expect(queue.take(at: at(49)) == nil)
    let batch = try queue.mustTake(at: at(99))
    #expect(batch.keys == [key(2)])
    queue.finish(batch, verified: [])
    #expect(queue.nextMoment() == at(100))
    #expect(queue.take(at: at(100))?.keys == [key(1)])
    #expect(queue.nextMoment() == nil)
  }

  @Test("a moment that passes while a batch is under way is not lost")
  func laterMeanwhile() throws {
    var queue = reachable()
    queue.wake(key(1))
    let batch = try queue.mustTake(at: at(0))
    queue.wake(key(2), at: at(10))
    #expect(queue.take(at: at(20)) == nil)
    queue.finish(batch, verified: [])
    #expect(queue.take(at: at(20))?.keys == [key(2)])
  }
}
