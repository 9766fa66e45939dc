public import JSON

/// Specs of the intents by which tasks and the driver understand each other.
public enum GroupKind {
  /// Key: the set's name. Spec: `{epochs: [{key, start}]}`.
  public static let keySet = "GroupKeySet"
  /// Key: the group's name. Spec: `{keySet}`.
  public static let keyMap = "GroupKeyMap"
  /// Key: GROUP/ENDPOINT. Spec: `{group, endpoint}`.
  public static let membership = "GroupMembership"

  /// All, in the order in which they are applied.
  public static let all = [keySet, keyMap, membership]
}

/// The shape of a key set's intent.
public struct KeySetSpec: Sendable, Equatable {
  public var keys: KeySet

  public init(_ keys: KeySet) {
    self.keys = keys
  }

  /// - Throws: what is wrong with the spec.
  public init(_ json: JSONValue) throws {
    keys = try KeySet(json["epochs"])
  }

  public var json: JSONValue { ["epochs": keys.json] }
}

/// The shape of a key map's intent.
public struct KeyMapSpec: Sendable, Equatable {
  public var keySet: String

  public init(keySet: String) {
    self.keySet = keySet
  }

  /// - Throws: what is wrong with the spec.
  public init(_ json: JSONValue) throws(TableFormatError) {
    keySet = try json.text("keySet")
  }

  public var json: JSONValue { ["keySet": .string(keySet)] }
}

/// What names of devices, groups, key sets and keys look like: they are parts of paths and of keys.
public enum GroupName {
  /// For schemas; `isValid` says the same.
  public static let pattern = "^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$"
  /// Bytes; a socket's path has to hold a device's name.
  public static let lengthMax = 40

  /// Whether the text is such a name.
  public static func isValid(_ text: String) -> Bool {
    func isEnd(_ byte: UInt8) -> Bool {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last, bytes.count <= lengthMax else {
      return false
    }
    return isEnd(first) && isEnd(last)
      && bytes.allSatisfy { isEnd($0) || [0x2D, 0x2E, 0x5F].contains($0) }
  }
}
