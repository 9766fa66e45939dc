import Model
import Storage
import Synchronization
import Testing

@Suite("A watch misses nothing, or says that it did")
struct StoreWatchTests {
  @Test("changes come in order, each as what it was")
  func kinds() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    let first = try await store.create(object("a", owner: "o", "1"))
    let watch = try await store.watch(ObjectFilter(), after: 0)
    let second = try await store.update(object("a", version: first, "2"))
    try await store.delete(key("a"), version: second)
    var seen: [ObjectChange] = []
    while seen.count < 3 { seen += try await watch.next() }
    #expect(
      seen == [
        ObjectChange(kind: .created, object: object("a", version: 1, owner: "o", "1")),
        ObjectChange(kind: .updated, object: object("a", version: 2, "2")),
        ObjectChange(kind: .deleted, object: object("a", version: 3, "2")),
      ])
  }

  @Test("only what the filter matches comes, and nothing from before the version")
  func filtering() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    _ = try await store.create(object("before", partition: "p"))
    let watch = try await store.watch(ObjectFilter(kind: "Thing", partition: "p"), after: 1)
    for name in ["x", "y"] {
      _ = try await store.create(object(name))
      _ = try await store.create(object(name, kind: "Other", partition: "p"))
    }
    _ = try await store.create(object("wanted", partition: "p"))
    #expect(try await watch.next().map(\.object.key.name) == ["wanted"])
  }

  /// Watchers that wait, read, and start late, while writes come in batches: the versions that an
  /// unfiltered watch sees have no gap and no repetition.
  @Test("list and watch together show every write once, however they fall")
  func completeness() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    let writes = 600
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<6 {
        group.addTask {
          var version = try await store.create(object("w\(writer)"))
          for _ in 1..<(writes / 6) {
            version = try await store.update(object("w\(writer)", version: version))
          }
        }
      }
      for watcher in 0..<4 {
        group.addTask {
          while try await store.list(ObjectFilter()).version < watcher * 100 { await Task.yield() }
          let start = try await store.list(ObjectFilter()).version
          let watch = try await store.watch(ObjectFilter(), after: start)
          var last = start
          while last < writes {
            let changes = try await watch.next()
            #expect(!changes.isEmpty)
            for change in changes {
              #expect(change.object.version == last + 1)
              last = change.object.version
            }
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("a watcher that falls behind what is kept has to list again")
  func compaction() async throws {
    let state = try StateDirectory()
    let store = try state.open(StoreLimits(history: 10))
    let slow = try await store.watch(ObjectFilter(), after: 0)
    var version = try await store.create(object("a"))
    for _ in 0..<200 { version = try await store.update(object("a", version: version)) }
    let error = await #expect(throws: StoreError.self) { try await slow.next() }
    guard case .compacted(let oldest) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(oldest > 100 && oldest <= version)
    await #expect(throws: StoreError.compacted(oldest: oldest)) {
      try await store.watch(ObjectFilter(), after: oldest - 2)
    }
    let kept = try await store.watch(ObjectFilter(), after: oldest - 1)
    #expect(try await kept.next().first?.object.version == oldest)
    let list = try await store.list(ObjectFilter())
    let fresh = try await store.watch(ObjectFilter(), after: list.version)
    version = try await store.update(object("a", version: version))
    #expect(try await fresh.next().map(\.object.version) == [version])
  }

  @Test("what is kept costs the history, not the writes")
  func boundedHistory() async throws {
    let state = try StateDirectory()
    let store = try state.open(StoreLimits(history: 10))
    for round in 0..<300 {
      let version = try await store.create(object("a", "\(round)"))
      try await store.delete(key("a"), version: version)
    }
    _ = try await store.create(object("stays"))
    store.close()
    let summary = try StoreBackup.verify(state.database)
    #expect(summary.objects == 1 && summary.version == 601)
    #expect(try rows(state) < 10 + 64 * 2)
  }

  @Test("a watch goes on from a version of before a restart")
  func restart() async throws {
    let state = try StateDirectory()
    do {
      let store = try state.open()
      for index in 0..<5 { _ = try await store.create(object("n\(index)")) }
      store.close()
    }
    let store = try state.open()
    let watch = try await store.watch(ObjectFilter(), after: 3)
    #expect(try await watch.next().map(\.object.key.name) == ["n3", "n4"])
  }

  @Test("a version that is yet to come is one of another database")
  func future() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    _ = try await store.create(object("a"))
    await #expect(throws: StoreError.compacted(oldest: 1)) {
      try await store.watch(ObjectFilter(), after: 2)
    }
  }

  @Test("a cancelled wait ends, and the watch loses nothing by it")
  func cancellation() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    let watch = try await store.watch(ObjectFilter(), after: 0)
    for _ in 0..<50 {
      let waiting = Task { try await watch.next() }
      waiting.cancel()
      await #expect(throws: StoreError.unavailable("the watch was cancelled")) {
        try await waiting.value
      }
    }
    _ = try await store.create(object("a"))
    #expect(try await watch.next().count == 1)
  }

  @Test("closing ends watches that wait")
  func closing() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    let watch = try await store.watch(ObjectFilter(), after: 0)
    let waiting = Task { try await watch.next() }
    store.close()
    await #expect(throws: StoreError.unavailable("the store is closed")) {
      try await waiting.value
    }
  }

  @Test("more waiting watches than the limit are refused")
  func watchLimit() async throws {
    let state = try StateDirectory()
    let store = try state.open(StoreLimits(watches: 2))
    let refused = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<3 {
        group.addTask {
          do {
            let watch = try await store.watch(ObjectFilter(), after: 0)
            return try await watch.next().isEmpty
          } catch StoreError.unavailable(let message) {
            return message.contains("2 watches wait already")
          } catch {
            return false
          }
        }
      }
      let first = await group.next()
      _ = try? await store.create(object("a"))
      return first
    }
    #expect(refused == true)
  }
}
