internal import CLinux
internal import Glibc

/// How a process ended.
public enum ExitStatus: Sendable, Hashable, CustomStringConvertible {
  case exited(code: Int32)
  case signalled(signal: Int32)

  /// Whether it ended by itself with code 0.
  public var isSuccess: Bool { self == .exited(code: 0) }

  /// "exit code 3", "signal 9 (Killed)".
  public var description: String {
    switch self {
    case .exited(let code): "exit code \(code)"
    case .signalled(let signal): "signal \(signal) (\(String(cString: strsignal(signal))))"
    }
  }
}

/// A handle on one process that can never mean another; readable once the process ended.
public struct PIDFD: Sendable {
  /// What is waited for: readable once the process ended.
  public let descriptor: Descriptor

  init(_ descriptor: Descriptor) { self.descriptor = descriptor }

  /// A handle on the process of this identity, nil where it is gone.
  ///
  /// The identity is read again after the handle was opened: whoever took the pid in between is
  /// never handed out.
  public static func open(_ identity: ProcessIdentity) throws(SystemError) -> PIDFD? {
    let handle: PIDFD
    do throws(SystemError) {
      handle = PIDFD(
        Descriptor(
          owning: try systemCall("pidfd_open", "pid \(identity.pid)") {
            clinux_pidfd_open(identity.pid)
          }))
    } catch  where error.code == ESRCH || error.code == EINVAL {
      return nil
    }
    return try ProcessIdentity.read(identity.pid) == identity ? handle : nil
  }

  /// Sends a signal; false where the process ended before.
  @discardableResult
  public func signal(_ signal: Int32) throws(SystemError) -> Bool {
    try send(signal, flags: 0)
  }

  /// Sends a signal to all processes of the group that this process leads; false where none is left.
  ///
  /// The handle keeps the number from being given away, so the group is the right one even after
  /// its leader ended. On kernels older than 6.9 the group is signalled by number instead, only
  /// while `identity` still exists.
  @discardableResult
  public func signalGroup(_ signal: Int32, identity: ProcessIdentity) throws(SystemError) -> Bool {
    let processGroup: UInt32 = 1 << 2
    do throws(SystemError) {
      return try send(signal, flags: processGroup)
    } catch  where error.code == EINVAL {
      return try Self.signalGroupByNumber(signal, identity: identity)
    }
  }

  static func signalGroupByNumber(
    _ signal: Int32, identity: ProcessIdentity
  ) throws(SystemError) -> Bool {
    guard identity.exists, getpgid(identity.pid) == identity.pid else { return false }
    do throws(SystemError) {
      try systemCall("kill", "process group \(identity.pid)") { kill(-identity.pid, signal) }
      return true
    } catch  where error.code == ESRCH {
      return false
    }
  }

  /// How the process ended, once: nil while it runs.
  ///
  /// - Throws: ECHILD where it isn't a child of this process, or was reaped already.
  public func reap() throws(SystemError) -> ExitStatus? {
    var (code, status) = (Int32(0), Int32(0))
    let ended = try systemCall("waitid") {
      clinux_pidfd_reap(descriptor.number, &code, &status)
    }
    if ended == 0 { return nil }
    return code == Int32(CLD_EXITED) ? .exited(code: status) : .signalled(signal: status)
  }

  private func send(_ signal: Int32, flags: UInt32) throws(SystemError) -> Bool {
    do throws(SystemError) {
      try systemCall("pidfd_send_signal") {
        clinux_pidfd_send_signal(descriptor.number, signal, flags)
      }
      return true
    } catch  where error.code == ESRCH {
      return false
    }
  }
}
