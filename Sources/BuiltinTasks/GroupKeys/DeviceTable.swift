/// What a device knows of groups: key sets, which group uses which, and which endpoints are in which group.
///
/// Pure: the device process writes it to disk, the driver compares it with intents, the checker replays it.
///
/// - Invariant: a group's key set is there while the group is mapped to it, and the mapping while the group
///   has endpoints (guarded by `DeviceTableTests`).
public struct DeviceTable: Sendable, Hashable {
  public private(set) var keySets: [String: KeySet] = [:]
  /// The key set of each group.
  public private(set) var keyMaps: [String: String] = [:]
  public private(set) var members: Set<Member> = []

  /// An endpoint of the device in a group.
  public struct Member: Sendable, Hashable {
    public var group: String
    public var endpoint: Int

    public init(_ group: String, endpoint: Int) {
      self.group = group
      self.endpoint = endpoint
    }
  }

  public init() {}

  /// Makes the change true; false where it was.
  ///
  /// - Throws: what the device's capacity or the order of things forbids; nothing has changed then.
  public mutating func make(_ change: TableChange, within capacity: DeviceCapacity)
    throws(TableRefusal) -> Bool
  {
    let before = self
    do throws(TableRefusal) {
      try perform(change)
      try check(capacity, before)
    } catch {
      self = before
      throw error
    }
    return self != before
  }

  private mutating func perform(_ change: TableChange) throws(TableRefusal) {
    switch change {
    case .setKeySet(let name, let set):
      keySets[name] = set
    case .removeKeySet(let name):
      if let group = keyMaps.filter({ $0.value == name }).keys.min() {
        throw .init(.inUse, "group \(group) uses key set \(name)")
      }
      keySets[name] = nil
    case .setKeyMap(let group, let keySet):
      guard keySets[keySet] != nil else {
        throw .init(.missing, "group \(group) can't use key set \(keySet), which is not here")
      }
      keyMaps[group] = keySet
    case .removeKeyMap(let group):
      if let endpoint = members.filter({ $0.group == group }).map(\.endpoint).min() {
        throw .init(.inUse, "endpoint \(endpoint) is in group \(group)")
      }
      keyMaps[group] = nil
    case .addMember(let member):
      guard keyMaps[member.group] != nil else {
        throw .init(.missing, "group \(member.group) has no key set here")
      }
      members.insert(member)
    case .removeMember(let member):
      members.remove(member)
    }
  }

  /// What grew must fit; a capacity that shrank below what is there takes nothing away.
  private func check(_ capacity: DeviceCapacity, _ before: DeviceTable) throws(TableRefusal) {
    func check(_ count: Int, _ old: Int, _ limit: Int, _ what: String) throws(TableRefusal) {
      if count > old, count > limit {
        throw .init(.full, "the device holds \(limit) \(what), and all are taken")
      }
    }
    try check(keySets.count, before.keySets.count, capacity.keySets, "key sets")
    try check(keyMaps.count, before.keyMaps.count, capacity.groups, "groups")
    try check(members.count, before.members.count, capacity.members, "endpoint memberships")
  }
}

/// One write to a device's table.
public enum TableChange: Sendable, Hashable {
  case setKeySet(String, KeySet)
  case removeKeySet(String)
  case setKeyMap(group: String, keySet: String)
  case removeKeyMap(group: String)
  case addMember(DeviceTable.Member)
  case removeMember(DeviceTable.Member)
}

/// How much a device's table holds.
public struct DeviceCapacity: Sendable, Hashable {
  public var keySets: Int
  public var groups: Int
  /// Of all groups and endpoints together.
  public var members: Int

  /// What the standard asks of the smallest devices.
  public init(keySets: Int = 3, groups: Int = 4, members: Int = 8) {
    self.keySets = keySets
    self.groups = groups
    self.members = members
  }
}

/// Why a device does not change its table.
public struct TableRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  /// What a driver decides by.
  public enum Reason: String, Sendable, CaseIterable {
    /// Nothing more fits.
    case full = "DeviceFull"
    /// Something else needs it: after that is gone, it may go.
    case inUse = "InUse"
    /// It needs something that is not there yet.
    case missing = "NotThereYet"
    /// Never, as it is.
    case invalid = "InvalidChange"
  }

  public var reason: Reason
  public var message: String

  public init(_ reason: Reason, _ message: String) {
    self.reason = reason
    self.message = message
  }

  public var description: String { "\(reason.rawValue): \(message)" }
}
