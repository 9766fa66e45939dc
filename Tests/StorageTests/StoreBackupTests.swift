import LinuxSystem
import Model
import Testing

@testable import Storage

@Suite("A backup that is there can be restored")
struct StoreBackupTests {
  @Test("a backup made amid writes is whole, verified, and opens as a store")
  func roundTrip() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    for index in 0..<50 { _ = try await store.create(object("n\(index)")) }
    let copy = "\(state.path)/copy.sqlite3"
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await store.backUp(to: copy) }
      group.addTask {
        var version: UInt64 = 1
        for _ in 0..<100 { version = try await store.update(object("n0", version: version)) }
      }
      try await group.waitForAll()
    }
    let summary = try StoreBackup.verify(copy)
    #expect(summary.objects == 50 && summary.epoch == 1)
    #expect((50...150).contains(summary.version))
    #expect(try FileSystem.list(state.path).filter { $0.contains("copy") } == ["copy.sqlite3"])
    let other = try StateDirectory()
    #expect(try StoreBackup.restore(copy, into: other.path) == summary)
    let restored = try other.open()
    #expect(restored.epoch == 2)
    #expect(try await restored.names(ObjectFilter()).count == 50)
    #expect(try await restored.create(object("more")) == summary.version + 1)
  }

  @Test("restoring over a store keeps the old one, and the epoch goes on from the higher")
  func overwriting() async throws {
    let state = try StateDirectory()
    let copy = "\(state.path)/copy.sqlite3"
    do {
      let store = try state.open()
      _ = try await store.create(object("old"))
      try await store.backUp(to: copy)
      _ = try await store.create(object("new"))
      #expect(throws: StoreOpenError.self) { try StoreBackup.restore(copy, into: state.path) }
      store.close()
    }
    for _ in 0..<3 { try state.open().close() }
    _ = try StoreBackup.restore(copy, into: state.path)
    let restored = try state.open()
    #expect(restored.epoch == 5)
    #expect(try await restored.names(ObjectFilter()) == ["old"])
    #expect(try StoreBackup.verify("\(state.database).replaced").objects == 2)
  }

  @Test("the log of a store that was lost is not replayed into the restored one")
  func staleLog() async throws {
    let state = try StateDirectory()
    let copy = "\(state.path)/copy.sqlite3"
    let log = "\(state.database)-wal"
    do {
      let store = try state.open()
      _ = try await store.create(object("old"))
      try await store.backUp(to: copy)
      _ = try await store.create(object("new"))
      try AtomicFile.write(try FileSystem.read(log), to: "\(log).kept")
      store.close()
    }
    try FileSystem.rename("\(log).kept", to: log)
    try FileSystem.remove(state.database)
    _ = try StoreBackup.restore(copy, into: state.path)
    #expect(try await state.open().names(ObjectFilter()) == ["old"])
  }

  @Test("what can't be restored is refused before anything is touched")
  func refusals() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    _ = try await store.create(object("a"))
    let copy = "\(state.path)/copy.sqlite3"
    try await store.backUp(to: copy)
    let error = await #expect(throws: StoreError.self) { try await store.backUp(to: copy) }
    #expect(error?.description.contains("exists already") == true)
    await #expect(throws: StoreError.self) { try await store.backUp(to: "/nowhere/at/all") }
    store.close()
    var bytes = try FileSystem.read(copy)
    bytes.replaceSubrange(4096..<4160, with: repeatElement(0xA5, count: 64))
    try AtomicFile.write(bytes, to: copy)
    #expect(throws: StoreOpenError.self) { try StoreBackup.restore(copy, into: state.path) }
    #expect(throws: StoreOpenError.self) {
      try StoreBackup.restore("\(state.path)/none", into: state.path)
    }
    #expect(try await state.open().names(ObjectFilter()) == ["a"])
  }
}
