import GroupKeys
import JSON
import PluginSDK

/// Puts an endpoint of a device into a group: the key set first, then the group's mapping to it, then the
/// membership, so that a device is never in a group whose messages it does not understand.
///
/// The keys are those of the group's other members, as they are when the device joins. While a rotation is
/// under way they may change under it, so the membership is not set before the keys are level with theirs.
struct AddNodeToGroup: IntentTask, ExpandableTask {
  static let name = "AddNodeToGroup"
  static let version = "1.0.0"
  static let intentKinds = GroupKind.all

  struct Params: Codable, Sendable, Equatable {
    var group: String
    var keySet: String
    /// The device.
    var node: String
    /// By default 1.
    var endpoint: Int?
    /// What the first key of a new key set is called; by default k1.
    var firstKey: String?
  }

  typealias Outputs = NoOutputs

  static let paramsSchema: JSONValue = [
    "type": "object", "required": ["group", "keySet", "node"],
    "properties": [
      "group": .groupName, "keySet": .groupName, "node": .groupName, "endpoint": .endpoint,
      "firstKey": .groupName,
    ],
  ]

  private enum Phase: String, CaseIterable {
    case keySet = "key-set"
    case keyMap = "key-map"
    case membership
  }

  func expand(_ params: Params, _ resource: ResourceReference) async throws -> [TaskPhase] {
    Phase.allCases.map { phase in
      TaskPhase(
        phase.rawValue, isRevertible: true, exclusiveKeys: [ExclusiveKey.device(params.node)],
        adds: [key(phase, params)])
    }
  }

  private func key(_ phase: Phase, _ params: Params) -> IntentKey {
    switch phase {
    case .keySet: .keySet(params.keySet, on: params.node)
    case .keyMap: .keyMap(params.group, on: params.node)
    case .membership:
      .membership(params.group, endpoint: params.endpoint ?? 1, on: params.node)
    }
  }

  func execute(_ params: Params, _ context: TaskContext) async throws -> TaskOutcome<NoOutputs> {
    guard let phase = Phase(rawValue: context.phase) else { throw context.unknownPhase }
    let view = try GroupView(of: params.keySet, in: context.intents)
    if let wait = level(params, view) { return .wait(wait) }
    let key = key(phase, params)
    // On the first step whatever is there was verified for somebody else.
    if context.step > 1, context.intent(key)?.state == .committed { return .complete }
    var wait = Wait(until: .committed(key))
    switch phase {
    case .keySet: break
    case .keyMap:
      try refuseOtherKeySet(params, context)
      wait.set = [
        IntentWrite(
          key, spec: KeyMapSpec(keySet: params.keySet).json,
          references: [self.key(.keySet, params)])
      ]
    case .membership:
      let member = DeviceTable.Member(params.group, endpoint: params.endpoint ?? 1)
      wait.set = [IntentWrite(key, spec: member.json, references: [self.key(.keyMap, params)])]
    }
    return .wait(wait)
  }

  /// Brings the device's keys level with the members'; nil = they are, as the device itself confirmed.
  private func level(_ params: Params, _ view: GroupView) -> Wait? {
    let own = view[params.node]
    let example = view.example(for: params.node)
    let wanted = example ?? own?.keys ?? KeySet(only: params.firstKey ?? "k1")
    if let own, example.map(own.keys.isLevel(with:)) ?? true {
      return own.isCommitted ? nil : Wait(until: .committed(view.key(params.node)))
    }
    return Wait(
      set: [view.write(params.node, wanted)], until: .committed(view.key(params.node)))
  }

  private func refuseOtherKeySet(_ params: Params, _ context: TaskContext) throws(TaskFailure) {
    let map = context.intent(key(.keyMap, params))
    guard let map, map.isWanted, let other = map.spec["keySet"]?.string, other != params.keySet
    else { return }
    throw .terminal(
      "GroupUsesOtherKeySet",
      "group \(params.group) uses key set \(other) on \(params.node), not \(params.keySet); "
        + "remove the device from the group first")
  }
}
