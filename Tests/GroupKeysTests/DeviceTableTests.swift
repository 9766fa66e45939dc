import GroupKeys
import JSON
import Testing

struct DeviceTableTests {
  private static let capacity = DeviceCapacity(keySets: 2, groups: 2, members: 2)

  /// What is done in order, and how the last change ends: nil = refused for that reason.
  struct Row: Sendable, CustomTestStringConvertible {
    var before: [TableChange]
    var change: TableChange
    var changes: Bool?
    var refused: TableRefusal.Reason?
    var testDescription: String { "\(change) after \(before.count) changes" }
  }

  private static let home = TableChange.setKeySet("home", KeySet(only: "k1"))
  private static let map = TableChange.setKeyMap(group: "kitchen", keySet: "home")
  private static let member = TableChange.addMember(.init("kitchen", endpoint: 1))

  static let rows = [
    Row(before: [], change: home, changes: true),
    Row(before: [home], change: home, changes: false),
    Row(before: [], change: map, refused: .missing),
    Row(before: [home], change: map, changes: true),
    Row(before: [home], change: member, refused: .missing),
    Row(before: [home, map], change: member, changes: true),
    Row(before: [home, map, member], change: member, changes: false),
    Row(before: [home, map], change: .removeKeySet("home"), refused: .inUse),
    Row(before: [home, map, member], change: .removeKeyMap(group: "kitchen"), refused: .inUse),
    Row(before: [home], change: .removeKeySet("home"), changes: true),
    Row(before: [], change: .removeKeySet("home"), changes: false),
    Row(before: [], change: .removeKeyMap(group: "kitchen"), changes: false),
    Row(
      before: [home, map, member], change: .removeMember(.init("kitchen", endpoint: 1)),
      changes: true),
    Row(
      before: [home, .setKeySet("away", KeySet(only: "k1"))],
      change: .setKeySet("third", KeySet(only: "k1")), refused: .full),
    Row(
      before: [home, map, .setKeyMap(group: "hall", keySet: "home")],
      change: .setKeyMap(group: "attic", keySet: "home"), refused: .full),
    Row(
      before: [home, map, member, .addMember(.init("kitchen", endpoint: 2))],
      change: .addMember(.init("kitchen", endpoint: 3)), refused: .full),
  ]

  @Test(arguments: rows) func changesInOrderAndWithinCapacity(_ row: Row) throws {
    var table = DeviceTable()
    for change in row.before { #expect(try table.make(change, within: Self.capacity)) }
    let before = table
    do throws(TableRefusal) {
      let changes = try table.make(row.change, within: Self.capacity)
      #expect(changes == row.changes)
    } catch {
      #expect(error.reason == row.refused)
      #expect(table == before)
    }
  }

  @Test func aDeviceThatShrankKeepsWhatItHas() throws {
    var table = DeviceTable()
    _ = try table.make(Self.home, within: Self.capacity)
    let none = DeviceCapacity(keySets: 0, groups: 0, members: 0)
    let rotated = try KeyRotation(to: "k2").distributed(KeySet(only: "k1"), inUse: ["k1"])
    #expect(try table.make(.setKeySet("home", rotated), within: none))
  }

  @Test func aTableReadsBackAsItWasWritten() throws {
    var table = DeviceTable()
    let keys = try KeySet([
      EpochKey("a", from: .always), EpochKey("b", from: .init(microseconds: 77)),
      EpochKey("c", from: .never),
    ])
    for change in [.setKeySet("home", keys), Self.map, Self.member] {
      _ = try table.make(change, within: Self.capacity)
    }
    let entry = ChangeEntry(
      device: "lamp", sequence: 3, atMicroseconds: 5, skewMicroseconds: -7, isOnline: false,
      table: table)
    #expect(try ChangeEntry(JSONValue(parsing: entry.json.serialized())) == entry)
  }

  @Test(arguments: [
    [EpochKey](), [EpochKey("a", from: .always), EpochKey("a", from: .never)],
    (0...KeySet.capacity).map { EpochKey("k\($0)", from: .always) },
  ])
  func setsThatNoDeviceHoldsAreRefused(_ epochs: [EpochKey]) {
    #expect(throws: TableRefusal.self) { try KeySet(epochs) }
  }
}
