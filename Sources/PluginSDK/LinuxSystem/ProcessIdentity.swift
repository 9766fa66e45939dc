internal import Glibc

/// Which process, for ever: a pid alone is given to another one day.
///
/// - Invariant: two processes never share an identity (guarded by `ProcessIdentityTests` as far as
///   parsing goes; the rest is the kernel's promise).
public struct ProcessIdentity: Sendable, Hashable {
  /// The number, which another process may have later.
  public let pid: Int32
  /// When it started, in clock ticks since boot.
  public let startTimeTicks: UInt64
  /// Which boot of the machine.
  public let bootID: String

  /// An identity that was stored before.
  public init(pid: Int32, startTimeTicks: UInt64, bootID: String) {
    self.pid = pid
    self.startTimeTicks = startTimeTicks
    self.bootID = bootID
  }

  /// The identity of the process that has this pid now, nil where none has. A process that ended
  /// but wasn't reaped still counts.
  public static func read(_ pid: Int32) throws(SystemError) -> ProcessIdentity? {
    let text: [UInt8]
    do throws(SystemError) {
      text = try FileSystem.read("/proc/\(pid)/stat", limit: 64 * 1024)
    } catch  where error.code == ENOENT || error.code == ESRCH {
      return nil
    }
    guard let ticks = startTime(inStat: text) else {
      throw SystemError(code: EBADMSG, call: "read", subject: "/proc/\(pid)/stat")
    }
    return ProcessIdentity(pid: pid, startTimeTicks: ticks, bootID: try currentBootID())
  }

  /// Whether this very process exists (running, or ended and not reaped).
  public var exists: Bool { (try? Self.read(pid)) == self }

  /// The id of the machine's present boot.
  public static func currentBootID() throws(SystemError) -> String {
    let bytes = try FileSystem.read("/proc/sys/kernel/random/boot_id", limit: 64)
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  /// Field 22 of a stat line. The second field is the program's name in parentheses, in which
  /// anything may stand, so counting starts after the last parenthesis.
  static func startTime(inStat text: [UInt8]) -> UInt64? {
    guard let close = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = text[(close + 1)...].split(separator: UInt8(ascii: " "))
    let index = 22 - 3
    guard fields.count > index else { return nil }
    return UInt64(String(decoding: fields[index], as: UTF8.self))
  }
}
