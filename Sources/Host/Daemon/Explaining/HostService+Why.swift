internal import JSON
internal import Model
internal import PluginProto
internal import PluginSupervision
internal import TTRPC

extension HostService {
  /// Answers why a resource is where it is, of one reading of what the host knows now.
  func why(_ request: HostV1.WhyRequest) async throws -> HostV1.WhyReply {
    let key = try key(request.name)
    let stored = try await refusing { () async throws(StoreError) in
      try await environment.store.get(key)
    }
    guard let stored else { throw notFound(key) }
    let resource = try await refusing { () async throws(StoreError) in
      try admission.decode(stored)
    }
    let task = resource.status.plan.flatMap { plan in plan.currentIndex.map { plan.tasks[$0] } }
    let awaited = Set(task?.wait?.wish.gate.clauses.map(\.intent) ?? [])
    let own = await book.owned(byUID: resource.metadata.uid).map(\.key)
    let situation = Situation(
      resource: resource, blueprint: catalog.blueprint(ofKind: key.kind),
      subjects: await book.subjects(
        awaited.union(own), since: task?.wait?.since ?? Timestamp(milliseconds: 0)),
      plugins: supervisor.snapshot(), now: environment.time.now())
    var reply = HostV1.WhyReply()
    reply.explanation = Explainer.explain(situation).json.serialized()
    return reply
  }
}
