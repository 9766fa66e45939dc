import JSON
import PluginProto
import TTRPC

extension JSONValue {
  /// Reads a JSON field of a request; nil where it is empty, which stands for absent.
  static func field(_ bytes: [UInt8], _ name: String) throws(RPCError) -> JSONValue? {
    if bytes.isEmpty { return nil }
    do throws(JSONParseError) {
      return try JSONValue(parsing: bytes)
    } catch {
      throw RPCError(
        .invalidArgument, reason: "InvalidJSON", message: "\(name) is no JSON: \(error)")
    }
  }
}

extension ResourceReference {
  init(_ wire: PluginV1.ResourceRef?) {
    self.init(
      kind: wire?.kind ?? "", namespace: wire?.namespace ?? "", name: wire?.name ?? "",
      uid: wire?.uid ?? "")
  }
}

extension IntentKey {
  init(_ wire: PluginV1.IntentKey?) {
    self.init(wire?.kind ?? "", wire?.key ?? "", target: wire?.target ?? "")
  }

  var wire: PluginV1.IntentKey { PluginV1.IntentKey(target: target, kind: kind, key: key) }
}

extension IntentState {
  init(_ wire: PluginV1.IntentState) {
    self =
      switch wire {
      case .pending: .pending
      case .committed: .committed
      case .commitFailed: .commitFailed
      case .deletePending: .deletePending
      case .removeFailed: .removeFailed
      case .unspecified, .unrecognized: .unrecognized
      }
  }
}

extension Intent {
  init(_ wire: PluginV1.Intent?) throws(RPCError) {
    guard let wire, let id = wire.id else {
      throw RPCError(
        .invalidArgument, reason: "MissingField", message: "the request names no intent")
    }
    let key = IntentKey(id)
    self.init(
      key, spec: try .field(wire.spec, "spec of intent \(key)") ?? [:],
      specVersion: Int(wire.specVersion), generation: wire.generation,
      state: IntentState(wire.state),
      observed: try .field(wire.observed, "observed state of intent \(key)"),
      verifiedUnixMS: wire.verifiedUnixMS, error: wire.error, owner: ResourceReference(wire.owner))
  }
}

extension Wait {
  /// - Parameter target: stands in for keys that name none.
  func wire(target: String) -> PluginV1.Wait {
    PluginV1.Wait(
      set: set.map { write in
        PluginV1.IntentWrite(
          id: write.key.resolved(target: target).wire, spec: write.spec.serialized(),
          specVersion: UInt32(clamping: write.specVersion),
          references: write.references.map { $0.resolved(target: target).wire })
      },
      remove: remove.map { $0.resolved(target: target).wire },
      gate: PluginV1.Gate(clauses: gate.clauses.map { $0.wire(target: target) }),
      release: release.map { $0.resolved(target: target).wire })
  }
}

extension Gate.Clause {
  func wire(target: String) -> PluginV1.GateClause {
    var clause = PluginV1.GateClause(intent: intent.resolved(target: target).wire)
    switch test {
    case .committed: clause.test = .committed
    case .absent: clause.test = .absent
    case .settled: clause.test = .settled
    case .equals(let path, let value):
      clause.test = .equals
      clause.path = path.description
      clause.value = value.serialized()
    case .atLeast(let path, let value):
      clause.test = .atLeast
      clause.path = path.description
      clause.value = value.serialized()
    }
    return clause
  }
}
