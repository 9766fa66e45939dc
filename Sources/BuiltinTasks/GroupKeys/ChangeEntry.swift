public import JSON

/// One line of the log that all devices of a fleet share: what a device is like from this line on.
///
/// Whole states instead of differences, so that the checker needs nothing but the line.
public struct ChangeEntry: Sendable, Equatable {
  public var device: String
  /// Counts the entries of this device, from 1, over its restarts.
  public var sequence: Int64
  /// The machine's clock, in microseconds since the Unix epoch.
  public var atMicroseconds: Int64
  /// How far the device's own clock is ahead of it.
  public var skewMicroseconds: Int64
  /// False while the device is cut off.
  public var isOnline: Bool
  /// Its keys are named NAME#FINGERPRINT, so that two keys of one name are told apart.
  public var table: DeviceTable

  public init(
    device: String, sequence: Int64, atMicroseconds: Int64, skewMicroseconds: Int64,
    isOnline: Bool, table: DeviceTable
  ) {
    self.device = device
    self.sequence = sequence
    self.atMicroseconds = atMicroseconds
    self.skewMicroseconds = skewMicroseconds
    self.isOnline = isOnline
    self.table = table
  }

  /// Reads a line.
  ///
  /// - Throws: what is wrong with it.
  public init(_ json: JSONValue) throws {
    self.init(
      device: try json.text("device"), sequence: try json.whole("sequence"),
      atMicroseconds: try json.whole("at"), skewMicroseconds: try json.whole("skew"),
      isOnline: json["online"]?.bool ?? true, table: try DeviceTable(json["table"] ?? [:]))
  }

  public var json: JSONValue {
    [
      "device": .string(device), "sequence": .integer(sequence), "at": .integer(atMicroseconds),
      "skew": .integer(skewMicroseconds), "online": .bool(isOnline), "table": table.json,
    ]
  }
}
