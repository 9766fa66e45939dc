import GroupKeys
import JSON
import PluginSDK

/// Takes a device out of a group: the membership first, then the group's mapping, then the key set.
///
/// What something else on the device still needs stays: the mapping while another endpoint is in the group,
/// the key set while another group uses it. The host judges that as it writes, by the intents' references.
struct RemoveNodeFromGroup: IntentTask, ExpandableTask {
  static let name = "RemoveNodeFromGroup"
  static let version = "1.0.0"
  static let intentKinds = GroupKind.all

  struct Params: Codable, Sendable, Equatable {
    var group: String
    var keySet: String
    /// The device.
    var node: String
    /// By default every endpoint that is in the group.
    var endpoint: Int?
  }

  typealias Outputs = NoOutputs

  static let paramsSchema: JSONValue = [
    "type": "object", "required": ["group", "keySet", "node"],
    "properties": [
      "group": .groupName, "keySet": .groupName, "node": .groupName, "endpoint": .endpoint,
    ],
  ]

  private enum Phase: String, CaseIterable {
    case membership
    case keyMap = "key-map"
    case keySet = "key-set"
  }

  func expand(_ params: Params, _ resource: ResourceReference) async throws -> [TaskPhase] {
    Phase.allCases.map { phase in
      TaskPhase(
        phase.rawValue, isRevertible: true,
        exclusiveKeys: [ExclusiveKey.device(params.node), ExclusiveKey.keySet(params.keySet)])
    }
  }

  func execute(_ params: Params, _ context: TaskContext) async throws -> TaskOutcome<NoOutputs> {
    guard let phase = Phase(rawValue: context.phase) else { throw context.unknownPhase }
    if context.step > 1 { return .complete }
    switch phase {
    case .membership:
      let leaving = memberships(params, context)
      return .wait(
        Wait(remove: leaving, until: Gate(leaving.map { Gate.Clause($0, .absent) })))
    case .keyMap: return release(.keyMap(params.group, on: params.node))
    case .keySet: return release(.keySet(params.keySet, on: params.node))
    }
  }

  private func memberships(_ params: Params, _ context: TaskContext) -> [IntentKey] {
    if let endpoint = params.endpoint {
      return [.membership(params.group, endpoint: endpoint, on: params.node)]
    }
    return context.intents.map(\.key).filter {
      $0.kind == GroupKind.membership && $0.target == params.node
        && $0.key.hasPrefix("\(params.group)/")
    }
  }

  private func release(_ key: IntentKey) -> TaskOutcome<NoOutputs> {
    .wait(Wait(release: [key], until: .settled(key)))
  }
}
