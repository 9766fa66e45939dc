internal import Glibc

/// A system call that failed: which call, on what, and why.
///
/// The one error type of this module; callers branch on `code` and show `description`.
public struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The `errno` value: `ENOENT`, `EAGAIN`, …
  public let code: Int32
  /// The call's name, as in section 2 of the manual.
  public let call: String
  /// What the call was about: a path, an address, a pid. Nil where there is nothing to name.
  public let subject: String?

  /// An error of a call that was made.
  public init(code: Int32, call: String, subject: String? = nil) {
    self.code = code
    self.call = call
    self.subject = subject
  }

  /// "open /var/lib/mortise/store.db: Permission denied".
  public var description: String {
    let reason = String(cString: strerror(code))
    return subject.map { "\(call) \($0): \(reason)" } ?? "\(call): \(reason)"
  }

  /// The operation would have to wait: a nonblocking descriptor has nothing, or no room.
  public var isWouldBlock: Bool { code == EAGAIN || code == EWOULDBLOCK }

  /// Nothing of that name exists.
  public var isNotFound: Bool { code == ENOENT }
}
