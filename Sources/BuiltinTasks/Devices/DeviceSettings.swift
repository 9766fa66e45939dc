public import GroupKeys
public import JSON
public import LinuxSystem

/// What a person or a test does to a device from outside: kept in its `settings.json`, which it follows.
public struct DeviceSettings: Sendable, Equatable {
  /// How far the device's clock is ahead; negative = behind.
  public var skewMicroseconds: Int64 = 0
  /// False = cut off: the device runs, and nobody reaches it.
  public var isOnline = true
  public var capacity = DeviceCapacity()

  public init() {}

  /// What is not named is as by default.
  public init(_ json: JSONValue) throws(TableFormatError) {
    self.init()
    if let skew = json["skewMicroseconds"] {
      guard let skew = skew.integer else {
        throw TableFormatError("\"skewMicroseconds\" must be an integer")
      }
      skewMicroseconds = skew
    }
    isOnline = json["online"]?.bool ?? true
    capacity = try DeviceCapacity(json["capacity"])
  }

  public var json: JSONValue {
    [
      "skewMicroseconds": .integer(skewMicroseconds), "online": .bool(isOnline),
      "capacity": capacity.json,
    ]
  }

  /// Those of a device; the defaults where it has none.
  ///
  /// - Throws: the file can't be read, with its path.
  public static func read(_ place: FleetPlace, _ device: String) throws -> DeviceSettings {
    let path = place.settings(of: device)
    guard try FileSystem.status(path) != nil else { return DeviceSettings() }
    do {
      return try DeviceSettings(JSONValue(parsing: try FileSystem.read(path)))
    } catch let error as SystemError {
      throw error
    } catch {
      throw TableFormatError("\(path): \(error)")
    }
  }

  /// Replaces those of a device, whether it runs or not.
  public func write(_ place: FleetPlace, _ device: String) throws(SystemError) {
    try FileSystem.makeDirectories(place.directory(of: device), mode: 0o700)
    try AtomicFile.write(json.serialized(), to: place.settings(of: device), mode: 0o600)
  }
}
