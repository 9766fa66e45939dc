import GroupKeys
import JSON
import PluginSDK

/// What the host's intents say of a key set: which devices have it, what they have of it, who is a member.
///
/// Made anew in every step, from what is true then.
struct GroupView {
  /// A device that has, or is to get, the key set.
  struct Holder {
    var device: String
    var keys: KeySet
    /// The device confirmed exactly these keys.
    var isCommitted: Bool
    /// It is in a group that uses the set, or is about to be.
    var isMember: Bool
    /// What it said that it transmits with; nil = it was not asked yet.
    var transmits: String?
  }

  let keySet: String
  /// In the order of their names; those that are to lose the set are left out.
  let holders: [Holder]

  /// - Throws: an intent that others wrote can't be read.
  init(of keySet: String, in intents: [Intent]) throws(TaskFailure) {
    self.keySet = keySet
    let standing = intents.filter(\.isWanted)
    var members: Set<String> = []
    for map in standing where map.key.kind == GroupKind.keyMap {
      guard map.spec["keySet"]?.string == keySet else { continue }
      let isUsed = standing.contains {
        $0.key.kind == GroupKind.membership && $0.key.target == map.key.target
          && $0.key.key.hasPrefix("\(map.key.key)/")
      }
      if isUsed { members.insert(map.key.target) }
    }
    var holders: [Holder] = []
    for intent in standing
    where intent.key.kind == GroupKind.keySet && intent.key.key == keySet {
      holders.append(
        Holder(
          device: intent.key.target, keys: try Self.keys(intent),
          isCommitted: intent.state == .committed, isMember: members.contains(intent.key.target),
          transmits: intent.observed?["transmits"]?.string))
    }
    self.holders = holders.sorted { $0.device < $1.device }
  }

  private static func keys(_ intent: Intent) throws(TaskFailure) -> KeySet {
    do {
      return try KeySetSpec(intent.spec).keys
    } catch {
      throw .terminal("InvalidKeySet", "\(intent.key) is no key set: \(error)")
    }
  }

  subscript(device: String) -> Holder? { holders.first { $0.device == device } }

  /// Names of the keys that any device transmits with as of its intent.
  var inUse: Set<String> { Set(holders.compactMap(\.keys.current)) }

  /// What a device that joins must have: as the members, of those that are furthest ahead in a rotation.
  ///
  /// Nil = there is no other device to talk to.
  func example(for device: String) -> KeySet? {
    let others = holders.filter { $0.device != device }
    let members = others.filter(\.isMember)
    return (members.isEmpty ? others : members).map(\.keys).reduce(nil as KeySet?) { best, keys in
      guard let best else { return keys }
      return keys.isAhead(of: best) ? keys : best
    }
  }

  func key(_ device: String) -> IntentKey { .keySet(keySet, on: device) }

  func write(_ device: String, _ keys: KeySet) -> IntentWrite {
    IntentWrite(key(device), spec: KeySetSpec(keys).json)
  }

  /// Every device has what its intent says, or has lost its intent meanwhile: then it counts no more.
  var allSettled: Gate { Gate(holders.map { Gate.Clause(key($0.device), .settled) }) }
}

extension KeySet {
  /// Whether a rotation took this set further than the other.
  func isAhead(of other: KeySet) -> Bool {
    guard let current, current != other.current else {
      return names.isStrictSuperset(of: other.names)
    }
    return other[current]?.start == .never
  }

  /// Whether a device with this set talks to one with the other as one of the same stage does, or of the
  /// next, to which a rotation took it already.
  func isLevel(with other: KeySet) -> Bool {
    isAhead(of: other) || (current == other.current && names.isSuperset(of: other.names))
  }
}

extension Intent {
  /// It is to be there: not on its way out.
  var isWanted: Bool { state != .deletePending && state != .removeFailed }
}

extension IntentKey {
  static func keySet(_ name: String, on device: String) -> IntentKey {
    IntentKey(GroupKind.keySet, name, target: device)
  }

  static func keyMap(_ group: String, on device: String) -> IntentKey {
    IntentKey(GroupKind.keyMap, group, target: device)
  }

  static func membership(_ group: String, endpoint: Int, on device: String) -> IntentKey {
    IntentKey(GroupKind.membership, "\(group)/\(endpoint)", target: device)
  }
}

extension TaskContext {
  /// The intent of exactly that key.
  func intent(_ key: IntentKey) -> Intent? { intents.first { $0.key == key } }

  /// What a phase is called that the type did not name in `expand`.
  var unknownPhase: TaskFailure {
    .terminal("UnknownPhase", "this task type has no phase \"\(phase)\"")
  }
}

extension JSONValue {
  /// The schema of a name of a device, group, key set or key.
  static var groupName: JSONValue {
    [
      "type": "string", "maxLength": .integer(Int64(GroupName.lengthMax)),
      "pattern": .string(GroupName.pattern),
    ]
  }

  static var endpoint: JSONValue { ["type": "integer", "minimum": 0, "maximum": 65_535] }
}

/// What nobody else may hold meanwhile.
enum ExclusiveKey {
  /// Joining and leaving groups: one at a time on a device, so that nobody counts on a key set that another
  /// one takes away.
  static func device(_ name: String) -> String { "group-device/\(name)" }
  /// Rotating a set's key, and taking the set from a device. Joining is not held up: a rotation catches
  /// who joins late.
  static func keySet(_ name: String) -> String { "group-key-set/\(name)" }
}
