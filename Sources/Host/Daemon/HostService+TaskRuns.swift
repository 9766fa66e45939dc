internal import JSON
internal import Model
internal import Planning
internal import PluginProto
internal import TTRPC

/// Imperative work: makes, joins and repeats TaskRuns, and cancels them. Each is one compare-and-swap,
/// so whatever can't be recorded did not happen.
extension HostService {
  func runTask(_ request: HostV1.RunTaskRequest) async throws(RPCError) -> HostV1.RunTaskReply {
    let wanted = try taskRun(request)
    while true {
      if let reply = try await tryRun(wanted, request.externalID) { return reply }
    }
  }

  /// Nil where another writer was first.
  private func tryRun(_ wanted: Resource, _ externalID: String) async throws(RPCError)
    -> HostV1.RunTaskReply?
  {
    var resource = wanted
    let present = try await stored(wanted.key)
    if let present {
      resource = present
      switch TaskRunPlanner.runAgain(&resource, externalID: externalID) {
      case .change: break
      case .nothing:
        var reply = HostV1.RunTaskReply()
        reply.object = document(resource)
        reply.joined = true
        return reply
      case .refused(let reason, let message):
        throw RPCError(.alreadyExists, reason: reason, message: message)
      }
    }
    guard try await write(&resource, isNew: present == nil) else { return nil }
    var reply = HostV1.RunTaskReply()
    reply.object = document(resource)
    return reply
  }

  /// Asks for a run's end, and for undoing what it did; asking again is answered with the same.
  func cancelRun(_ key: ObjectKey) async throws(RPCError) -> HostV1.ResourceReply {
    while true {
      guard var resource = try await stored(key) else { throw notFound(key) }
      var reply = HostV1.ResourceReply()
      switch TaskRunPlanner.cancel(&resource) {
      case .refused(let reason, let message):
        throw RPCError(.failedPrecondition, reason: reason, message: "\(key): \(message)")
      case .nothing:
        reply.object = document(resource)
        return reply
      case .change:
        guard try await write(&resource, isNew: false) else { continue }
        reply.object = document(resource)
        return reply
      }
    }
  }

  private func stored(_ key: ObjectKey) async throws(RPCError) -> Resource? {
    try await refusing { () async throws(StoreError) in
      try await environment.store.get(key).map { stored throws(StoreError) in
        try admission.decode(stored)
      }
    }
  }

  /// False where another writer was first.
  private func write(_ resource: inout Resource, isNew: Bool) async throws(RPCError) -> Bool {
    do {
      resource.version =
        isNew
        ? try await environment.store.create(resource.stored)
        : try await environment.store.update(resource.stored)
    } catch {
      switch error {
      case .conflict, .alreadyExists, .notFound: return false
      case .compacted, .refused, .unavailable: throw refusal(error)
      }
    }
    wake(resource.key)
    return true
  }

  private func document(_ resource: Resource) -> [UInt8] {
    VisibleObject(resource.stored).document
  }

  /// What is asked for, held against the kind's schema.
  private func taskRun(_ request: HostV1.RunTaskRequest) throws(RPCError) -> Resource {
    let params: JSONValue
    do {
      params = request.params.isEmpty ? [:] : try JSONValue(parsing: request.params)
    } catch {
      throw RPCError(.invalidArgument, reason: "InvalidParams", message: "params: \(error)")
    }
    var spec = JSONObject()
    spec["type"] = .string(request.type)
    spec["params"] = params
    if !request.externalID.isEmpty { spec["externalId"] = .string(request.externalID) }
    if !request.target.isEmpty { spec["target"] = .string(request.target) }
    if request.ttlSeconds > 0 {
      spec["ttlSecondsAfterFinished"] = .integer(Int64(clamping: request.ttlSeconds))
    }
    let problems = Blueprint.taskRun.schema.validate(.object(spec))
    guard problems.isEmpty else {
      throw RPCError(
        .invalidArgument, reason: "InvalidTaskRun",
        message: problems.map(\.description).joined(separator: "; "))
    }
    var metadata = ObjectMeta(
      name: TaskRun.name(type: request.type, params: params),
      namespace: request.namespace.isEmpty ? Admission.defaultNamespace : request.namespace,
      uid: environment.ids.next())
    metadata.creationTimestamp = environment.time.now()
    metadata.finalizers = [Admission.finalizer]
    return Resource(
      apiVersion: APIVersion.current, kind: TaskRun.kind, metadata: metadata, spec: .object(spec))
  }
}
