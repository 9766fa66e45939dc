internal import CLinux
internal import Glibc

/// What a process may do with files, whoever its user is: nothing but what was allowed (Landlock).
///
/// Descriptors that it has already are not concerned, and neither is `connect` to a socket's path.
/// Where the kernel can (`confinesSignals`), it also signals nobody outside of what is so confined.
public struct FileAccess: Sendable {
  /// Rights of Landlock, as the kernel numbers them.
  private enum Right {
    static let execute: UInt64 = 1 << 0
    static let writeFile: UInt64 = 1 << 1
    static let readFile: UInt64 = 1 << 2
    static let readDirectory: UInt64 = 1 << 3
    static let truncate: UInt64 = 1 << 14
    static let deviceControl: UInt64 = 1 << 15
    /// Those that a file may have that is no directory.
    static let ofFiles = execute | writeFile | readFile | truncate | deviceControl
  }

  /// What may be done below a path.
  public enum Use: Sendable {
    /// Read, list and execute.
    case read
    /// All of that, and write, make, rename and remove.
    case write
    /// Read and write what is there: devices.
    case devices
  }

  /// Version of Landlock that this kernel speaks; nil where it has none (before Linux 5.13, or
  /// switched off).
  public static var version: Int? {
    let abi = clinux_landlock_abi()
    return abi > 0 ? Int(abi) : nil
  }

  /// Whether this kernel confines signals, too (from Linux 6.12 on).
  public static var confinesSignals: Bool { version ?? 0 >= 6 }

  let descriptor: Descriptor
  private let handled: UInt64

  /// Access to nothing.
  ///
  /// - Throws: EOPNOTSUPP where the kernel has no Landlock.
  public init() throws(SystemError) {
    guard let version = Self.version else {
      throw SystemError(
        code: EOPNOTSUPP, call: "confine", subject: "file access: this kernel has no Landlock")
    }
    let count =
      switch version {
      case 1: 13
      case 2: 14
      case 3, 4: 15
      default: 16
      }
    let handled: UInt64 = (1 << count) - 1
    let signalsAndAbstractSockets: UInt64 = 3
    let scoped = Self.confinesSignals ? signalsAndAbstractSockets : 0
    self.handled = handled
    descriptor = Descriptor(
      owning: try systemCall("landlock_create_ruleset") { clinux_landlock_create(handled, scoped) })
  }

  /// Allows a use of a file, or of a directory with all below it.
  public func allow(_ use: Use, _ path: String) throws(SystemError) {
    let isDirectory = try FileSystem.status(path)?.kind == .directory
    let location = Descriptor(
      owning: try systemCall("open", path) { clinux_open_location(path) })
    try allow(use, location, isDirectory: isDirectory, path)
  }

  /// Allows a use of an open file that is no directory.
  public func allow(_ use: Use, _ file: Descriptor) throws(SystemError) {
    try allow(use, file, isDirectory: false, "descriptor \(file.number)")
  }

  private func allow(
    _ use: Use, _ location: Descriptor, isDirectory: Bool, _ name: String
  ) throws(SystemError) {
    let reading = Right.execute | Right.readFile | Right.readDirectory
    var rights =
      switch use {
      case .read: reading
      case .write: handled
      case .devices: Right.readFile | Right.readDirectory | Right.writeFile | Right.deviceControl
      }
    rights &= handled
    if !isDirectory { rights &= Right.ofFiles }
    try systemCall("landlock_add_rule", name) {
      clinux_landlock_allow(descriptor.number, location.number, rights)
    }
  }
}
