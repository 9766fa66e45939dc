import Diagnostics
import Glibc
import LinuxSystem
import Model
import Synchronization

@testable import Storage

/// A state directory that goes when the test is done with it.
final class StateDirectory: Sendable {
  let path: String

  init() throws {
    path = try FileSystem.makeTemporaryDirectory("/tmp/mortise-store-")
  }

  deinit {
    try? FileSystem.removeTree(path)
  }

  var database: String { "\(path)/store.sqlite3" }

  func open(_ limits: StoreLimits = StoreLimits(), log: Log = .discarding)
    throws(StoreOpenError) -> SQLiteStore
  {
    try SQLiteStore(directory: path, limits: limits, log: log)
  }
}

func key(_ name: String, kind: String = "Thing", in namespace: String = "default") -> ObjectKey {
  ObjectKey(kind: kind, namespace: namespace, name: name)
}

func object(
  _ name: String, kind: String = "Thing", in namespace: String = "default", version: UInt64 = 0,
  owner: String = "", partition: String = "", _ body: String = "{}"
) -> StoredObject {
  StoredObject(
    key: key(name, kind: kind, in: namespace), uid: "uid-\(name)", version: version, owner: owner,
    partition: partition, body: Array(body.utf8))
}

extension SQLiteStore {
  func names(_ filter: ObjectFilter) async throws -> [String] {
    try await list(filter).objects.map(\.key.name)
  }
}

/// Keeps the store's writer waiting, so that a test decides what comes into one batch.
final class WriteBarrier {
  private let connection: SQLiteConnection

  init(_ store: SQLiteStore) throws {
    connection = try SQLiteConnection(path: store.path)
    try connection.execute("BEGIN IMMEDIATE")
  }

  func lift() throws {
    try connection.execute("ROLLBACK")
  }
}

/// Counts what concurrent tasks have come to.
final class Tally: Sendable {
  private let atomic = Atomic<Int>(0)

  var count: Int { atomic.load(ordering: .relaxed) }

  func add() { atomic.add(1, ordering: .relaxed) }
}

/// Keeps what is logged.
final class RecordingSink: LogSink {
  private let records = Mutex<[LogRecord]>([])

  var messages: [String] { records.withLock { $0.map(\.message) } }

  func write(_ record: LogRecord) { records.withLock { $0.append(record) } }
}
