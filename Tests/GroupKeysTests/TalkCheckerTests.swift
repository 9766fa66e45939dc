import GroupKeys
import Testing

/// Logs that are right, and the same logs broken on purpose.
struct TalkCheckerTests {
  private static let wall: Int64 = 1_700_000_000_000_000
  private static let hour: Int64 = 3_600_000_000

  private func entry(
    _ device: String, _ sequence: Int64, _ keys: KeySet?, skew: Int64 = 0, isOnline: Bool = true,
    at wall: Int64 = wall, isMember: Bool = true
  ) throws -> ChangeEntry {
    var table = DeviceTable()
    let capacity = DeviceCapacity()
    if let keys {
      _ = try table.make(.setKeySet("home", keys), within: capacity)
      _ = try table.make(.setKeyMap(group: "kitchen", keySet: "home"), within: capacity)
      if isMember {
        _ = try table.make(.addMember(.init("kitchen", endpoint: 1)), within: capacity)
      }
    }
    return ChangeEntry(
      device: device, sequence: sequence, atMicroseconds: wall, skewMicroseconds: skew,
      isOnline: isOnline, table: table)
  }

  private func check(_ entries: [ChangeEntry]) -> TalkChecker {
    var checker = TalkChecker()
    for entry in entries { checker.take(entry) }
    return checker
  }

  private func stages() throws -> [KeySet] {
    let rotation = KeyRotation(to: "new")
    let old = KeySet(only: "old")
    let held = try rotation.distributed(old, inUse: ["old"])
    return [old, held, try rotation.activated(held, inUse: ["old"]), rotation.cleaned]
  }

  /// Three devices, each taken through all stages; `order` says who moves.
  private func log(_ order: [String]) throws -> [ChangeEntry] {
    let stages = try stages()
    let skews: [String: Int64] = ["a": 0, "b": -400_000 * Self.hour, "c": 9_000 * Self.hour]
    var reached: [String: Int] = [:]
    return try order.map { device in
      let stage = reached[device] ?? 0
      reached[device] = stage + 1
      return try entry(device, Int64(stage + 1), stages[stage], skew: skews[device] ?? 0)
    }
  }

  @Test func aRotationStageByStageIsFine() throws {
    let checker = check(try log(["a", "b", "c", "c", "b", "a", "a", "c", "b", "b", "a", "c"]))
    #expect(checker.findings == [])
    #expect(checker.entries == 12)
    // One, then two, then three members, in both directions, after each entry.
    #expect(checker.pairs == 2 + 10 * 6)
  }

  @Test func aDeviceThatIsTwoStagesAheadIsFound() throws {
    // c transmits with the new key at entry 6; a never got it.
    let checker = check(try log(["a", "b", "c", "b", "c", "c"]))
    #expect(
      checker.findings == [
        .init(entry: 6, group: "kitchen", sender: "c", .deaf(receiver: "a", key: "new"))
      ])
  }

  @Test func aDeviceThatForgotTheOldKeyTooEarlyIsFound() throws {
    let order = ["a", "b", "c", "a", "b", "c", "a", "b", "a"]
    // At entry 9 a has the new key alone, and c still transmits with the old one.
    #expect(
      check(try log(order)).findings == [
        .init(entry: 9, group: "kitchen", sender: "c", .deaf(receiver: "a", key: "old"))
      ])
  }

  @Test func aStartOnTheClockBreaksUnderSkew() throws {
    // What rotations here avoid: the key starts at a time of the day, which comes early for b.
    let timed = try KeySet([
      EpochKey("old", from: .always),
      EpochKey("new", from: .init(microseconds: Self.wall + Self.hour)),
    ])
    let log = [
      try entry("a", 1, KeySet(only: "old")), try entry("b", 1, timed, skew: 2 * Self.hour),
    ]
    #expect(
      check(log).findings == [
        .init(entry: 2, group: "kitchen", sender: "b", .deaf(receiver: "a", key: "new"))
      ])
  }

  @Test func timeThatPassesIsEvaluatedForDevicesThatDidNothing() throws {
    let timed = try KeySet([
      EpochKey("old", from: .always),
      EpochKey("new", from: .init(microseconds: Self.wall + Self.hour)),
    ])
    let log = [
      try entry("a", 1, timed), try entry("b", 1, KeySet(only: "old")),
      // Another device does something two hours later: by then a transmits with the new key.
      try entry("c", 1, nil, at: Self.wall + 2 * Self.hour),
    ]
    #expect(check(log).findings.map(\.entry) == [3])
  }

  @Test func aMemberWithoutAUsableKeyIsFound() throws {
    let future = try KeySet([EpochKey("new", from: .never)])
    #expect(
      check([try entry("a", 1, future)]).findings == [
        .init(entry: 1, group: "kitchen", sender: "a", .mute)
      ])
  }

  @Test func whoIsCutOffIsLeftOutUntilItIsBack() throws {
    let stages = try stages()
    let log = [
      try entry("a", 1, stages[0]), try entry("b", 1, stages[0]),
      try entry("a", 2, stages[0], isOnline: false), try entry("b", 2, stages[3]),
      try entry("a", 3, stages[0]),
    ]
    #expect(Set(check(log).findings.map(\.entry)) == [5])
  }

  @Test func whoHoldsKeysButIsNoMemberTalksToNobody() throws {
    let log = [
      try entry("a", 1, KeySet(only: "old")),
      try entry("b", 1, KeySet(only: "new"), isMember: false),
    ]
    #expect(check(log).findings == [])
  }

  @Test(arguments: [[1, 3], [1, 1], [2]])
  func entriesThatAreMissingOrDoubledAreFound(_ sequences: [Int64]) throws {
    let log = try sequences.map { try entry("a", $0, KeySet(only: "old")) }
    #expect(check(log).findings.count == 1)
  }
}
