import JSON
import PluginSDK

/// Intents as the host speaks of them, handed to what knows their kind.
extension Supervisor {
  func apply(_ intent: Intent) async throws -> JSONValue {
    let name = try Self.name(intent)
    let owner = intent.owner.uid
    switch intent.key.kind {
    case "PersistentVolumeClaim": return try applyVolume(name, intent.spec, owner: owner)
    case "StatefulSet":
      return try applySet(name, intent.spec, generation: intent.generation, owner: owner)
    case "Service":
      return try applyService(name, intent.spec, generation: intent.generation, owner: owner)
    case "PodEviction": return try await evict(try PodEvictionSpec(intent.spec))
    default: throw Self.unknownKind(intent)
    }
  }

  /// Answers when it is gone. What belongs to another owner isn't this intent's: nothing to do.
  func remove(_ intent: Intent) async throws -> JSONValue {
    let name = try Self.name(intent)
    let owner = intent.owner.uid
    switch intent.key.kind {
    case "PersistentVolumeClaim": try removeVolume(name, owner: owner)
    case "StatefulSet": try await removeSet(name, owner: owner)
    case "Service": try await removeService(name, owner: owner)
    // The pod is gone or goes; an eviction that isn't wanted any more brings nothing back.
    case "PodEviction": break
    default: throw Self.unknownKind(intent)
    }
    return .null
  }

  /// How the intents are. One whose key, kind or spec is wrong is absent, as nothing can be there
  /// for it: `apply` says what is wrong, and the others of the request still get their answers.
  /// What is there now: readiness is asked for anew, not taken from the last probe.
  func verify(_ intents: [Intent]) async throws -> [Verification] {
    await look(at: intents.compactMap { $0.key.kind == "StatefulSet" ? try? Self.name($0) : nil })
    return try intents.map { intent in
      do {
        return try verify(intent, Self.name(intent))
      } catch is SpecError {
        return Verification(.absent)
      } catch let failure as DriverFailure where !failure.isRecoverable {
        return Verification(.absent)
      }
    }
  }

  private func verify(_ intent: Intent, _ name: ObjectName) throws -> Verification {
    let owner = intent.owner.uid
    switch intent.key.kind {
    case "PersistentVolumeClaim": return try verifyVolume(name, intent.spec, owner: owner)
    case "StatefulSet":
      guard let set = sets[name] else { return Verification(.absent) }
      return Self.compare(
        set.record, with: intent, compareGeneration: true, observed: set.observed(pods(of: name)))
    case "Service":
      guard let service = services[name] else { return Verification(.absent) }
      return Self.compare(service.record, with: intent, observed: service.observed())
    case "PodEviction":
      let spec = try PodEvictionSpec(intent.spec)
      let isGone = pod(uid: spec.podUID) == nil
      return Verification(isGone ? .matches : .drifted, observed: observedEviction(spec))
    default: throw Self.unknownKind(intent)
    }
  }

  /// - Parameter compareGeneration: a newer generation of the same spec must be applied too,
  ///   because the observed state tells the generation.
  private static func compare(
    _ record: DesiredRecord, with intent: Intent, compareGeneration: Bool = false,
    observed: JSONValue
  ) -> Verification {
    guard record.ownerUID == intent.owner.uid else { return Verification(.absent) }
    let matches =
      record.spec == intent.spec && !record.isRemoving
      && (!compareGeneration || record.generation == intent.generation)
    return Verification(matches ? .matches : .drifted, observed: observed)
  }

  private static func name(_ intent: Intent) throws(DriverFailure) -> ObjectName {
    guard let name = ObjectName(intent.key.key) else {
      throw .final(
        "InvalidKey",
        "\(intent.key.kind) key '\(intent.key.key)' must be NAMESPACE/NAME in lower-case letters, "
          + "digits, '-' and '.'")
    }
    return name
  }

  private static func unknownKind(_ intent: Intent) -> DriverFailure {
    .final("UnknownKind", "the local driver knows no kind '\(intent.key.kind)'")
  }
}
