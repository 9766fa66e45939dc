internal import Convergence
internal import JSON
internal import Manifests
internal import Model
internal import PluginProto

/// Makes intents of the host target true: creates, changes and deletes resources as an apply and a delete
/// would, and sees them as they are in the store.
///
/// - Invariant: what no intent made is neither changed nor deleted (guarded by `HostTargetTests`).
struct HostTargetDriver: DriverPort {
  let environment: EngineEnvironment
  let admission: Admission
  let watch: HostTargetWatch

  /// Why a resource is not as its intent wants it.
  private enum Failure: Error {
    case refused(TaskError)
    /// It is on its way out: the watch says when that is over.
    case deleting(TaskError)
    case store(StoreError)
  }

  func apply(_ intent: Intent) async -> DriverOutcome {
    await attempt { () async throws(Failure) in
      let key = try await follow(intent)
      let candidate = try await candidate(for: intent, key)
      while true {
        if let resource = try await write(candidate, of: intent) {
          return resource.observedByIntents
        }
      }
    }
  }

  func remove(_ intent: Intent) async -> DriverOutcome {
    await attempt { () async throws(Failure) in
      let key = try await follow(intent)
      while var present = try await read(key), present.isOf(intent) {
        if present.metadata.deletionTimestamp == nil {
          present.metadata.deletionTimestamp = environment.time.now()
          guard try await isStored(present, isNew: false) else { continue }
        }
        throw .deleting(beingDeleted(present))
      }
      await watch.forget(key)
      return .null
    }
  }

  func verify(_ intents: [Intent], on target: String) async -> VerifyOutcome {
    var found: [IntentKey: (IntentAction.Finding, observed: JSONValue)] = [:]
    for intent in intents {
      do throws(Failure) {
        found[intent.key] = try await finding(intent)
      } catch {
        switch error {
        case .store(let error): return .unreachable(error.description)
        // Apply says why.
        case .refused, .deleting: found[intent.key] = (.drifted, .null)
        }
      }
    }
    return .found(found)
  }

  func isReady(for key: IntentKey) -> Bool { true }

  func band(ofKind kind: String, on target: String) -> UInt32 { 0 }

  private func finding(_ intent: Intent) async throws(Failure) -> (
    IntentAction.Finding, observed: JSONValue
  ) {
    let key = try await follow(intent)
    guard let present = try await read(key) else { return (.absent, .null) }
    guard present.isOf(intent), present.metadata.deletionTimestamp == nil else {
      return (.drifted, .null)
    }
    let (_, action) = try await outcome(of: candidate(for: intent, key))
    return (action == .unchanged ? .matches : .drifted, present.observedByIntents)
  }

  /// Nil where another writer was first.
  private func write(_ candidate: Admission.Candidate, of intent: Intent) async throws(Failure)
    -> Resource?
  {
    let present = try await read(candidate.resource.key)
    if let present {
      guard present.isOf(intent) else {
        throw .refused(
          TaskError(
            reason: "AlreadyThere",
            message: "\(present.key) was made by somebody else, and could not be brought back"))
      }
      guard present.metadata.deletionTimestamp == nil else {
        throw .deleting(beingDeleted(present))
      }
    }
    let (resource, action) = try await outcome(of: candidate)
    guard resource.version == present?.version ?? 0 else { return nil }
    guard action != .unchanged else { return resource }
    return try await isStored(resource, isNew: action == .create) ? resource : nil
  }

  /// False where another writer was first.
  private func isStored(_ resource: Resource, isNew: Bool) async throws(Failure) -> Bool {
    do throws(StoreError) {
      let stored = resource.stored
      _ =
        try await isNew
        ? environment.store.create(stored) : environment.store.update(stored)
    } catch {
      switch error {
      case .conflict, .alreadyExists, .notFound: return false
      case .compacted, .refused, .unavailable: throw .store(error)
      }
    }
    admission.wake(resource.key)
    return true
  }

  private func beingDeleted(_ resource: Resource) -> TaskError {
    let message = resource.status.condition(ConditionType.deleting)?.message ?? ""
    return TaskError(
      reason: "BeingDeleted",
      message: "\(resource.key) goes when its intents are gone"
        + (message.isEmpty ? "" : ": \(message)"))
  }

  private func follow(_ intent: Intent) async throws(Failure) -> ObjectKey {
    guard let key = HostTarget.resource(of: intent.key) else {
      throw .refused(
        TaskError(reason: "InvalidResource", message: "\(intent.key): its key is no NAMESPACE/NAME")
      )
    }
    do { try await watch.follow(key) } catch { throw .store(error) }
    return key
  }

  private func read(_ key: ObjectKey) async throws(Failure) -> Resource? {
    do throws(StoreError) {
      guard let stored = try await environment.store.get(key) else { return nil }
      return try admission.decode(stored)
    } catch {
      throw .store(error)
    }
  }

  private func outcome(of candidate: Admission.Candidate) async throws(Failure) -> (
    Resource, ResourcePreview.Action
  ) {
    do { return try await admission.outcome(of: candidate) } catch { throw .store(error) }
  }

  /// What an apply of the same resource would be admitted as.
  private func candidate(for intent: Intent, _ key: ObjectKey) async throws(Failure)
    -> Admission.Candidate
  {
    let manifest = try manifest(for: intent, key)
    let (candidates, found): ([Admission.Candidate], [ManifestProblem])
    do { (candidates, found) = try await admission.check([manifest]) } catch { throw .store(error) }
    let problems = found.map { $0.path.isEmpty ? $0.message : "\($0.path): \($0.message)" }
    guard problems.isEmpty else { throw invalid(key, problems.joined(separator: "; ")) }
    guard let candidate = candidates.first, candidate.blueprint == nil else {
      throw invalid(key, "a blueprint is no intent")
    }
    return candidate
  }

  private func manifest(for intent: Intent, _ key: ObjectKey) throws(Failure) -> HostV1.Manifest {
    var metadata = ObjectMeta(name: key.name, namespace: key.namespace)
    metadata.annotations = [(HostTarget.intentAnnotation, intent.uid)]
    do throws(MappingError) {
      let reader = JSONReader(intent.spec)
      try reader.refuseMembers(except: ["spec", "labels"])
      metadata.labels = try reader.stringMap("labels")
      let document: JSONValue = [
        "apiVersion": .string(APIVersion.current), "kind": .string(key.kind),
        "metadata": metadata.json, "spec": try reader.required("spec").value,
      ]
      var manifest = HostV1.Manifest()
      manifest.content = document.serialized()
      return manifest
    } catch {
      throw invalid(key, error.path.isEmpty ? error.message : error.description)
    }
  }

  private func invalid(_ key: ObjectKey, _ problem: String) -> Failure {
    .refused(TaskError(reason: "InvalidResource", message: "\(key): \(problem)"))
  }

  private func attempt(_ body: () async throws(Failure) -> JSONValue) async -> DriverOutcome {
    do {
      return .done(observed: try await body())
    } catch {
      switch error {
      case .refused(let error): return .failed(error, isRecoverable: false)
      case .deleting(let error): return .underWay(error)
      case .store(.refused(let message)):
        return .failed(TaskError(reason: "Refused", message: message), isRecoverable: false)
      case .store(let error):
        return .failed(
          TaskError(reason: "StoreFailed", message: error.description), isRecoverable: true)
      }
    }
  }
}
