internal import JSON
internal import Manifests
internal import Model

/// Whether a blueprint fits those that are there, and the plans in flight that were made by it.
extension Admission {
  func blueprintProblems(_ candidates: [Candidate]) async throws(StoreError) -> [ManifestProblem] {
    let fresh = candidates.filter { $0.blueprint != nil }
    if fresh.isEmpty { return [] }
    var specs: [String: JSONValue] = [:]
    for stored in try await environment.store.list(ObjectFilter(kind: Blueprint.kind)).objects {
      specs[stored.key.name] = try decode(stored).spec
    }
    let taught = specs.compactMapValues { $0["kind"]?.string }
    var problems: [ManifestProblem] = []
    var takers: [String: String] = [:]
    for candidate in fresh {
      guard let blueprint = candidate.blueprint else { continue }
      let name = candidate.resource.metadata.name
      let kind = blueprint.resourceKind
      let others = taught.filter { other in
        other.key != name && other.value == kind
          && !fresh.contains { $0.resource.metadata.name == other.key }
      }.keys
      if let other = takers[kind] ?? others.min() {
        problems.append(
          candidate.document.problem(
            at: "spec.kind",
            "the kind \(kind) is taught by the blueprint \(other) already: change that one, or "
              + "delete it first"))
      }
      takers[kind] = name
      // As those of the plugins are at each start: the kind's objects need not be read.
      if specs[name] == candidate.resource.spec { continue }
      if let before = taught[name], before != kind {
        problems += try await abandoned(before, candidate)
      }
      problems += try await orphans(of: blueprint, candidate)
    }
    return problems
  }

  /// A blueprint that teaches another kind from now on leaves nobody to teach the one before.
  private func abandoned(_ kind: String, _ candidate: Candidate) async throws(StoreError)
    -> [ManifestProblem]
  {
    let left = try await environment.store.list(ObjectFilter(kind: kind)).objects
    guard let first = left.first else { return [] }
    return [
      candidate.document.problem(
        at: "spec.kind",
        "\(left.count) objects of kind \(kind) are there, among them \(first.key), and nothing would "
          + "teach it any more: delete them first, or give the new kind a blueprint of its own")
    ]
  }

  /// Plans in flight finish as they were stamped; a type that they still need and that the blueprint
  /// drops would be one that nobody watches over any more.
  private func orphans(of blueprint: Blueprint, _ candidate: Candidate) async throws(StoreError)
    -> [ManifestProblem]
  {
    let types = Set(blueprint.plans.flatMap(\.tasks).map(\.type))
    var needed: [String: [String]] = [:]
    let objects = try await environment.store.list(ObjectFilter(kind: blueprint.resourceKind))
      .objects
    for stored in objects {
      let resource = try decode(stored)
      guard let plan = resource.status.plan, plan.phase == .active else { continue }
      let left = Set(plan.tasks.filter { $0.state != .complete }.map(\.type))
      for type in left.subtracting(types) {
        needed[type, default: []].append("\(resource.key.arguments) (plan \(plan.name))")
      }
    }
    return needed.sorted { $0.key < $1.key }.map { type, holders in
      let shown = holders.prefix(Self.holdersShown).joined(separator: ", ")
      let more =
        holders.count > Self.holdersShown ? " and \(holders.count - Self.holdersShown) more" : ""
      return candidate.document.problem(
        at: "spec.plans",
        "no task has the type \(type) any more, and plans in flight still need it: \(shown)\(more). "
          + "Wait until they are done (mortise wait KIND NAME --for=steady), or end them with "
          + "mortise cancel")
    }
  }

  /// Holders that are named; of more their number.
  private static let holdersShown = 5

  /// The kind that the blueprint of that name teaches as it is stored; nil = it is not there.
  func taughtKind(_ key: ObjectKey) async throws(StoreError) -> String? {
    guard let stored = try await environment.store.get(key) else { return nil }
    return try decode(stored).spec["kind"]?.string
  }
}
