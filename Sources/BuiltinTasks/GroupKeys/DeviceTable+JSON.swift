public import JSON

/// Why a text of a device, its log or an intent can't be read.
public struct TableFormatError: Error, Equatable, CustomStringConvertible {
  public var description: String

  public init(_ description: String) {
    self.description = description
  }
}

extension JSONValue {
  /// The member, or an error that names it.
  func text(_ name: String) throws(TableFormatError) -> String {
    guard let text = self[name]?.string, !text.isEmpty else {
      throw TableFormatError("\"\(name)\" must be a text")
    }
    return text
  }

  func whole(_ name: String) throws(TableFormatError) -> Int64 {
    guard let number = self[name]?.integer else {
      throw TableFormatError("\"\(name)\" must be an integer")
    }
    return number
  }
}

extension EpochStart {
  /// "always", "never" or microseconds.
  public init(_ json: JSONValue?) throws(TableFormatError) {
    switch json {
    case .string("always"): self = .always
    case .string("never"): self = .never
    case .integer(let microseconds) where microseconds > 0:
      self.init(microseconds: microseconds)
    default:
      throw TableFormatError(
        "\"start\" must be always, never or microseconds since the Unix epoch")
    }
  }

  public var json: JSONValue {
    switch self {
    case .always: "always"
    case .never: "never"
    default: .integer(microseconds)
    }
  }
}

extension KeySet {
  /// A list of `{key, start}`.
  ///
  /// - Throws: `TableFormatError`, or `TableRefusal` where no device could hold it.
  public init(_ json: JSONValue?) throws {
    guard let list = json?.array else { throw TableFormatError("\"epochs\" must be a list") }
    var epochs: [EpochKey] = []
    for item in list {
      epochs.append(EpochKey(try item.text("key"), from: try EpochStart(item["start"])))
    }
    try self.init(epochs)
  }

  public var json: JSONValue {
    .array(epochs.map { ["key": .string($0.name), "start": $0.start.json] })
  }
}

extension DeviceTable.Member {
  public init(_ json: JSONValue) throws(TableFormatError) {
    guard let endpoint = Int(exactly: try json.whole("endpoint")) else {
      throw TableFormatError("\"endpoint\" is too large")
    }
    self.init(try json.text("group"), endpoint: endpoint)
  }

  public var json: JSONValue {
    ["group": .string(group), "endpoint": .integer(Int64(endpoint))]
  }
}

extension DeviceTable {
  /// A table that was written by `json`.
  ///
  /// - Throws: what is malformed, or what no sequence of changes leads to.
  public init(_ json: JSONValue) throws {
    self.init()
    let unlimited = DeviceCapacity(keySets: .max, groups: .max, members: .max)
    for (name, epochs) in json["keySets"]?.object?.members ?? [] {
      _ = try make(.setKeySet(name, try KeySet(epochs)), within: unlimited)
    }
    for (group, keySet) in json["keyMaps"]?.object?.members ?? [] {
      guard let keySet = keySet.string else {
        throw TableFormatError("the key set of group \(group) must be a text")
      }
      _ = try make(.setKeyMap(group: group, keySet: keySet), within: unlimited)
    }
    for member in json["members"]?.array ?? [] {
      _ = try make(.addMember(try Member(member)), within: unlimited)
    }
  }

  /// In a fixed order, so that equal tables are equal texts.
  public var json: JSONValue {
    [
      "keySets": .object(
        JSONObject(keySets.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) })),
      "keyMaps": .object(
        JSONObject(keyMaps.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
      "members": .array(
        members.sorted { ($0.group, $0.endpoint) < ($1.group, $1.endpoint) }.map(\.json)),
    ]
  }
}

extension DeviceCapacity {
  /// What is not named stays as it is by default.
  public init(_ json: JSONValue?) throws(TableFormatError) {
    self.init()
    for (name, path) in Self.members {
      guard let value = json?[name] else { continue }
      guard let count = value.integer, (0...Self.limit).contains(count) else {
        throw TableFormatError("capacity.\(name) must be within 0 to \(Self.limit)")
      }
      self[keyPath: path] = Int(count)
    }
  }

  public var json: JSONValue {
    .object(
      JSONObject(Self.members.map { ($0.name, .integer(Int64(self[keyPath: $0.path]))) }))
  }

  private static let limit: Int64 = 65_535
  private static var members: [(name: String, path: WritableKeyPath<DeviceCapacity, Int>)] {
    [("keySets", \.keySets), ("groups", \.groups), ("members", \.members)]
  }
}
