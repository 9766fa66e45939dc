import Diagnostics
import Glibc
import LinuxSystem
import Storage
import Synchronization
import TTRPC
import Testing

@testable import Daemon
@testable import Model

/// An event loop, a SQLite store in a directory of its own and a clock that the test moves: gone
/// with the test.
///
/// Whoever waits for work on the loop holds the fixture until then: a loop that has stopped resumes
/// nobody.
final class EngineFixture: Sendable {
  let loop: EventLoop
  let store: SQLiteStore
  let time = ManualTime()
  let directory: String

  init(limits: StoreLimits = StoreLimits()) throws {
    directory = try FileSystem.makeTemporaryDirectory("/tmp/mortise-daemon-")
    store = try SQLiteStore(directory: directory, limits: limits, log: .discarding)
    loop = try EventLoop.startThread("daemon-tests")
  }

  /// How long a test waits for what is bound to come: long, as simulations in other tests share the
  /// processors with it.
  static let patience = Duration.seconds(300)

  deinit {
    loop.stop()
    store.close()
    try? FileSystem.removeTree(directory)
  }

  /// Waits for what is bound to come, as long as a slow machine may take.
  func until(_ what: Comment, _ isMet: @Sendable () async throws -> Bool) async throws {
    let deadline = MonotonicTime.now() + Self.patience
    while try await !isMet() {
      try #require(MonotonicTime.now() < deadline, what)
      try await loop.sleep(for: .milliseconds(5))
    }
  }

  /// What the engine's parts stand on; with a seed, the store's calls take their time.
  func environment(seed: UInt64? = nil) -> EngineEnvironment {
    EngineEnvironment(
      loop: loop, store: seed.map { UnhurriedStore(store, seed: $0) } ?? store, time: time,
      ids: CountingIDs(), log: .discarding)
  }
}

/// A clock that stands until it is moved; each reading is a millisecond later than the one before,
/// as no two moments of a real engine are ordered by chance.
final class ManualTime: TimeSource {
  private let moment = Mutex<Int64>(1_000_000)

  func now() -> Timestamp {
    moment.withLock { moment in
      moment += 1
      return Timestamp(milliseconds: moment)
    }
  }

  /// Moves the clock; whoever is to notice is woken by the test.
  func advance(by milliseconds: Int64) {
    moment.withLock { $0 += milliseconds }
  }

  /// Nothing in these tests falls due by the passing of time.
  func wait(until moment: Timestamp) async {
    let never = AsyncStream<Void> { _ in }
    for await _ in never {}
  }
}

/// uid-1, uid-2, …
final class CountingIDs: IDSource {
  private let last = Mutex(0)

  func next() -> String {
    last.withLock { last in
      last += 1
      return "uid-\(last)"
    }
  }
}
