public import GroupKeys
public import JSON

/// A change with the secrets of the keys that it brings: what travels from the driver to a device.
///
/// A key's name goes with a fingerprint of its secret wherever secrets themselves don't go, so that two
/// keys of one name are told apart.
public struct SecretChange: Sendable, Equatable {
  /// Its keys are named NAME#FINGERPRINT.
  public var change: TableChange
  /// By `place(of:in:)`.
  public var secrets: [String: String] = [:]

  /// A change that brings no keys.
  public init(_ change: TableChange) {
    self.change = change
  }

  /// A key set with its secrets.
  ///
  /// - Parameter secret: the secret of a key's plain name, in hexadecimal.
  public init(
    keySet name: String, _ keys: KeySet, secret: (String) throws -> String
  ) throws {
    var epochs: [EpochKey] = []
    for epoch in keys.epochs {
      let secret = try secret(epoch.name)
      let named = Self.name(epoch.name, secret)
      epochs.append(EpochKey(named, from: epoch.start))
      secrets[Self.place(of: named, in: name)] = secret
    }
    change = .setKeySet(name, try KeySet(epochs))
  }

  /// How devices name a secret.
  static func place(of key: String, in keySet: String) -> String { "\(keySet)/\(key)" }

  /// NAME#FINGERPRINT.
  public static func name(_ key: String, _ secret: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in secret.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    // 16 bits, as much as the standard's group session ids tell of a key.
    let folded = (hash >> 48) ^ (hash >> 32) ^ (hash >> 16) ^ hash
    let digits = String(folded & 0xFFFF, radix: 16)
    return "\(key)#\(String(repeating: "0", count: 4 - digits.count))\(digits)"
  }

  /// The name without its fingerprint.
  public static func plainName(_ key: String) -> String {
    key.split(separator: "#").first.map(String.init) ?? key
  }
}

extension SecretChange {
  /// Reads a change as `json` writes it.
  ///
  /// - Throws: what is wrong with it.
  public init(_ json: JSONValue) throws {
    func text(_ name: String) throws(TableFormatError) -> String {
      guard let text = json[name]?.string, !text.isEmpty else {
        throw TableFormatError("\"\(name)\" must be a text")
      }
      return text
    }
    switch json["kind"]?.string {
    case "setKeySet":
      var given: [String: String] = [:]
      for item in json["epochs"]?.array ?? [] {
        guard let name = item["key"]?.string, let secret = item["secret"]?.string else {
          throw TableFormatError("each of \"epochs\" needs key and secret")
        }
        given[name] = secret
      }
      try self.init(keySet: try text("keySet"), try KeySet(json["epochs"])) { given[$0] ?? "" }
    case "removeKeySet": self.init(.removeKeySet(try text("keySet")))
    case "setKeyMap":
      self.init(.setKeyMap(group: try text("group"), keySet: try text("keySet")))
    case "removeKeyMap": self.init(.removeKeyMap(group: try text("group")))
    case "addMember": self.init(.addMember(try DeviceTable.Member(json)))
    case "removeMember": self.init(.removeMember(try DeviceTable.Member(json)))
    case let kind: throw TableFormatError("no change is of kind \"\(kind ?? "")\"")
    }
  }

  public var json: JSONValue {
    switch change {
    case .setKeySet(let name, let keys):
      let epochs = keys.epochs.map { epoch -> JSONValue in
        [
          "key": .string(Self.plainName(epoch.name)), "start": epoch.start.json,
          "secret": .string(secrets[Self.place(of: epoch.name, in: name)] ?? ""),
        ]
      }
      return ["kind": "setKeySet", "keySet": .string(name), "epochs": .array(epochs)]
    case .removeKeySet(let name): return ["kind": "removeKeySet", "keySet": .string(name)]
    case .setKeyMap(let group, let keySet):
      return ["kind": "setKeyMap", "group": .string(group), "keySet": .string(keySet)]
    case .removeKeyMap(let group): return ["kind": "removeKeyMap", "group": .string(group)]
    case .addMember(let member): return Self.json("addMember", member)
    case .removeMember(let member): return Self.json("removeMember", member)
    }
  }

  private static func json(_ kind: String, _ member: DeviceTable.Member) -> JSONValue {
    [
      "kind": .string(kind), "group": .string(member.group),
      "endpoint": .integer(Int64(member.endpoint)),
    ]
  }
}
