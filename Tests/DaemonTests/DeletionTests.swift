import Execution
import JSON
import LinuxSystem
import PluginProto
import Storage
import TTRPC
import Testing

@testable import Daemon
@testable import Model

@Suite("A resource goes when all that it owns is gone")
struct DeletionTests {
  @Test("a removal that was given up on is shown, and tried again when deletion is asked for again")
  func givenUp() async throws {
    let driver = ScriptedDriver(seed: 1)
    let late = LateBound<Reconciler>()
    let loop = LateBound<EngineFixture>()
    let host = try HostFixture(
      driver: driver,
      wake: { key in loop.value?.loop.spawn { await late.value?.wake(key) } })
    loop.bind(host.engine)
    let environment = host.engine.environment()
    late.bind(
      Reconciler(
        environment: environment, dispatcher: IdleDispatcher(), driver: driver,
        book: host.service.book, catalog: host.service.catalog,
        events: EventRecorder(environment: environment), holds: HoldBook(environment: environment),
        references: PluginReferences { _, _ in },
        claims: ClaimBook(environment: environment, wake: { _ in }),
        failpoint: Failpoint(armed: nil, directory: host.engine.directory)))
    host.service.catalog.set(
      try Blueprint(
        spec: JSONReader(
          ["kind": "Box", "target": "near", "schema": ["type": "object"]], path: "spec")))
    let box = ObjectKey(kind: "Box", namespace: "default", name: "box")
    _ = try await host.engine.store.create(
      Resource(
        apiVersion: APIVersion.current, kind: "Box", metadata: ObjectMeta(name: "box", uid: "u"),
        spec: [:]
      ).stored)
    let lid = IntentKey(target: "near", kind: "Lid", key: "a")
    _ = try await host.engine.store.create(
      Intent(
        write: IntentWrite(key: lid, spec: [:], specVersion: 0, references: []), uid: "i",
        owner: IntentOwner(resource: box, uid: "u"),
        writer: IntentWriter(taskID: "t", attempt: 1, step: 1)
      ).stored)

    await host.service.book.converger("near").becomeReachable()
    driver.setHeld(true)
    let client = try host.client()
    defer { client.close() }
    let request = HostV1.DeleteRequest(name: HostV1.ObjectName(kind: "box", name: "box"))
    _ = try await client.call(HostV1.Host.delete, request)
    try await host.engine.until("the removal is given up on, and shown") {
      let state = try await host.engine.store.get(box).map { try Resource($0).status }
      let condition = state?.condition(ConditionType.deleting)
      return condition?.reason == Reconciler.removeFailedReason
        && condition?.message.contains("somebody holds it") == true
    }
    #expect(await environment.intent(lid)?.state == .removeFailed)
    driver.setHeld(false)
    _ = try await client.call(HostV1.Host.delete, request)
    try await host.engine.until("it is gone") { try await host.engine.store.get(box) == nil }
    #expect(await environment.intent(lid) == nil)
  }
}
