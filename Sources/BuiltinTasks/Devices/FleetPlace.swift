import GroupKeys
public import LinuxSystem

/// Where a fleet's devices live: a directory with their sockets, their own directories and one common log.
public struct FleetPlace: Sendable, Equatable {
  /// The fleet's directory.
  public let root: String

  public init(_ root: String) {
    self.root = root
  }

  /// Holds a socket, named by `socket(of:)`, for each device that can be reached.
  public var sockets: String { "\(root)/sockets" }
  /// Holds a directory for each device that there is.
  public var devices: String { "\(root)/devices" }
  /// What all devices append to.
  public var log: String { "\(root)/changes.log" }

  /// Where the device listens.
  public func socket(of device: String) -> String { "\(sockets)/\(device)\(Self.suffix)" }

  /// The device's own directory.
  public func directory(of device: String) -> String { "\(devices)/\(device)" }

  /// What the device is told from outside.
  public func settings(of device: String) -> String { "\(directory(of: device))/settings.json" }

  /// What the device remembers.
  public func record(of device: String) -> String { "\(directory(of: device))/table.json" }

  /// The pid of the device's last process.
  public func pid(of device: String) -> String { "\(directory(of: device))/pid" }

  /// The device whose socket has that file name; nil = it is no device's.
  public static func device(ofSocket file: String) -> String? {
    guard file.hasSuffix(suffix) else { return nil }
    let name = String(file.dropLast(suffix.count))
    return GroupName.isValid(name) ? name : nil
  }

  /// Makes the directories that all devices and the driver share.
  ///
  /// - Throws: where the file system refuses.
  public func make() throws(SystemError) {
    try FileSystem.makeDirectories(sockets, mode: 0o700)
    try FileSystem.makeDirectories(devices, mode: 0o700)
  }

  /// Every device that has a directory, sorted.
  public func names() throws(SystemError) -> [String] {
    guard try FileSystem.status(devices) != nil else { return [] }
    return try FileSystem.list(devices).filter(GroupName.isValid)
  }

  private static let suffix = ".sock"
}
