import JSON
import PluginProto
import Storage
import Synchronization
import TTRPC
import Testing

@testable import Daemon
@testable import Model

/// A store whose disk is full as long as the test says so.
private final class FullStore: ObjectStore {
  private let base: any ObjectStore
  private let isFull = Mutex(true)

  init(_ base: any ObjectStore) { self.base = base }

  func makeRoom() { isFull.withLock { $0 = false } }

  private func refuseWhenFull() throws(StoreError) {
    if isFull.withLock({ $0 }) { throw .unavailable("the disk is full") }
  }

  func get(_ key: ObjectKey) async throws(StoreError) -> StoredObject? { try await base.get(key) }

  func list(_ filter: ObjectFilter) async throws(StoreError) -> ObjectList {
    try await base.list(filter)
  }

  func list(_ filter: ObjectFilter, after key: ObjectKey?, limit: Int) async throws(StoreError)
    -> ObjectList
  { try await base.list(filter, after: key, limit: limit) }

  func create(_ object: StoredObject) async throws(StoreError) -> UInt64 {
    try refuseWhenFull()
    return try await base.create(object)
  }

  func update(_ object: StoredObject) async throws(StoreError) -> UInt64 {
    try refuseWhenFull()
    return try await base.update(object)
  }

  func delete(_ key: ObjectKey, version: UInt64) async throws(StoreError) {
    try refuseWhenFull()
    try await base.delete(key, version: version)
  }

  func watch(_ filter: ObjectFilter, after version: UInt64) async throws(StoreError)
    -> any ObjectWatch
  { try await base.watch(filter, after: version) }
}

@Suite("A cancel that can't be recorded", .timeLimit(.minutes(5)))
struct CancelRecordTests {
  private static func plan() -> Plan {
    Plan(
      id: "plan", name: "run", generation: 1, target: "local", targetPhase: "", failedPhase: "",
      condition: nil,
      tasks: [
        PlannedTask(id: "task", name: "do", type: "do", params: [:], timeout: .seconds(300))
      ], startedAt: Timestamp(milliseconds: 1))
  }

  @Test(
    "is refused, and the plan goes on; once it can be recorded, it is", arguments: [true, false])
  func refused(isRun: Bool) async throws {
    let store = LateBound<FullStore>()
    let fixture = try HostFixture { base in
      let full = FullStore(base)
      store.bind(full)
      return full
    }
    fixture.service.catalog.set(.taskRun)
    fixture.service.catalog.set(Box.blueprint)
    let kind = isRun ? TaskRun.kind : Box.kind
    var resource = Resource(
      apiVersion: APIVersion.current, kind: kind, metadata: ObjectMeta(name: "one", uid: "u"),
      spec: ["type": "do"])
    resource.status.plan = Self.plan()
    if isRun {
      var status = TaskRunStatus(run: 1)
      status.state = .running
      resource.status.setTaskRun(status)
    }
    _ = try await fixture.engine.store.create(resource.stored)
    let before = try await fixture.engine.store.get(resource.key)
    let client = try fixture.client()
    defer { client.close() }
    var request = HostV1.ResourceRequest()
    request.name = HostV1.ObjectName(resource.key)
    let error = await #expect(throws: RPCError.self) {
      try await client.call(HostV1.Host.cancel, request, timeout: .seconds(60))
    }
    #expect(error?.message.contains("the disk is full") == true, "\(error as Any)")
    #expect(try await fixture.engine.store.get(resource.key) == before)
    store.value?.makeRoom()
    _ = try await client.call(HostV1.Host.cancel, request, timeout: .seconds(60))
    let stored = try #require(try await fixture.engine.store.get(resource.key))
    #expect(try Resource(stored).metadata.cancelRequest != nil)
  }
}
