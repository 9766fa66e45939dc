import GroupKeys
import Testing

struct KeyRotationTests {
  private static let rotation = KeyRotation(to: "new")
  /// Of a clock that was lost, one that is right, and one at the end of time.
  private static let clocks = [0, 1_700_000_000_000_000, Int64.max].map {
    DeviceTime(wallMicroseconds: $0)
  }

  /// The stages of a set with one key, and of one that an earlier rotation left uncleaned.
  private static func stages(of first: KeySet) throws -> [KeySet] {
    let inUse: Set<String> = [first.current ?? ""]
    let held = try rotation.distributed(first, inUse: inUse)
    return [first, held, try rotation.activated(held, inUse: inUse), rotation.cleaned]
  }

  private static func beginnings() throws -> [KeySet] {
    [
      KeySet(only: "old"),
      try KeySet([
        EpochKey("older", from: .always), EpochKey("old", from: EpochStart.always.after),
      ]),
    ]
  }

  private func talks(_ sender: KeySet, _ receiver: KeySet, at clock: DeviceTime) -> Bool {
    sender.transmits(at: clock).map(receiver.accepts) ?? false
  }

  @Test func neighbouringStagesTalkOnEveryClock() throws {
    for first in try Self.beginnings() {
      let stages = try Self.stages(of: first)
      for (left, right) in zip(stages, stages.dropFirst()) {
        for clock in Self.clocks {
          #expect(talks(left, right, at: clock))
          #expect(talks(right, left, at: clock))
          #expect(talks(left, left, at: clock))
        }
      }
    }
  }

  @Test func stagesThatAreTwoApartDoNotAllTalk() throws {
    let stages = try Self.stages(of: KeySet(only: "old"))
    #expect(!talks(stages[2], stages[0], at: Self.clocks[1]))
    #expect(!talks(stages[1], stages[3], at: Self.clocks[1]))
  }

  @Test func everyClockTransmitsWithTheSameKeyInEveryStage() throws {
    for first in try Self.beginnings() {
      let expected = ["old", "old", "new", "new"]
      for (stage, key) in zip(try Self.stages(of: first), expected) {
        for clock in Self.clocks { #expect(stage.transmits(at: clock) == key) }
        #expect(stage.current == key)
      }
    }
  }

  @Test func aStageThatIsReachedStaysAsItIs() throws {
    let stages = try Self.stages(of: KeySet(only: "old"))
    #expect(try Self.rotation.distributed(stages[2], inUse: ["new"]) == stages[2])
    #expect(try Self.rotation.activated(stages[3], inUse: ["new"]) == stages[3])
  }

  @Test func whatARotationLeftUnusedMakesRoom() throws {
    let left = try KeyRotation(to: "given-up").distributed(
      KeySet(only: "old"), inUse: ["old"])
    let next = try Self.rotation.distributed(left, inUse: ["old"])
    #expect(next.names == ["old", "new"])
  }

  @Test func whatAnotherDeviceTransmitsWithIsKept() throws {
    let held = try KeyRotation(to: "half").distributed(KeySet(only: "old"), inUse: ["old"])
    #expect(try Self.rotation.distributed(held, inUse: ["old", "half"]).accepts("half"))
  }

  @Test func aFullSetIsRefusedInsteadOfForgetting() throws {
    let full = try KeySet([
      EpochKey("a", from: .always), EpochKey("b", from: EpochStart.always.after),
      EpochKey("c", from: EpochStart.always.after.after),
    ])
    #expect(throws: TableRefusal.self) { try Self.rotation.distributed(full, inUse: ["c"]) }
  }
}
