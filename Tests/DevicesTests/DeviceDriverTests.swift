import DeviceDriver
import Devices
import Glibc
import GroupKeys
import JSON
import LinuxSystem
import PluginSDK
import Testing

/// The driver against real devices.
struct DeviceDriverTests {
  private func world() async throws -> (TestFleet, TestDevice, TestDriver) {
    let fleet = try TestFleet()
    let device = try fleet.start("lamp")
    let driver = try await TestDriver(fleet)
    try await driver.until("lamp", isReachable: true)
    return (fleet, device, driver)
  }

  @Test func appliesVerifiesAndRemoves() async throws {
    let (fleet, device, test) = try await world()
    let intents = [
      test.keySet("lamp", KeySet(only: "k1")), test.keyMap("lamp"), test.membership("lamp"),
    ]
    let absent = try await test.driver.verify(target: "lamp", intents)
    #expect(absent.map(\.presence) == [.absent, .absent, .absent])
    for intent in intents {
      let observed = try await test.driver.apply(intent)
      #expect(try await test.driver.apply(intent) == observed)
    }
    let found = try await test.driver.verify(target: "lamp", intents)
    #expect(found.map(\.presence) == [.matches, .matches, .matches])
    #expect(found.first?.observed?["transmits"] == "k1")
    // Applied twice, changed once.
    #expect(try fleet.entries(of: "lamp").count == 1 + intents.count)
    for intent in intents.reversed() {
      _ = try await test.driver.remove(intent)
      _ = try await test.driver.remove(intent)
    }
    #expect(try fleet.entries(of: "lamp").last?.table == DeviceTable())
    try await device.kill()
  }

  @Test func otherKeysThanWantedAreDrift() async throws {
    let (_, device, test) = try await world()
    _ = try await test.driver.apply(test.keySet("lamp", KeySet(only: "k1")))
    let other = test.keySet("lamp", KeySet(only: "k2"))
    #expect(try await test.driver.verify(target: "lamp", [other]).map(\.presence) == [.drifted])
    try await device.kill()
  }

  @Test func theSameNameIsTheSameSecretOnEveryDevice() async throws {
    let (fleet, device, test) = try await world()
    let other = try fleet.start("switch")
    try await test.until("switch", isReachable: true)
    for name in ["lamp", "switch"] {
      for intent in [
        test.keySet(name, KeySet(only: "k1")), test.keyMap(name), test.membership(name),
      ] { _ = try await test.driver.apply(intent) }
    }
    let checker = try DeviceLog.check(fleet.place)
    #expect(checker.findings == [] && checker.pairs == 2)
    try await device.kill()
    try await other.kill()
  }

  @Test func theOrderOfThingsIsTheDevicesToo() async throws {
    let (_, device, test) = try await world()
    let early = await #expect(throws: DriverFailure.self) {
      try await test.driver.apply(test.membership("lamp"))
    }
    #expect(early?.reason == "NotThereYet" && early?.isRecoverable == true)
    _ = try await test.driver.apply(test.keySet("lamp", KeySet(only: "k1")))
    _ = try await test.driver.apply(test.keyMap("lamp"))
    let used = await #expect(throws: DriverFailure.self) {
      try await test.driver.remove(test.keySet("lamp", KeySet(only: "k1")))
    }
    #expect(used?.reason == "InUse" && used?.isRecoverable == true)
    try await device.kill()
  }

  @Test func aFullDeviceIsFinalAndShowsInItsCapacity() async throws {
    let (fleet, device, test) = try await world()
    try await device.kill()
    try await test.until("lamp", isReachable: false)
    try fleet.set("lamp") { $0.capacity = DeviceCapacity(keySets: 1, groups: 1, members: 1) }
    let smaller = try fleet.start("lamp")
    try await test.until("lamp", isReachable: true)
    for intent in [
      test.keySet("lamp", KeySet(only: "k1")), test.keyMap("lamp"), test.membership("lamp"),
    ] { _ = try await test.driver.apply(intent) }
    let capacity = try await test.driver.capacity(of: "lamp")
    #expect(capacity.map(\.kind) == GroupKind.all)
    #expect(capacity.allSatisfy { $0.total == 1 && $0.used == 1 })
    let full = await #expect(throws: DriverFailure.self) {
      try await test.driver.apply(test.membership("lamp", 2))
    }
    #expect(full?.reason == "DeviceFull" && full?.isRecoverable == false)
    try await smaller.kill()
  }

  @Test func whoIsKilledOrCutOffIsAwayAndBackWithoutAPoll() async throws {
    let (fleet, device, test) = try await world()
    try await device.kill()
    try await test.until("lamp", isReachable: false)
    let away = await #expect(throws: DriverFailure.self) {
      try await test.driver.apply(test.keyMap("lamp"))
    }
    #expect(away?.reason == "DeviceUnreachable" && away?.isRecoverable == true)
    let again = try fleet.start("lamp")
    try await test.until("lamp", isReachable: true)
    try fleet.set("lamp") { $0.isOnline = false }
    try await test.until("lamp", isReachable: false)
    #expect(await test.driver.targets().first?.message != "")
    try fleet.set("lamp") { $0.isOnline = true }
    try await test.until("lamp", isReachable: true)
    try await again.kill()
  }

  @Test func aDeviceThatAppearsLaterIsATarget() async throws {
    let (fleet, device, test) = try await world()
    let late = try fleet.start("late")
    try await test.until("late", isReachable: true)
    #expect(await test.driver.targets().map(\.name) == ["lamp", "late"])
    let unknown = await #expect(throws: DriverFailure.self) {
      try await test.driver.apply(test.keyMap("nobody"))
    }
    #expect(unknown?.reason == "UnknownDevice")
    try await late.kill()
    try await device.kill()
  }

  @Test func aDeviceWhoseDirectoryGoesIsRemovedForGood() async throws {
    let (fleet, device, test) = try await world()
    try await device.kill()
    try await test.until("lamp", isReachable: false)
    try FileSystem.remove(fleet.place.socket(of: "lamp"))
    try FileSystem.removeTree(fleet.place.directory(of: "lamp"))
    try await test.untilRemoved("lamp")
    #expect(await test.driver.targets() == [])
  }

  @Test(arguments: ["Other", "../../etc", "", "k 1"])
  func namesThatAreNoNamesAreFinal(_ key: String) async throws {
    let (_, device, test) = try await world()
    let intent = test.keySet("lamp", KeySet(only: key))
    let failure = await #expect(throws: DriverFailure.self) { try await test.driver.apply(intent) }
    #expect(failure?.reason == "InvalidSpec" && failure?.isRecoverable == false)
    try await device.kill()
  }
}
