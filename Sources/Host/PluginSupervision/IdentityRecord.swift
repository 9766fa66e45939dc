internal import Glibc
internal import JSON
internal import LinuxSystem

/// What the host notes of a plugin's process, so that the next host can find it and nothing else.
///
/// It is written before the process is made, without what is not known yet; the process itself
/// adds its pid (to a file of its own) before it executes; the start time follows. So a host that
/// is killed at any moment leaves enough. It need not survive a power cut: no process does.
struct IdentityRecord: Sendable, Equatable {
  /// Name of the environment variable by which a process of the plugin can be told.
  static let nonceVariable = "MORTISE_NONCE"

  var bootID: String
  /// Given to the process in its environment; random, of this process alone.
  var nonce: String
  /// Nil until the process exists.
  var process: ProcessIdentity?

  func write(to paths: PluginPaths) throws(SystemError) {
    var object = JSONObject()
    object["bootID"] = .string(bootID)
    object["nonce"] = .string(nonce)
    if let process {
      object["pid"] = .integer(Int64(process.pid))
      object["startTimeTicks"] = .integer(Int64(bitPattern: process.startTimeTicks))
    }
    let sibling = "\(paths.identity).tmp"
    let file = try Descriptor.open(sibling, O_WRONLY | O_CREAT | O_TRUNC)
    try file.writeAll(JSONValue.object(object).serialized())
    try FileSystem.rename(sibling, to: paths.identity)
  }

  static func remove(_ paths: PluginPaths) throws(SystemError) {
    try FileSystem.remove(paths.identity)
    try FileSystem.remove(paths.pid)
  }

  /// The record of a plugin; nil where there is none, or none that a host wrote completely.
  static func read(_ paths: PluginPaths) throws(SystemError) -> IdentityRecord? {
    guard let bytes = try content(of: paths.identity, limit: 4096),
      let object = try? JSONValue(parsing: bytes),
      let bootID = object["bootID"]?.string, let nonce = object["nonce"]?.string
    else { return nil }
    var record = IdentityRecord(bootID: bootID, nonce: nonce)
    if let pid = object["pid"]?.integer, let pid = Int32(exactly: pid),
      let ticks = object["startTimeTicks"]?.integer
    {
      record.process = ProcessIdentity(
        pid: pid, startTimeTicks: UInt64(bitPattern: ticks), bootID: bootID)
    }
    return record
  }

  /// The pid that the process wrote itself; nil where it did not come to that.
  static func writtenPID(_ paths: PluginPaths) throws(SystemError) -> Int32? {
    guard let bytes = try content(of: paths.pid, limit: 64),
      let end = bytes.firstIndex(of: UInt8(ascii: "\n"))
    else { return nil }
    return Int32(String(decoding: bytes[..<end], as: UTF8.self))
  }

  /// Nil where there is no such file.
  private static func content(of path: String, limit: Int) throws(SystemError) -> [UInt8]? {
    do throws(SystemError) {
      return try FileSystem.read(path, limit: limit)
    } catch  where error.isNotFound {
      return nil
    }
  }
}
