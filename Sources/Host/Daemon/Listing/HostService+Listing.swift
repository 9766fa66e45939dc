internal import Model
internal import PluginProto
internal import TTRPC

/// Lists and watches.
extension HostService {
  func list(_ request: HostV1.ListRequest) async throws -> HostV1.ListReply {
    let query = ListQuery(
      filter: try filter(
        kind: request.kind, namespace: request.namespace, owner: request.ownerUID),
      selector: try selector(request.selector))
    let token = request.continueToken.isEmpty ? nil : try ContinueToken(request.continueToken)
    let limit = request.limit == 0 ? Int.max : Int(request.limit)
    let page = try await refusing { () async throws(StoreError) in
      try await ListPage.read(query, after: token?.key, limit: limit, from: environment.store)
    }
    var reply = HostV1.ListReply()
    reply.objects = page.objects.map(\.document)
    reply.version = token?.version ?? page.version
    if let next = page.next {
      reply.continueToken = ContinueToken(key: next, version: reply.version).text
    }
    return reply
  }

  func watch(
    _ request: HostV1.WatchRequest, to writer: ResponseWriter<HostV1.WatchEvent>
  ) async throws {
    let query = ListQuery(
      filter: try filter(kind: request.kind, namespace: request.namespace, owner: ""),
      selector: try selector(request.selector), name: request.name)
    var selected = SelectedChanges(query)
    var version = request.fromVersion
    if version == 0 { version = try await sendPresent(query, to: writer) }
    let changes = try await refusing { [version] () async throws(StoreError) in
      try await environment.store.watch(query.filter, after: version)
    }
    while true {
      let batch = try await refusing { () async throws(StoreError) in try await changes.next() }
      for change in batch {
        if let event = selected.event(for: change) { try await writer.send(event) }
      }
    }
  }

  /// Sends the objects that are there; returns the version from which a watch misses nothing.
  private func sendPresent(
    _ query: ListQuery, to writer: ResponseWriter<HostV1.WatchEvent>
  ) async throws -> UInt64 {
    var version: UInt64?
    var next: ObjectKey?
    repeat {
      let page = try await refusing { [next] () async throws(StoreError) in
        try await ListPage.read(query, after: next, limit: .max, from: environment.store)
      }
      for object in page.objects { try await writer.send(HostV1.WatchEvent(.added, object)) }
      version = version ?? page.version
      next = page.next
    } while next != nil
    return version ?? 0
  }

  private func selector(_ text: String) throws(RPCError) -> LabelSelector {
    do throws(SelectorError) {
      return try LabelSelector(parsing: text)
    } catch {
      throw RPCError(.invalidArgument, reason: "InvalidSelector", message: error.description)
    }
  }
}
