import Diagnostics
import Glibc
import LinuxSystem
import Model
import Testing

@testable import Storage

/// Rows that the change log has, whatever they are for.
func rows(_ state: StateDirectory) throws -> Int64 {
  try SQLiteConnection(path: state.database).integer("SELECT count(*) FROM revisions")
}

@Suite("A store opens where it left off")
struct StoreReopenTests {
  @Test("objects, versions and the rising epoch survive a restart")
  func reopening() async throws {
    let state = try StateDirectory()
    for round in 1...3 {
      let store = try state.open()
      #expect(store.epoch == UInt64(round))
      #expect(try await store.list(ObjectFilter()).objects.count == round - 1)
      #expect(try await store.create(object("n\(round)")) == UInt64(round))
      store.close()
    }
  }

  @Test("versions go on even where the last writes were deletions that are no longer kept")
  func versionsAfterDeletions() async throws {
    let state = try StateDirectory()
    let store = try state.open(StoreLimits(history: 1))
    for _ in 0..<200 {
      try await store.delete(key("a"), version: try await store.create(object("a")))
    }
    store.close()
    #expect(try await state.open().create(object("a")) == 401)
  }

  @Test("the directory and all in it are for their owner alone")
  func directory() async throws {
    let state = try StateDirectory()
    let path = "\(state.path)/a/b"
    let store = try SQLiteStore(directory: path, log: .discarding)
    _ = try await store.create(object("a"))
    #expect(try FileSystem.status(path)?.mode == 0o700)
    for name in try FileSystem.list(path) {
      #expect(try FileSystem.status("\(path)/\(name)")?.mode == 0o600, "\(name)")
    }
  }
}

@Suite("What keeps a store from opening is told with what to do")
struct StoreOpeningTests {
  @Test("a second host is refused and told the first one's pid, until that one is gone")
  func lock() throws {
    let state = try StateDirectory()
    do {
      let store = try state.open()
      let refusal = StoreOpenError.lockedByAnotherHost(directory: state.path, pid: getpid())
      #expect(throws: refusal) { try state.open() }
      #expect(refusal.description.contains("(pid \(getpid()))"))
      store.close()
    }
    _ = try state.open()
  }

  @Test("a host that is started while its predecessor still dies waits for the end of it")
  func succession() throws {
    let state = try StateDirectory()
    let predecessor = try state.open()
    var tries: [Int] = []
    _ = try SQLiteStore(
      directory: state.path, log: .discarding,
      whileHeld: {
        tries.append($0)
        if $0 == 3 { predecessor.close() }
        return $0 <= 3
      })
    #expect(tries == [1, 2, 3])
  }

  @Test("a newer schema is refused and left as it is")
  func newerSchema() throws {
    let state = try StateDirectory()
    try state.open().close()
    try SQLiteConnection(path: state.database).execute("PRAGMA user_version = 99")
    let refusal = StoreOpenError.newerSchema(
      path: state.database, found: 99, supported: StoreSchema.migrations.count)
    #expect(throws: refusal) { try state.open() }
    #expect(try SQLiteConnection(path: state.database).integer("PRAGMA user_version") == 99)
  }

  @Test("a database of something else is refused and left as it is")
  func foreign() throws {
    let state = try StateDirectory()
    let other = try SQLiteConnection(path: state.database, create: true)
    try other.execute("CREATE TABLE cats (name TEXT)")
    #expect(throws: StoreOpenError.foreign(path: state.database)) { try state.open() }
    #expect(try other.texts("SELECT name FROM sqlite_schema") == ["cats"])
  }

  @Test("damage is found at open, wherever it is", arguments: [0, 16, 1, 5, 20])
  func corruption(_ page: Int) async throws {
    let state = try StateDirectory()
    let store = try state.open()
    let body = String(repeating: "x", count: 1000)
    for index in 0..<100 { _ = try await store.create(object("n\(index)", body)) }
    store.close()
    var bytes = try FileSystem.read(state.database)
    try #require(bytes.count > 24 * 4096)
    let start = page * 4096
    bytes.replaceSubrange(start..<(start + 64), with: repeatElement(0xA5, count: 64))
    try AtomicFile.write(bytes, to: state.database)
    let error = #expect(throws: StoreOpenError.self) { try state.open() }
    guard case .corrupt(state.database, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("a file that was cut short is damaged")
  func truncation() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    for index in 0..<100 { _ = try await store.create(object("n\(index)")) }
    store.close()
    let bytes = try FileSystem.read(state.database)
    try AtomicFile.write(bytes.prefix(bytes.count / 2), to: state.database)
    let error = #expect(throws: StoreOpenError.self) { try state.open() }
    #expect(error?.description.contains("is damaged") == true, "\(String(describing: error))")
  }

  @Test("a directory that can't be one is named")
  func directory() throws {
    let state = try StateDirectory()
    try AtomicFile.write(Array("x".utf8), to: "\(state.path)/file")
    let error = #expect(throws: StoreOpenError.self) {
      try SQLiteStore(directory: "\(state.path)/file/state", log: .discarding)
    }
    guard case .directoryUnusable(let directory, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(directory == "\(state.path)/file/state")
  }

  @Test("a full store says so, keeps what it has, and goes on once there is room")
  func fullDisk() async throws {
    let state = try StateDirectory()
    let log = RecordingSink()
    let store = try state.open(StoreLimits(fileBytes: 1 << 20), log: Log(to: log))
    let body = String(repeating: "x", count: 20_000)
    var kept: [String: UInt64] = [:]
    var messages: Set<String> = []
    for index in 0..<200 {
      do {
        kept["n\(index)"] = try await store.create(object("n\(index)", body))
      } catch .unavailable(let text) {
        messages.insert(text)
      }
    }
    let message = messages.first
    #expect(messages.count == 1)
    #expect(message?.contains("is full, or the store has grown to its limit") == true)
    #expect(message?.contains(state.database) == true)
    #expect(kept.count > 20)
    #expect(try await store.names(ObjectFilter()).count == kept.count)
    for name in ["n0", "n1", "n2"] {
      try await store.delete(key(name), version: try #require(kept[name]))
    }
    _ = try await store.create(object("again", body))
    #expect(log.messages == ["writes fail", "writes go on"])
    store.close()
    #expect(try await state.open().names(ObjectFilter()).count == kept.count - 2)
  }
}

@Suite("Migrations run once each, in order, whole or not at all")
struct StoreMigrationTests {
  @Test("a database gets the steps that it lacks")
  func steps() throws {
    let state = try StateDirectory()
    let connection = try SQLiteConnection(path: state.database, create: true)
    let first = ["CREATE TABLE a (x)"]
    try StoreSchema.migrate(connection, path: state.database, through: first)
    try StoreSchema.migrate(
      connection, path: state.database, through: first + ["ALTER TABLE a RENAME TO b"])
    try StoreSchema.migrate(
      connection, path: state.database, through: first + ["ALTER TABLE a RENAME TO b"])
    #expect(try connection.texts("SELECT name FROM sqlite_schema") == ["b"])
    #expect(try connection.integer("PRAGMA user_version") == 2)
  }

  @Test("a step that fails leaves the database at the step before it")
  func failure() throws {
    let state = try StateDirectory()
    let connection = try SQLiteConnection(path: state.database, create: true)
    let steps = ["CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (y)"]
    #expect(throws: StoreOpenError.self) {
      try StoreSchema.migrate(connection, path: state.database, through: steps)
    }
    #expect(try connection.texts("SELECT name FROM sqlite_schema") == ["a"])
    #expect(try connection.integer("PRAGMA user_version") == 1)
  }
}
