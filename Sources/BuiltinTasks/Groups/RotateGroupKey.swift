import GroupKeys
import JSON
import PluginSDK

/// Gives a key set a new key while its devices go on talking: distribute, activate, cleanup.
///
/// No device goes on to a stage before every device has reached the one before (see `KeyRotation`), and
/// who has the key set is derived anew in each step: a device that joined meanwhile is caught when
/// activate begins, and again after each barrier. From activate on there is no way back: devices transmit
/// with the new key, and to take it away would cut them off from those that have forgotten the old one.
struct RotateGroupKey: IntentTask, ExpandableTask {
  static let name = "RotateGroupKey"
  static let version = "1.0.0"
  static let intentKinds = GroupKind.all

  struct Params: Codable, Sendable, Equatable {
    var keySet: String
    /// What the new key is called; asked for again, a rotation to it is finished.
    var key: String
  }

  struct Outputs: Codable, Sendable, Equatable {
    /// How many devices have the key set.
    var devices: Int
  }

  static let paramsSchema: JSONValue = [
    "type": "object", "required": ["keySet", "key"],
    "properties": ["keySet": .groupName, "key": .groupName],
  ]

  static let outputsSchema: JSONValue = [
    "type": "object", "required": ["devices"], "properties": ["devices": ["type": "integer"]],
  ]

  private enum Phase: String, CaseIterable {
    case distribute
    case activate
    case cleanup
  }

  func expand(_ params: Params, _ resource: ResourceReference) async throws -> [TaskPhase] {
    Phase.allCases.map { phase in
      TaskPhase(
        phase.rawValue, isRevertible: phase == .distribute,
        exclusiveKeys: [ExclusiveKey.keySet(params.keySet)], isPointOfNoReturn: phase == .activate)
    }
  }

  func execute(_ params: Params, _ context: TaskContext) async throws -> TaskOutcome<Outputs> {
    guard let phase = Phase(rawValue: context.phase) else { throw context.unknownPhase }
    let view = try GroupView(of: params.keySet, in: context.intents)
    guard !view.holders.isEmpty else {
      throw TaskFailure.terminal("NobodyHasKeySet", "no device has key set \(params.keySet)")
    }
    // On the first step what is there was verified for somebody else.
    let step = RotationStep(
      rotation: KeyRotation(to: params.key), view: view, isVerified: context.step > 1)
    let wait: Wait?
    do {
      switch phase {
      case .distribute: wait = try step.distribute()
      case .activate: wait = try step.activate()
      case .cleanup: wait = try step.cleanUp()
      }
    } catch {
      throw TaskFailure.terminal(
        "NoRoomForKey",
        "\(error.message); finish the rotation of key set \(params.keySet) to "
          + "\(view.inUse.sorted().joined(separator: " or ")) first")
    }
    return wait.map { .wait($0) } ?? .complete(Outputs(devices: view.holders.count))
  }
}
