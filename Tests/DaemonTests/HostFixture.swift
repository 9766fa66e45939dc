import Diagnostics
import JSON
import LinuxSystem
import Model
import PluginProto
import PluginSupervision
import Rollout
import Storage
import TTRPC

@testable import Daemon

/// The host's own API over a real store and real sockets, without plugins.
final class HostFixture: Sendable {
  let engine: EngineFixture
  let service: HostService
  private let server: Server

  /// - Parameter store: as the service is to see it; nil = as it is.
  init(
    limits: StoreLimits = StoreLimits(), store: ((any ObjectStore) -> any ObjectStore)? = nil,
    processLogs: any ProcessLogPort = ScriptedProcesses(),
    driver: ScriptedDriver = ScriptedDriver(seed: 1),
    wake: @escaping @Sendable (ObjectKey) -> Void = { _ in },
    rollout: @escaping @Sendable (ObjectKey) -> (ChildBoard, FollowedRollout.Identity)? = { _ in nil
    }
  ) throws {
    let fixture = try EngineFixture(limits: limits)
    let plain = fixture.environment()
    let environment = EngineEnvironment(
      loop: plain.loop, store: store?(plain.store) ?? plain.store, time: plain.time,
      ids: plain.ids, log: plain.log)
    let catalog = BlueprintCatalog()
    catalog.set(NodeDeployment.blueprint)
    let supervisor = PluginSupervisor(
      loop: fixture.loop, directory: "\(fixture.directory)/plugins",
      stateDirectory: fixture.directory,
      host: HostIdentity(instance: "test", epoch: 1, version: "0"), log: .discarding,
      onEvent: { _ in })
    let book = IntentBook(environment: environment, driver: driver, wake: wake)
    let admission = Admission(environment: environment, catalog: catalog, wake: { _ in })
    service = HostService(
      environment: environment, catalog: catalog,
      admission: admission,
      supervisor: supervisor, book: book,
      previewer: Previewer(
        environment: environment, admission: admission, book: book,
        tasks: PluginDispatcher(
          supervisor: supervisor, epoch: 1, time: fixture.time, slots: CallSlots(wake: { _ in }))),
      stopBell: StopBell(), holds: HoldBook(environment: environment),
      processLogs: processLogs, wake: wake,
      choiceChanged: {}, rollout: rollout)
    server = Server(loop: fixture.loop, router: service.router)
    engine = fixture
  }

  /// Another client, on a connection of its own.
  func client() throws -> Client {
    let (near, far) = try UnixSocket.pair()
    server.serve(connection: far)
    return Client(descriptor: near, on: engine.loop)
  }

  /// Puts an object into the store, whatever admission would say.
  @discardableResult
  func store(
    _ name: String, kind: String = "Blueprint", labels: [(name: String, value: String)] = [],
    padding: Int = 0
  ) async throws -> StoredObject {
    var metadata = ObjectMeta(name: name, uid: "uid-\(name)")
    metadata.labels = labels
    var stored = Resource(
      apiVersion: APIVersion.current, kind: kind, metadata: metadata,
      spec: ["padding": .string(String(repeating: "x", count: padding))]
    ).stored
    stored.version = try await engine.store.create(stored)
    return stored
  }

  func list(_ change: (inout HostV1.ListRequest) -> Void = { _ in }) async throws
    -> HostV1.ListReply
  {
    var request = HostV1.ListRequest()
    request.kind = "blueprints"
    change(&request)
    let client = try client()
    defer { client.close() }
    return try await client.call(HostV1.Host.list, request, timeout: .seconds(60))
  }

  /// The names in objects or events, in their order.
  static func names(_ documents: [[UInt8]]) throws -> [String] {
    try documents.map { try JSONValue(parsing: $0)["metadata"]?["name"]?.string ?? "?" }
  }
}
