internal import JSON
internal import LinuxSystem
internal import PluginProto
internal import TTRPC

/// One connection to the host, its methods and its errors in the command line's terms.
struct HostSession: Sendable {
  var client: Client
  var socketPath: String

  /// The longest that any single call may take; watching has no such bound.
  static let callTimeout = Duration.seconds(60)

  func apply(_ manifests: [HostV1.Manifest], dryRun: Bool) async throws(CommandFailure)
    -> HostV1.ApplyReply
  {
    try await call(
      HostV1.Host.apply, HostV1.ApplyRequest(manifests: manifests, dryRun: dryRun), about: nil)
  }

  func get(_ reference: ObjectReference) async throws(CommandFailure) -> HostObject {
    let reply = try await advising(reference) { () async throws(CommandFailure) in
      try await call(
        HostV1.Host.get, HostV1.GetRequest(name: reference.message), about: reference)
    }
    return try HostObject(reply.object)
  }

  /// - Parameter selection: its name narrows what is returned, here rather than at the host.
  func list(_ selection: ObjectSelection) async throws(CommandFailure) -> ObjectList {
    try await advising(ObjectReference(selection)) { () async throws(CommandFailure) in
      try await listAsTold(selection)
    }
  }

  /// As above; a kind that isn't known is told as the host tells it.
  func listAsTold(_ selection: ObjectSelection) async throws(CommandFailure) -> ObjectList {
    var request = HostV1.ListRequest(
      kind: selection.kind, namespace: selection.namespace, ownerUID: selection.ownerUID,
      selector: selection.selector, limit: Self.pageObjects)
    var list = ObjectList(objects: [], version: 0)
    repeat {
      let reply = try await call(HostV1.Host.list, request, about: nil)
      for bytes in reply.objects {
        let object = try HostObject(bytes)
        if selection.name.isEmpty || object.name == selection.name { list.objects.append(object) }
      }
      list.version = reply.version
      request.continueToken = reply.continueToken
    } while !request.continueToken.isEmpty
    return list
  }

  /// Objects in one reply at most: a long list neither waits for its end nor fills a frame.
  private static let pageObjects: UInt32 = 500

  func watch(_ selection: ObjectSelection, from version: UInt64) async throws(CommandFailure)
    -> ResponseStream<HostV1.WatchEvent>
  {
    do throws(RPCError) {
      return try await client.openStream(
        HostV1.Host.watch,
        HostV1.WatchRequest(
          kind: selection.kind, namespace: selection.namespace, name: selection.name,
          fromVersion: version, selector: selection.selector))
    } catch {
      throw failure(error, about: nil)
    }
  }

  func delete(_ reference: ObjectReference) async throws(CommandFailure) {
    _ = try await call(
      HostV1.Host.delete, HostV1.DeleteRequest(name: reference.message), about: reference)
  }

  /// Calls one of the methods that take a resource's name alone.
  func act(
    _ method: Method<HostV1.ResourceRequest, HostV1.ResourceReply>, on reference: ObjectReference
  ) async throws(CommandFailure) -> HostObject {
    let reply = try await advising(reference) { () async throws(CommandFailure) in
      try await call(method, HostV1.ResourceRequest(name: reference.message), about: reference)
    }
    return try HostObject(reply.object)
  }

  func runTask(_ request: HostV1.RunTaskRequest) async throws(CommandFailure)
    -> HostV1.RunTaskReply
  {
    try await call(HostV1.Host.runTask, request, about: nil)
  }

  func control(
    _ request: HostV1.ControlRolloutRequest, _ reference: ObjectReference
  ) async throws(CommandFailure) -> HostObject {
    let reply = try await advising(reference) { () async throws(CommandFailure) in
      try await call(HostV1.Host.controlRollout, request, about: reference)
    }
    return try HostObject(reply.object)
  }

  func why(_ reference: ObjectReference) async throws(CommandFailure) -> JSONValue {
    let reply = try await advising(reference) { () async throws(CommandFailure) in
      try await call(
        HostV1.Host.why, HostV1.WhyRequest(name: reference.message), about: reference)
    }
    return try .sent(reply.explanation)
  }

  func plan(_ manifests: [HostV1.Manifest]) async throws(CommandFailure) -> JSONValue {
    let reply = try await call(
      HostV1.Host.plan, HostV1.PlanRequest(manifests: manifests), about: nil)
    guard reply.problems.isEmpty else {
      throw CommandFailure(.refused, reply.problems.map(\.text).joined(separator: "\n"))
    }
    return try .sent(reply.preview)
  }

  func logs(_ request: HostV1.LogsRequest) async throws(CommandFailure)
    -> ResponseStream<HostV1.LogChunk>
  {
    do throws(RPCError) {
      return try await client.openStream(HostV1.Host.logs, request)
    } catch {
      throw failure(error, about: nil)
    }
  }

  func plugins() async throws(CommandFailure) -> [HostV1.PluginStatus] {
    try await call(HostV1.Host.plugins, HostV1.PluginsRequest(), about: nil).plugins
  }

  func describePlugin(_ name: String) async throws(CommandFailure) -> HostV1.DescribePluginReply {
    try await call(
      HostV1.Host.describePlugin, HostV1.DescribePluginRequest(plugin: name), about: nil)
  }

  func controlPlugin(_ name: String, _ action: HostV1.PluginAction, note: String)
    async throws(CommandFailure) -> [HostV1.PluginStatus]
  {
    let request = HostV1.ControlPluginRequest(plugin: name, action: action, note: note)
    return try await call(HostV1.Host.controlPlugin, request, about: nil).plugins
  }

  func park(_ request: HostV1.ParkRequest) async throws(CommandFailure) -> [HostV1.HoldStatus] {
    try await call(HostV1.Host.park, request, about: nil).holds
  }

  func holds() async throws(CommandFailure) -> [HostV1.HoldStatus] {
    try await call(HostV1.Host.holds, HostV1.HoldsRequest(), about: nil).holds
  }

  func call<Request, Reply>(
    _ method: Method<Request, Reply>, _ request: Request, about reference: ObjectReference?
  ) async throws(CommandFailure) -> Reply {
    do throws(RPCError) {
      return try await client.call(method, request, timeout: Self.callTimeout)
    } catch {
      throw failure(error, about: reference)
    }
  }
}

/// Objects of one reading of the store.
struct ObjectList: Sendable {
  var objects: [HostObject]
  /// Watching from here misses nothing.
  var version: UInt64
}
