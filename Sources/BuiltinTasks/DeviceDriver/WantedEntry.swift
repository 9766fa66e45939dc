import Devices
import GroupKeys
import JSON
import PluginSDK

/// What an intent wants of a device's table.
enum WantedEntry {
  case keySet(String, KeySet)
  case keyMap(group: String, keySet: String)
  case member(DeviceTable.Member)

  /// - Throws: `TableFormatError` or `TableRefusal` where key or spec are none of this driver's.
  init(_ intent: Intent) throws {
    switch intent.key.kind {
    case GroupKind.keySet:
      self = .keySet(intent.key.key, try KeySetSpec(intent.spec).keys)
    case GroupKind.keyMap:
      self = .keyMap(group: intent.key.key, keySet: try KeyMapSpec(intent.spec).keySet)
    case GroupKind.membership:
      self = .member(try DeviceTable.Member(membership: intent.key.key))
    case let kind:
      throw TableFormatError("no device knows the kind \(kind)")
    }
  }

  /// How it becomes true.
  ///
  /// - Parameter secret: of a key's name and its set's.
  func setting(_ secret: (_ key: String, _ keySet: String) throws -> String) throws -> SecretChange
  {
    switch self {
    case .keySet(let name, let keys):
      try SecretChange(keySet: name, keys) { try secret($0, name) }
    case .keyMap(let group, let keySet): SecretChange(.setKeyMap(group: group, keySet: keySet))
    case .member(let member): SecretChange(.addMember(member))
    }
  }

  /// How what the key names is taken away.
  static func removing(_ key: IntentKey) throws(TableFormatError) -> TableChange {
    switch key.kind {
    case GroupKind.keySet: return .removeKeySet(key.key)
    case GroupKind.keyMap: return .removeKeyMap(group: key.key)
    case GroupKind.membership: return .removeMember(try DeviceTable.Member(membership: key.key))
    case let kind: throw TableFormatError("no device knows the kind \(kind)")
    }
  }

  /// What is there of it, as gates read it; nil = nothing.
  func observed(in state: DeviceReading) -> JSONValue? {
    switch self {
    case .keySet(let name, _):
      guard let keys = state.table.keySets[name] else { return nil }
      let epochs = keys.epochs.map { epoch -> JSONValue in
        ["key": .string(SecretChange.plainName(epoch.name)), "start": epoch.start.json]
      }
      let transmits = keys.transmits(at: state.clock).map(SecretChange.plainName)
      return [
        "epochs": .array(epochs), "transmits": transmits.map { .string($0) } ?? .null,
      ]
    case .keyMap(let group, _):
      return state.table.keyMaps[group].map { ["keySet": .string($0)] }
    case .member(let member):
      return state.table.members.contains(member) ? member.json : nil
    }
  }
}

extension DeviceTable.Member {
  /// GROUP/ENDPOINT, as the keys of memberships are written.
  init(membership key: String) throws(TableFormatError) {
    let parts = key.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, let endpoint = Int(parts[1]), endpoint >= 0 else {
      throw TableFormatError("the key of a membership is GROUP/ENDPOINT, not \"\(key)\"")
    }
    self.init(String(parts[0]), endpoint: endpoint)
  }
}
