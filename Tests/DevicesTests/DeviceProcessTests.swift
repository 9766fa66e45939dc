import Devices
import Glibc
import GroupKeys
import JSON
import LinuxSystem
import TTRPC
import Testing

/// What a device's process keeps, whatever happens to it.
struct DeviceProcessTests {
  private static let map = SecretChange(.setKeyMap(group: "kitchen", keySet: "home"))
  private static let member = SecretChange(.addMember(.init("kitchen", endpoint: 1)))

  @Test func whatWasAnsweredSurvivesKillAndIsLoggedOnce() async throws {
    let fleet = try TestFleet()
    var device = try fleet.start("lamp")
    let changes = [try SecretChange.keys(KeySet(only: "k1")), Self.map, Self.member]
    for change in changes {
      let controller = try await TestController(fleet, "lamp")
      #expect(try await controller.make(change) == true)
      #expect(try await controller.make(change) == false)
      try await device.kill()
      device = try fleet.start("lamp")
    }
    let table = try await TestController(fleet, "lamp").reading().table
    #expect(table.members == [.init("kitchen", endpoint: 1)])
    #expect(table.keys(of: "kitchen")?.names.map(SecretChange.plainName) == ["k1"])
    let entries = try fleet.entries(of: "lamp")
    #expect(entries.map(\.sequence) == [1, 2, 3, 4])
    #expect(entries.last?.table == table)
    #expect(try DeviceLog.check(fleet.place).findings == [])
  }

  @Test func anEntryThatADeviceDiedBeforeIsWrittenWhenItStarts() async throws {
    let fleet = try TestFleet()
    let first = try fleet.start("lamp")
    _ = try await TestController(fleet, "lamp").make(.keys(KeySet(only: "k1")))
    try await first.kill()
    // As if it had died between its table and the log.
    let lines = try FileSystem.read(fleet.place.log).split(separator: UInt8(ascii: "\n"))
    try AtomicFile.write(lines.dropLast().joined(separator: [0x0A]) + [0x0A], to: fleet.place.log)
    #expect(try fleet.entries(of: "lamp").map(\.sequence) == [1])
    let second = try fleet.start("lamp")
    _ = try await TestController(fleet, "lamp").reading()
    #expect(try fleet.entries(of: "lamp").map(\.sequence) == [1, 2])
    try await second.kill()
  }

  @Test func aDeviceThatIsCutOffIsNotReachedUntilItIsBack() async throws {
    let fleet = try TestFleet()
    let device = try fleet.start("lamp")
    let controller = try await TestController(fleet, "lamp")
    let socket = fleet.place.socket(of: "lamp")
    try fleet.set("lamp") { $0.isOnline = false }
    try await fleet.within("the end of the connection") {
      let line = try await controller.channel.next()
      #expect(line == nil)
    }
    #expect(try FileSystem.status(socket) == nil)
    try fleet.set("lamp") { $0.isOnline = true }
    _ = try await TestController(fleet, "lamp").reading()
    #expect(try fleet.entries(of: "lamp").map(\.isOnline) == [true, false, true])
    try await device.kill()
  }

  @Test func aClockThatIsSkewedShowsInAnswersAndInTheLog() async throws {
    let fleet = try TestFleet()
    let century: Int64 = 3_155_760_000_000_000
    try fleet.set("lamp") { $0.skewMicroseconds = -century }
    let device = try fleet.start("lamp")
    let clock = try await TestController(fleet, "lamp").reading().clock
    #expect(clock.microseconds == DeviceTime.floorMicroseconds)
    try fleet.set("lamp") { $0.skewMicroseconds = century }
    try await fleet.until("the new clock in the log") {
      try fleet.entries(of: "lamp").last?.skewMicroseconds == century
    }
    let later = try await TestController(fleet, "lamp").reading().clock
    #expect(later.microseconds > century)
    try await device.kill()
  }

  @Test func aFullDeviceRefusesAndStaysAsItIs() async throws {
    let fleet = try TestFleet()
    try fleet.set("lamp") { $0.capacity = DeviceCapacity(keySets: 0, groups: 1, members: 1) }
    let device = try fleet.start("lamp")
    let controller = try await TestController(fleet, "lamp")
    let change = try SecretChange.keys(KeySet(only: "k1"))
    let answer = try await controller.ask(["op": "change", "change": change.json])
    #expect(answer["refused"]?["reason"] == "DeviceFull")
    try fleet.set("lamp") { $0.capacity.keySets = 1 }
    try await fleet.within("room for a key set") {
      while try await controller.make(change) != true {}
    }
    #expect(try await controller.reading().table.keySets.count == 1)
    try await device.kill()
  }

  @Test func theNewestControllerIsListenedToAlone() async throws {
    let fleet = try TestFleet()
    let device = try fleet.start("lamp")
    let old = try await TestController(fleet, "lamp")
    let new = try await TestController(fleet, "lamp")
    await #expect(throws: (any Error).self) { try await old.make(.keys(KeySet(only: "k1"))) }
    #expect(try await new.reading().table.keySets.isEmpty)
    try await device.kill()
  }

  @Test func aSecondProcessOfADeviceIsRefused() async throws {
    let fleet = try TestFleet()
    let first = try fleet.start("lamp")
    let controller = try await TestController(fleet, "lamp")
    let second = try fleet.start("lamp")
    try await fleet.within("the end of the second process") {
      try await fleet.loop.waitReadable(second.process.pidfd.descriptor.number)
    }
    #expect(try await controller.reading().table == DeviceTable())
    try await first.kill()
  }

  @Test(arguments: [
    #"{"op":"explode"}"#, #"{"op":"change"}"#, #"{"op":"change","change":{"kind":"addMember"}}"#,
    #"{"op":"change","change":{"kind":"setKeySet","keySet":"home","epochs":[]}}"#,
  ])
  func nonsenseIsRefusedAndHarmless(_ request: String) async throws {
    let fleet = try TestFleet()
    let device = try fleet.start("lamp")
    let controller = try await TestController(fleet, "lamp")
    let answer = try await controller.ask(try JSONValue(parsing: request))
    #expect(answer["refused"]?["reason"] == "InvalidChange")
    #expect(try await controller.reading().table == DeviceTable())
    try await device.kill()
  }
}
