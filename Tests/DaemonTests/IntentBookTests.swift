import JSON
import SeededRandom
import Storage
import Synchronization
import TTRPC
import Testing

@testable import Daemon
@testable import Model

@Suite("Who waits for which intent")
struct IntentBookTests {
  /// Long enough for any machine; a lost wake-up waits for ever.

  /// A resource goes on only when it is woken, as under the reconciler; meanwhile the target changes
  /// and says so at any moment of the evaluation.
  @Test(
    "a gate whose intent becomes true at any moment is met: no wake-up is lost",
    arguments: UInt64(0)..<64)
  func noLostWakeUp(seed: UInt64) async throws {
    let fixture = try EngineFixture()
    defer { withExtendedLifetime(fixture) {} }
    let waiting = Waiting(fixture, seed: seed)
    let keys = (0..<4).map { IntentKey(target: "t\($0 % 2)", kind: "Volume", key: "v\($0)") }
    let isDone = await withTaskGroup(of: Bool.self) { group in
      for (number, key) in keys.enumerated() {
        group.addTask(executorPreference: fixture.loop) {
          await waiting.reachGate(of: key, as: number)
          return true
        }
        group.addTask(executorPreference: fixture.loop) {
          await waiting.changeTarget(of: key)
          return true
        }
      }
      group.addTask(executorPreference: fixture.loop) {
        do { try await fixture.loop.sleep(for: EngineFixture.patience) } catch { return true }
        return false
      }
      var ended = 0
      for await isFine in group {
        guard isFine else {
          waiting.giveUp()
          group.cancelAll()
          return false
        }
        ended += 1
        if ended == 2 * keys.count { group.cancelAll() }
      }
      return true
    }
    #expect(isDone, "seed \(seed): a resource waits for ever, though its gate is met")
    for key in keys { #expect(waiting.driver.timesApplied(key) == 1, "seed \(seed): \(key)") }
  }

  @Test("a delivery that has written its intents before writes nothing")
  func redelivered() async throws {
    let fixture = try EngineFixture()
    defer { withExtendedLifetime(fixture) {} }
    let waiting = Waiting(fixture, seed: 1)
    let key = IntentKey(target: "t", kind: "Volume", key: "v")
    let wait = waiting.wait(on: key)
    let owner = Waiting.owner(1)
    try await waiting.book.write(wait, by: Waiting.author(owner))
    let before = try await fixture.store.get(key.objectKey)
    try await waiting.book.write(wait, by: Waiting.author(owner))
    #expect(try await fixture.store.get(key.objectKey) == before)
  }

  @Test("an intent that another resource holds is refused, and the refusal names the holder")
  func strangers() async throws {
    let fixture = try EngineFixture()
    defer { withExtendedLifetime(fixture) {} }
    let waiting = Waiting(fixture, seed: 1)
    let key = IntentKey(target: "t", kind: "Volume", key: "v")
    try await waiting.book.write(
      waiting.wait(on: key), by: Waiting.author(Waiting.owner(1)))
    let error = await #expect(throws: TaskError.self) {
      try await waiting.book.write(
        waiting.wait(on: key), by: Waiting.author(Waiting.owner(2)))
    }
    #expect(error?.message.contains("n1") == true)
  }
}

/// An intent book over a scripted driver, and resources that wait as the reconciler has them wait.
private final class Waiting: Sendable {
  static let writer = IntentWriter(taskID: "task", attempt: 1, step: 1)

  static func author(_ owner: IntentOwner) -> IntentBook.Author {
    IntentBook.Author(owner: owner, writer: writer)
  }

  let book: IntentBook
  let driver: ScriptedDriver
  private let time: ManualTime
  private let random: Mutex<SplitMix64>
  private let wakes: Mutex<[ObjectKey: AsyncStream<Void>.Continuation]>
  private let streams: [ObjectKey: AsyncStream<Void>]

  static func owner(_ number: Int) -> IntentOwner {
    IntentOwner(
      resource: ObjectKey(kind: "Node", namespace: "default", name: "n\(number)"),
      uid: "owner-\(number)")
  }

  /// Not the owner, who is told of its intents in any case: registration is all that wakes it.
  static func waiter(_ number: Int) -> ObjectKey {
    ObjectKey(kind: "Watcher", namespace: "default", name: "w\(number)")
  }

  init(_ fixture: EngineFixture, seed: UInt64) {
    driver = ScriptedDriver(seed: seed)
    time = fixture.time
    random = Mutex(SplitMix64(seed: seed &+ 1))
    var streams: [ObjectKey: AsyncStream<Void>] = [:]
    var ends: [ObjectKey: AsyncStream<Void>.Continuation] = [:]
    for number in 0..<4 {
      let pair = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
      streams[Self.waiter(number)] = pair.stream
      ends[Self.waiter(number)] = pair.continuation
    }
    self.streams = streams
    let continuations = ends
    wakes = Mutex(continuations)
    book = IntentBook(environment: fixture.environment(seed: seed), driver: driver) { key in
      continuations[key]?.yield()
    }
  }

  func giveUp() {
    for wake in wakes.withLock({ Array($0.values) }) { wake.finish() }
  }

  func wait(on key: IntentKey) -> PendingWait {
    PendingWait(
      Wish(
        set: [IntentWrite(key: key, spec: ["size": 1], specVersion: 1)], remove: [],
        gate: Gate(clauses: [
          GateClause(intent: key, test: .equals, path: JSONPath([.member("ready")]), value: true)
        ])), since: time.now())
  }

  /// Writes the intent, then evaluates its gate once at the start and once for each wake-up.
  func reachGate(of key: IntentKey, as number: Int) async {
    let waiter = Self.waiter(number)
    let wait = wait(on: key)
    do {
      try await book.write(wait, by: Self.author(Self.owner(number)))
    } catch {
      Issue.record("\(error)")
    }
    if await book.evaluate(wait, for: waiter) == .met { return }
    guard let stream = streams[waiter] else { preconditionFailure("four waiters") }
    for await _ in stream {
      if await book.evaluate(wait, for: waiter) == .met { return }
    }
  }

  /// The target comes within reach, and some turns later what is awaited of it comes true.
  func changeTarget(of key: IntentKey) async {
    await dawdle()
    await book.converger(key.target).becomeReachable()
    await dawdle()
    driver.becomeReady(key)
    await book.converger(key.target).expire([key])
  }

  private func dawdle() async {
    let turns = random.withLock { Int.random(in: 0..<30, using: &$0) }
    for _ in 0..<turns { await Task.yield() }
  }
}
