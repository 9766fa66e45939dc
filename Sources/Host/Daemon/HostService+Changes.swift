internal import JSON
internal import Model
internal import PluginProto
internal import TTRPC

/// Calls that change what is asked of a resource; each by compare-and-swap until it fits.
extension HostService {
  func delete(_ request: HostV1.DeleteRequest) async throws -> HostV1.DeleteReply {
    let key = try key(request.name)
    try refuseKept(key)
    if key.kind == Blueprint.kind {
      try await deleteBlueprint(key)
      return HostV1.DeleteReply()
    }
    let reply = try await change(key) { resource in
      guard resource.metadata.deletionTimestamp == nil else { return false }
      resource.metadata.deletionTimestamp = environment.time.now()
      return true
    }
    try await removeAgain(reply)
    return HostV1.DeleteReply()
  }

  /// A removal that was given up on is tried again by deleting again.
  private func removeAgain(_ reply: HostV1.ResourceReply) async throws {
    let resource = try Resource(JSONReader(JSONValue(parsing: reply.object)))
    let owner = IntentOwner(resource: resource.key, uid: resource.metadata.uid)
    for intent in await book.owned(byUID: owner.uid) where intent.state == .removeFailed {
      try await book.remove(intent.key, by: IntentBook.Author(owner: owner))
    }
  }

  private func deleteBlueprint(_ key: ObjectKey) async throws {
    let stored = try await refusing { () async throws(StoreError) in
      try await environment.store.get(key)
    }
    guard let stored else { throw notFound(key) }
    let kind = try await refusing { () async throws(StoreError) in
      try admission.decode(stored).spec["kind"]?.string ?? ""
    }
    let resources = try await refusing { () async throws(StoreError) in
      try await environment.store.list(ObjectFilter(kind: kind)).objects
    }
    if let first = resources.first {
      throw RPCError(
        .failedPrecondition, reason: "KindInUse",
        message: "\(resources.count) objects of kind \(kind) are there, among them \(first.key); "
          + "delete them first")
    }
    try await refusing { () async throws(StoreError) in
      try await environment.store.delete(key, version: stored.version)
    }
    catalog.remove(kind: kind)
  }

  func setPaused(_ paused: Bool, _ request: HostV1.ResourceRequest) async throws
    -> HostV1.ResourceReply
  {
    try await change(try key(request.name)) { resource in
      guard resource.isPaused != paused, var spec = resource.spec.object else { return false }
      spec["paused"] = paused ? true : nil
      resource.spec = .object(spec)
      resource.metadata.generation += 1
      return true
    }
  }

  /// Names the plan that is to end, so that a repeated or late call can't end the next one.
  func replan(_ request: HostV1.ResourceRequest) async throws -> HostV1.ResourceReply {
    let key = try key(request.name)
    guard key.kind != TaskRun.kind else {
      throw RPCError(
        .failedPrecondition, reason: "NotPlannedAnew",
        message: "a TaskRun is done once; cancel it, and run it again when that is over")
    }
    return try await change(key) { resource in
      guard let plan = resource.status.plan?.id ?? resource.status.history.first?.id else {
        return false
      }
      resource.metadata.annotations.removeAll { $0.name == ObjectMeta.replanAnnotation }
      resource.metadata.annotations.append((ObjectMeta.replanAnnotation, plan))
      return true
    }
  }

  /// Names the plan that is to end, as `replan` does; nothing is planned for this generation then.
  func cancel(_ request: HostV1.ResourceRequest) async throws -> HostV1.ResourceReply {
    let key = try key(request.name)
    if key.kind == TaskRun.kind { return try await cancelRun(key) }
    let stored = try await refusing { () async throws(StoreError) in
      try await environment.store.get(key)
    }
    guard let stored else { throw notFound(key) }
    let present = try await refusing { () async throws(StoreError) in try admission.decode(stored) }
    if let revert = present.status.revert, !revert.state.isEnded {
      // It is being undone already: a revert goes on to its end.
      var reply = HostV1.ResourceReply()
      reply.object = VisibleObject(stored).document
      return reply
    }
    guard let plan = present.status.endable else {
      throw RPCError(
        .failedPrecondition, reason: "NoPlanInFlight",
        message: "\(key) has no plan in flight, and none that failed is about to be tried again")
    }
    return try await change(key) { resource in
      guard resource.status.endable == plan, resource.metadata.cancelRequest != plan else {
        return false
      }
      resource.metadata.annotations.removeAll { $0.name == ObjectMeta.cancelAnnotation }
      resource.metadata.annotations.append((ObjectMeta.cancelAnnotation, plan))
      return true
    }
  }

  /// What the host keeps for resources changes with them, and by nobody's hand.
  private func refuseKept(_ key: ObjectKey) throws(RPCError) {
    guard ![Intent.kind, Event.kind, Claim.kind].contains(key.kind) else {
      throw RPCError(
        .failedPrecondition, reason: "OwnedByResource",
        message: "intents, events and claims go with the resource that they belong to; change that")
    }
  }

  /// Changes a resource by compare-and-swap until it fits, unless `body` answers that there is nothing
  /// to change; what it throws is the caller's answer.
  func change(
    _ key: ObjectKey, _ body: @Sendable (inout Resource) throws(RPCError) -> Bool
  ) async throws -> HostV1.ResourceReply {
    try refuseKept(key)
    while true {
      var resource = try await refusing { () async throws(StoreError) in
        guard let stored = try await environment.store.get(key) else {
          throw .notFound(key)
        }
        return try admission.decode(stored)
      }
      let isChanged = try body(&resource)
      do throws(StoreError) {
        if isChanged {
          resource.version = try await environment.store.update(resource.stored)
        }
        wake(key)
        var reply = HostV1.ResourceReply()
        var written = resource.stored
        written.version = resource.version
        reply.object = VisibleObject(written).document
        return reply
      } catch {
        if case .conflict = error { continue }
        throw refusal(error)
      }
    }
  }
}

extension ResourceStatus {
  /// The plan that a cancel would end: the one in flight, or the one that is to be tried again.
  fileprivate var endable: String? {
    plan?.phase == .active ? plan?.id : plan == nil && retry != nil ? forward?.id : nil
  }
}
