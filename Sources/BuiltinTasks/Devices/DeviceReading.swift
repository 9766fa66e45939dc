public import GroupKeys
public import JSON

/// What a device answers about itself.
public struct DeviceReading: Sendable, Equatable {
  /// On its own clock.
  public var atMicroseconds: Int64
  public var capacity: DeviceCapacity
  /// Its keys are named NAME#FINGERPRINT.
  public var table: DeviceTable

  public init(atMicroseconds: Int64, capacity: DeviceCapacity, table: DeviceTable) {
    self.atMicroseconds = atMicroseconds
    self.capacity = capacity
    self.table = table
  }

  /// - Throws: what the device should not have said.
  public init(_ json: JSONValue) throws {
    guard let clock = json["clock"]?.integer else {
      throw TableFormatError("\"clock\" must be an integer")
    }
    self.init(
      atMicroseconds: clock, capacity: try DeviceCapacity(json["capacity"]),
      table: try DeviceTable(json["table"] ?? .null))
  }

  public var json: JSONValue {
    ["clock": .integer(atMicroseconds), "capacity": capacity.json, "table": table.json]
  }

  /// What the device's own clock reads.
  public var clock: DeviceTime { DeviceTime(wallMicroseconds: atMicroseconds) }
}
