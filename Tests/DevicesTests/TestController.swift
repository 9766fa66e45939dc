import Devices
import GroupKeys
import JSON
import LinuxSystem
import TTRPC
import Testing

/// Talks to a device as its driver does, without a driver.
struct TestController: Sendable {
  let channel: LineChannel

  /// Connects as soon as the device's socket is there, and says hello.
  init(_ fleet: TestFleet, _ name: String) async throws {
    let path = fleet.place.socket(of: name)
    try await fleet.until("socket of \(name)") {
      (try? UnixSocket.connect(path)) != nil
    }
    channel = LineChannel(try UnixSocket.connect(path), on: fleet.loop)
    let hello = try await ask(["op": "hello"])
    #expect(hello["state"] != nil)
  }

  func ask(_ request: JSONValue) async throws -> JSONValue {
    try await channel.send(request)
    return try #require(try await channel.next())
  }

  /// Whether the change changed something.
  func make(_ change: SecretChange) async throws -> Bool? {
    try await ask(["op": "change", "change": change.json])["changed"]?.bool
  }

  func reading() async throws -> DeviceReading {
    try DeviceReading(try await ask(["op": "read"])["state"] ?? .null)
  }
}

extension SecretChange {
  static func keys(_ keys: KeySet) throws -> SecretChange {
    try SecretChange(keySet: "home", keys) { "secret of \($0)" }
  }
}
