internal import JSON
internal import Manifests
internal import Model
internal import Rollout

/// What of a NodeDeployment goes beyond its own schema: the children that its template makes.
extension Admission {
  /// Holds the template against the children's blueprint, and fills in its defaults.
  func checkTemplate(
    _ candidate: inout Candidate, _ fresh: [String: Blueprint], _ document: ManifestDocument
  ) -> [ManifestProblem] {
    guard var spec = candidate.resource.spec.object, var template = spec["template"]?.object,
      let kind = template["kind"]?.string, let childSpec = template["spec"]
    else { preconditionFailure("the schema asks for the template, its kind and its spec") }
    let longest = NodeDeployment.childName(
      Int(spec["replicas"]?.integer ?? 1) - 1, of: candidate.resource.metadata.name)
    if longest.utf8.count > Self.nameLimit {
      return [
        document.problem(
          at: "metadata.name",
          "its children would be called \(longest), and a name has at most \(Self.nameLimit) "
            + "characters")
      ]
    }
    guard !Blueprint.reservedKinds.contains(kind),
      let blueprint = fresh[kind] ?? catalog.blueprint(ofKind: kind)
    else {
      let known = Set(catalog.kinds + fresh.keys).subtracting(Blueprint.reservedKinds).sorted()
      return [
        document.problem(
          at: "spec.template.kind",
          "no blueprint teaches the kind \"\(kind)\"; known: \(known.joined(separator: ", "))")
      ]
    }
    let complete = blueprint.schema.applyingDefaults(childSpec)
    template["spec"] = complete
    spec["template"] = .object(template)
    candidate.resource.spec = .object(spec)
    return document.problems(blueprint.schema.validate(complete), below: "spec.template.spec")
  }

  /// The children of another kind would be others: a deployment of another name makes them.
  func refuseOtherKind(_ wanted: Resource, than present: Resource) throws(StoreError) {
    guard wanted.kind == NodeDeployment.kind,
      let kind = wanted.spec["template"]?["kind"]?.string,
      let presentKind = present.spec["template"]?["kind"]?.string, kind != presentKind
    else { return }
    throw .unavailable(
      "\(wanted.key): spec.template.kind is \(presentKind) and can't become \(kind); apply a "
        + "deployment of another name, and delete this one")
  }
}
