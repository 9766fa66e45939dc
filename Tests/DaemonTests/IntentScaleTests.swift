import Convergence
import JSON
import Storage
import Synchronization
import Testing

@testable import Daemon
@testable import Model

/// Does what it is told at once, and counts by target what it is asked.
private final class CountingDriver: DriverPort {
  struct Counts: Equatable {
    var calls = 0
    var intents = 0
  }

  private let counts = Mutex<[String: Counts]>([:])

  /// Since it was last asked.
  func take() -> [String: Counts] {
    counts.withLock { counts in
      defer { counts = [:] }
      return counts
    }
  }

  private func count(_ target: String, _ intents: Int) {
    counts.withLock {
      $0[target, default: Counts()].calls += 1
      $0[target, default: Counts()].intents += intents
    }
  }

  func apply(_ intent: Intent) async -> DriverOutcome {
    count(intent.key.target, 1)
    return .done(observed: intent.spec)
  }

  func remove(_ intent: Intent) async -> DriverOutcome {
    count(intent.key.target, 1)
    return .done(observed: .null)
  }

  func verify(_ intents: [Intent], on target: String) async -> VerifyOutcome {
    count(target, intents.count)
    return .found(
      Dictionary(uniqueKeysWithValues: intents.map { ($0.key, (.matches, observed: $0.spec)) }))
  }

  func isReady(for key: IntentKey) -> Bool { true }

  func band(ofKind kind: String, on target: String) -> UInt32 { 0 }
}

@Suite("Ten thousand intents on a thousand targets", .timeLimit(.minutes(10)))
struct IntentScaleTests {
  private static let targets = 1000
  private static let each = 10

  private static func key(_ target: Int, _ number: Int) -> IntentKey {
    IntentKey(target: "t\(target)", kind: "Slot", key: "s\(number)")
  }

  private static func owner(_ target: Int) -> ObjectKey {
    ObjectKey(kind: "Rack", namespace: "default", name: "r\(target)")
  }

  @Test("what concerns one target asks its driver about that target only, and wakes its owner only")
  func oneTarget() async throws {
    let fixture = try EngineFixture()
    defer { withExtendedLifetime(fixture) {} }
    let driver = CountingDriver()
    let woken = Mutex<Set<ObjectKey>>([])
    let book = IntentBook(environment: fixture.environment(), driver: driver) { key in
      woken.withLock { _ = $0.insert(key) }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for target in 0..<Self.targets {
        group.addTask {
          await book.converger("t\(target)").becomeReachable()
          try await book.write(
            Self.wait(on: target, since: fixture.time.now()), by: Self.author(target))
        }
      }
      try await group.waitForAll()
    }
    try await fixture.until("all are applied") {
      for target in 0..<Self.targets {
        for number in 0..<Self.each {
          let intent = try await fixture.store.get(Self.key(target, number).objectKey)
          guard try intent.map({ try Intent($0) })?.state == .committed else { return false }
        }
      }
      return true
    }
    let applied = driver.take()
    #expect(applied.count == Self.targets)
    #expect(applied.values.reduce(0) { $0 + $1.intents } == Self.targets * Self.each)
    woken.withLock { $0 = [] }

    let (target, moment) = (Self.targets / 2, fixture.time.now())
    let keys = (0..<Self.each).map { Self.key(target, $0) }
    let converger = await book.converger("t\(target)")
    await converger.expire(keys)
    try await fixture.until("it is looked at") {
      for key in keys where await !converger.isFresh(key, since: moment) { return false }
      return true
    }
    #expect(driver.take() == ["t\(target)": CountingDriver.Counts(calls: 1, intents: Self.each)])
    #expect(woken.withLock { $0.isSubset(of: [Self.owner(target)]) })
  }

  private static func wait(on target: Int, since: Timestamp) -> PendingWait {
    let set = (0..<each).map {
      IntentWrite(key: key(target, $0), spec: ["size": 1], specVersion: 1)
    }
    return PendingWait(Wish(set: set, gate: Gate(clauses: [])), since: since)
  }

  private static func author(_ target: Int) -> IntentBook.Author {
    IntentBook.Author(
      owner: IntentOwner(resource: owner(target), uid: "owner-\(target)"),
      writer: IntentWriter(taskID: "task-\(target)", attempt: 1, step: 1))
  }
}
