internal import JSON
internal import Model
internal import Planning
internal import PluginProto
internal import PluginSupervision
internal import Rollout
internal import TTRPC

extension HostService {
  /// Answers why a resource is where it is, of one reading of what the host knows now.
  func why(_ request: HostV1.WhyRequest) async throws -> HostV1.WhyReply {
    let key = try key(request.name)
    guard !Self.waitless.contains(key.kind) else {
      throw RPCError(
        .invalidArgument, reason: "WaitsForNothing",
        message: "\(key): objects of the kind \(key.kind) have no plans and wait for nothing "
          + "themselves; ask about the resource that is concerned")
    }
    guard var situation = try await situation(key) else { throw notFound(key) }
    if key.kind == NodeDeployment.kind { try await addChildren(&situation) }
    var reply = HostV1.WhyReply()
    reply.explanation = Explainer.explain(situation).json.serialized()
    return reply
  }

  /// Kinds of what the host itself keeps.
  private static let waitless: Set<String> = [
    Blueprint.kind, Intent.kind, Event.kind, Claim.kind,
  ]

  /// Nil where there is no such object.
  private func situation(_ key: ObjectKey) async throws -> Situation? {
    let stored = try await refusing { () async throws(StoreError) in
      try await environment.store.get(key)
    }
    guard let stored else { return nil }
    let resource = try await refusing { () async throws(StoreError) in
      try admission.decode(stored)
    }
    let plan = resource.status.plan
    let task = plan.flatMap { plan in plan.currentIndex.map { plan.tasks[$0] } }
    let awaited = Set(task?.wait?.wish.gate.clauses.map(\.intent) ?? [])
    let own = await book.owned(byUID: resource.metadata.uid).map(\.key)
    return Situation(
      resource: resource, blueprint: catalog.blueprint(ofKind: key.kind),
      subjects: await book.subjects(
        awaited.union(own), since: task?.wait?.since ?? Timestamp(milliseconds: 0)),
      plugins: supervisor.snapshot(), now: environment.time.now(),
      claims: try await claims(on: plan?.exclusiveKeys ?? [], notOf: resource))
  }

  private func claims(on keys: [String], notOf resource: Resource) async throws -> [Claim] {
    var claims: [Claim] = []
    for key in keys {
      let stored = try await refusing { () async throws(StoreError) in
        try await environment.store.get(Claim.objectKey(of: key))
      }
      guard let stored, let claim = try? Claim(stored),
        claim.holder.uid != resource.metadata.uid
      else { continue }
      claims.append(claim)
    }
    return claims
  }

  private func addChildren(_ situation: inout Situation) async throws {
    guard let (board, identity) = await rollout(situation.resource.key) else { return }
    situation.board = board
    let isDeleting = situation.resource.metadata.deletionTimestamp != nil
    for ordinal in Situation.shownChildren(of: board, isDeleting: isDeleting) {
      situation.children[ordinal] = try await self.situation(identity.key(ordinal))
    }
  }
}
