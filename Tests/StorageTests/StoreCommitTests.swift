import LinuxSystem
import Model
import Synchronization
import Testing

@testable import Storage

@Suite("Writes that wait share one commit")
struct StoreCommitTests {
  @Test("what is submitted while the thread works is its next batch")
  func batching() throws {
    let batches = Mutex<[[Int]]>([])
    let (entered, released) = (Wakeup(), Wakeup())
    let thread = try BatchThread<Int>(name: "test", limit: 100, batch: 60) { items in
      batches.withLock { $0.append(items) }
      entered.signal()
      released.wait()
    }
    #expect(thread.submit(0) == .accepted)
    entered.wait()
    for item in 1...100 { #expect(thread.submit(item) == .accepted) }
    #expect(thread.submit(101) == .full)
    for _ in 0..<3 { released.signal() }
    thread.stop()
    #expect(thread.submit(102) == .stopped)
    #expect(batches.withLock { $0 } == [[0], Array(1...60), Array(61...100)])
  }

  @Test("a thread that sleeps is woken by each submission")
  func waking() throws {
    let done = Wakeup()
    let sum = Atomic<Int>(0)
    let thread = try BatchThread<Int>(name: "test", limit: 10, batch: 10) { items in
      sum.add(items.reduce(0, +), ordering: .relaxed)
      done.signal()
    }
    for item in 1...1000 {
      #expect(thread.submit(item) == .accepted)
      done.wait()
    }
    thread.stop()
    #expect(sum.load(ordering: .relaxed) == 500_500)
  }

  @Test("concurrent updates use fewer commits than there are updates")
  func groupCommit() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    for index in 0..<100 { _ = try await store.create(object("n\(index)")) }
    #expect(store.commitCount == 100)
    let started = Tally()
    let barrier = try WriteBarrier(store)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<100 {
        group.addTask {
          started.add()
          _ = try await store.update(object("n\(index)", version: UInt64(index) + 1, "new"))
        }
      }
      while started.count < 100 { await Task.yield() }
      try barrier.lift()
      try await group.waitForAll()
    }
    #expect(store.writeCount == 200)
    #expect(store.commitCount < 150, "\(store.commitCount) commits for 100 + 100 writes")
  }

  @Test("within one commit, each compare-and-swap sees what the writes before it did")
  func orderInBatch() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    let first = try await store.create(object("a", "0"))
    let barrier = try WriteBarrier(store)
    let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<20 {
        group.addTask {
          do {
            _ = try await store.update(object("a", version: first, "\(index)"))
            return true
          } catch StoreError.conflict(_, let expected, let actual) {
            #expect(expected == first && actual == first + 1)
            return false
          }
        }
      }
      try barrier.lift()
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.filter(\.self).count == 1)
    #expect(try await store.get(key("a"))?.version == first + 1)
  }

  @Test("a write that can't be stored fails alone")
  func isolation() async throws {
    let state = try StateDirectory()
    let store = try state.open(StoreLimits(fileBytes: 512 << 10))
    let big = String(repeating: "x", count: 1 << 20)
    let started = Tally()
    let barrier = try WriteBarrier(store)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<10 {
        group.addTask {
          started.add()
          if index == 5 {
            await #expect(throws: StoreError.self) { try await store.create(object("big", big)) }
          } else {
            _ = try await store.create(object("n\(index)"))
          }
        }
      }
      while started.count < 10 { await Task.yield() }
      try barrier.lift()
      try await group.waitForAll()
    }
    #expect(try await store.names(ObjectFilter()).count == 9)
    #expect(store.writeCount == 9)
  }

  @Test("a closed store refuses, and what it took before is there")
  func closing() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    _ = try await store.create(object("a"))
    store.close()
    store.close()
    await #expect(throws: StoreError.unavailable("the store is closed")) {
      try await store.create(object("b"))
    }
  }

  /// Another connection sees a commit only once it is complete, so an answer that came too early
  /// shows here.
  @Test("a write has returned only when it is committed, and its writer reads it at once")
  func readYourWrites() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    let other = try StoreReader(SQLiteConnection(path: store.path))
    var version = try await store.create(object("a"))
    for round in 0..<100 {
      version = try await store.update(object("a", version: version, "\(round)"))
      #expect(try other.get(key("a"))?.version == version)
      #expect(try await store.get(key("a"))?.version == version)
    }
  }

  @Test("commits are forced to the disk, and the log is the store's own to move")
  func durability() throws {
    let state = try StateDirectory()
    let opened = try StoreOpening.open(state.database, limits: StoreLimits())
    let connection = opened.tables.connection
    #expect(try connection.integer("PRAGMA synchronous") == 2)
    #expect(try connection.texts("PRAGMA journal_mode") == ["wal"])
    #expect(try connection.integer("PRAGMA wal_autocheckpoint") == 0)
  }

  @Test("the log does not grow without end")
  func checkpoints() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    var version: UInt64 = 0
    let body = String(repeating: "x", count: 100_000)
    for _ in 0..<200 {
      version =
        version == 0
        ? try await store.create(object("a", body))
        : try await store.update(object("a", version: version, body))
    }
    let log = try #require(try FileSystem.status("\(state.database)-wal"))
    #expect(log.size < 10 << 20, "20 MB were written; the log has \(log.size)")
  }
}
