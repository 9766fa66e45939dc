internal import Model
internal import PluginProto
internal import TTRPC

/// From what a caller names to what the store holds, and from its errors to the caller's.
extension HostService {
  /// - Throws: NOT_FOUND for a kind that nothing teaches, INVALID_ARGUMENT for a missing name.
  func key(_ name: HostV1.ObjectName?) throws(RPCError) -> ObjectKey {
    guard let name, !name.name.isEmpty else {
      throw RPCError(
        .invalidArgument, reason: "NameMissing", message: "say which object: kind and name")
    }
    return ObjectKey(
      kind: try kind(name.kind),
      namespace: name.namespace.isEmpty ? Admission.defaultNamespace : name.namespace,
      name: name.name)
  }

  func filter(kind: String, namespace: String, owner: String) throws(RPCError) -> ObjectFilter {
    ObjectFilter(
      kind: kind.isEmpty ? nil : try self.kind(kind),
      namespace: namespace.isEmpty ? nil : namespace,
      owner: owner.isEmpty ? nil : owner)
  }

  private func kind(_ text: String) throws(RPCError) -> String {
    switch text.lowercased() {
    case "blueprint", "blueprints": return Blueprint.kind
    case "intent", "intents": return Intent.kind
    case "event", "events": return Event.kind
    case "claim", "claims": return Claim.kind
    default: break
    }
    if let kind = catalog.kind(named: text) { return kind }
    let known = (catalog.kinds + [Blueprint.kind, Intent.kind, Event.kind, Claim.kind]).joined(
      separator: ", ")
    throw RPCError(
      .notFound, reason: "UnknownKind",
      message: "no blueprint teaches the kind \"\(text)\"; known: \(known)")
  }

  func notFound(_ key: ObjectKey) -> RPCError {
    RPCError(.notFound, reason: "NotFound", message: "\(key) not found")
  }

  /// Runs a piece of work against the store, its errors as the caller's.
  func refusing<Value: Sendable>(_ body: () async throws(StoreError) -> Value)
    async throws(RPCError) -> Value
  {
    do {
      return try await body()
    } catch {
      throw refusal(error)
    }
  }

  func refusal(_ error: StoreError) -> RPCError {
    switch error {
    case .notFound(let key): notFound(key)
    case .conflict:
      RPCError(.aborted, reason: "Conflict", message: error.description)
    case .alreadyExists:
      RPCError(.alreadyExists, reason: "AlreadyExists", message: error.description)
    case .compacted:
      RPCError(.outOfRange, reason: "VersionTooOld", message: error.description)
    case .refused(let message):
      RPCError(.invalidArgument, reason: "ObjectTooLarge", message: message)
    case .unavailable(let message):
      RPCError(.failedPrecondition, reason: "StoreRefused", message: message)
    }
  }
}
