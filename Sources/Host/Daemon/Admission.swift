internal import JSON
internal import Manifests
internal import Model
internal import PluginProto
internal import Rollout

/// Lets manifests in: everything is checked before anything is written.
///
/// - Invariant: with one problem in any document, no document is applied (guarded by `AdmissionTests`).
struct Admission: Sendable {
  /// Of object names and namespaces, as Kubernetes has them.
  static let nameLimit = 63
  static let defaultNamespace = "default"
  /// Holds an object until its intents are gone.
  static let finalizer = "mortise.dev/intents"

  let environment: EngineEnvironment
  let catalog: BlueprintCatalog
  /// Nil = task types are not held against plugins: those of blueprints that plugins ship come before
  /// any plugin runs.
  var taskTypes: (any TaskTypeDirectory)?
  /// Told of each resource that was written, and of all of a kind whose blueprint was.
  let wake: @Sendable (ObjectKey) -> Void

  /// What a document asks for, fully checked.
  struct Candidate: Sendable {
    var resource: Resource
    var blueprint: Blueprint?
    var mentionsPaused: Bool
    let document: ManifestDocument

    /// Whether the manifest says who owns it; else whoever does goes on.
    var mentionsOwners: Bool { document.value["metadata"]?["ownerReferences"] != nil }
  }

  /// Applies all documents of all manifests, or none where any has a problem.
  func apply(_ manifests: [HostV1.Manifest], isDryRun: Bool) async throws(StoreError)
    -> HostV1.ApplyReply
  {
    let (candidates, problems) = try await check(manifests)
    var reply = HostV1.ApplyReply()
    guard problems.isEmpty else {
      reply.problems = problems.map(\.reply)
      return reply
    }
    for candidate in candidates {
      reply.applied.append(try await write(candidate, isDryRun: isDryRun))
    }
    return reply
  }

  /// What the documents ask for; where there is a problem, none of it is to be done.
  func check(_ manifests: [HostV1.Manifest]) async throws(StoreError) -> (
    [Candidate], [ManifestProblem]
  ) {
    var problems: [ManifestProblem] = []
    var documents: [ManifestDocument] = []
    for manifest in manifests {
      do {
        documents += try ManifestDocument.parse(
          manifest.content, source: manifest.source.isEmpty ? "stdin" : manifest.source)
      } catch {
        problems += error.problems
      }
    }
    let candidates = Self.ownersFirst(check(documents, &problems))
    let blueprints = candidates.compactMap(\.blueprint)
    await awaitIntroductions(of: blueprints)
    for candidate in candidates {
      guard let blueprint = candidate.blueprint else { continue }
      problems += unknownTypes(of: blueprint).map {
        candidate.document.problem(at: $0.path, $0.message)
      }
    }
    problems += try await blueprintProblems(candidates)
    problems += try await ownerProblems(candidates)
    return (candidates, Self.inTextOrder(problems))
  }

  /// As they were found text by text, and within each from its top to its end.
  private static func inTextOrder(_ problems: [ManifestProblem]) -> [ManifestProblem] {
    var places: [String: Int] = [:]
    for problem in problems where places[problem.source] == nil {
      places[problem.source] = places.count
    }
    return problems.enumerated().map { found, problem in
      let position = problem.position
      let order = [
        places[problem.source] ?? 0, position?.line ?? 0, position?.column ?? 0, found,
      ]
      return (order, problem)
    }
    .sorted { $0.0.lexicographicallyPrecedes($1.0) }
    .map(\.1)
  }

  private func check(_ documents: [ManifestDocument], _ problems: inout [ManifestProblem])
    -> [Candidate]
  {
    var fresh: [String: Blueprint] = [:]
    var candidates: [Candidate] = []
    var seen: Set<ObjectKey> = []
    // Blueprints first: a file may bring a kind and its resources in any order.
    let ordered =
      documents.filter { $0.value["kind"]?.string == Blueprint.kind }
      + documents.filter { $0.value["kind"]?.string != Blueprint.kind }
    for document in ordered {
      let reader = JSONReader(document.value)
      do throws(MappingError) {
        var candidate = try Self.read(reader, document)
        if candidate.resource.kind == Blueprint.kind {
          let spec = try reader.required("spec")
          let misshapen = document.problems(Blueprint.schema.validate(spec.value), below: "spec")
          guard misshapen.isEmpty else {
            problems += misshapen
            continue
          }
          let blueprint = try Blueprint(spec: spec)
          problems += blueprint.unresolvable().map { document.problem(at: $0.path, $0.message) }
          fresh[blueprint.resourceKind] = blueprint
          candidate.blueprint = blueprint
        } else {
          problems += check(&candidate, fresh, document)
        }
        if !seen.insert(candidate.resource.key).inserted {
          throw MappingError(
            path: "metadata.name", message: "a second document for \(candidate.resource.key)")
        }
        candidates.append(candidate)
      } catch {
        problems.append(document.problem(at: error.path, error.message))
      }
    }
    return candidates
  }

  /// Holds a resource's spec against its kind's schema and fills in the defaults.
  private func check(
    _ candidate: inout Candidate, _ fresh: [String: Blueprint], _ document: ManifestDocument
  ) -> [ManifestProblem] {
    let kind = candidate.resource.kind
    guard let blueprint = fresh[kind] ?? catalog.blueprint(ofKind: kind) else {
      let known = Set(catalog.kinds + fresh.keys + [Blueprint.kind]).sorted()
      return [
        document.problem(
          at: "kind",
          "no blueprint teaches the kind \"\(kind)\"; known: \(known.joined(separator: ", "))")
      ]
    }
    // Every kind can be paused, so its schema need not say so.
    var spec = candidate.resource.spec.object ?? JSONObject()
    let paused = spec["paused"]
    spec["paused"] = nil
    if let paused, paused.bool == nil {
      return [document.problem(at: "spec.paused", "expected true or false")]
    }
    let complete = blueprint.schema.applyingDefaults(.object(spec))
    let misfits = document.problems(blueprint.schema.validate(complete), below: "spec")
    let missing = misfits.isEmpty ? blueprint.missing(in: ["spec": complete]) : []
    spec = complete.object ?? spec
    spec["paused"] = paused
    candidate.resource.spec = .object(spec)
    candidate.mentionsPaused = paused != nil
    if kind == NodeDeployment.kind, misfits.isEmpty {
      return checkTemplate(&candidate, fresh, document)
    }
    return misfits + document.problems(missing)
  }

  /// Identity and spec; what the host itself writes is ignored, so that what was read can be applied.
  private static func read(_ reader: JSONReader, _ document: ManifestDocument) throws(MappingError)
    -> Candidate
  {
    try reader.refuseMembers(except: ["apiVersion", "kind", "metadata", "spec", "status"])
    let version = try reader.required("apiVersion")
    guard try version.string() == APIVersion.current else {
      throw version.fail("expected \(APIVersion.current)")
    }
    let written = try ObjectMeta(try reader.required("metadata"))
    let kind = try reader.required("kind").string()
    let isBlueprint = kind == Blueprint.kind
    try checkName(written.name, at: "metadata.name")
    try checkName(written.namespace, at: "metadata.namespace")
    for (name, value) in written.labels {
      guard let problem = LabelSyntax.problem(name: name, value: value) else { continue }
      throw MappingError(path: "metadata.labels.\(name)", message: problem)
    }
    var metadata = ObjectMeta(
      name: written.name, namespace: isBlueprint ? defaultNamespace : written.namespace)
    metadata.labels = written.labels
    metadata.annotations = written.annotations
    metadata.ownerReferences = isBlueprint ? [] : written.ownerReferences
    // An only owner is the one that manages it, where nothing else is said.
    if metadata.ownerReferences.count == 1,
      document.value["metadata"]?["ownerReferences"]?.array?.first?["controller"] == nil
    {
      metadata.ownerReferences[0].controller = true
    }
    metadata.finalizers = isBlueprint ? [] : [finalizer]
    let spec = try reader.required("spec")
    _ = try spec.object()
    return Candidate(
      resource: Resource(
        apiVersion: APIVersion.current, kind: kind, metadata: metadata, spec: spec.value),
      blueprint: nil, mentionsPaused: false, document: document)
  }

  private static func checkName(_ name: String, at path: String) throws(MappingError) {
    let allowed = name.utf8.allSatisfy { byte in
      byte == UInt8(ascii: "-") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    guard allowed, !name.isEmpty, !name.hasPrefix("-"), !name.hasSuffix("-"),
      name.utf8.count <= nameLimit
    else {
      throw MappingError(
        path: path,
        message: "\"\(name)\" is no name: lower-case letters, digits and - inside, "
          + "at most \(nameLimit) characters")
    }
  }
}

extension ManifestProblem {
  var reply: HostV1.Problem {
    var problem = HostV1.Problem()
    problem.source = source
    problem.line = UInt32(clamping: position?.line ?? 0)
    problem.column = UInt32(clamping: position?.column ?? 0)
    problem.path = path
    problem.message = message
    return problem
  }
}
