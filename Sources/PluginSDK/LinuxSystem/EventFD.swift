internal import CLinux
internal import Glibc

/// A counter behind a descriptor: how one thread makes another's epoll return.
public struct EventFD: Sendable {
  /// Readable from `notify` to `clear`.
  public let descriptor: Descriptor

  /// A counter at zero, so not readable.
  public init() throws(SystemError) {
    descriptor = Descriptor(
      owning: try systemCall("eventfd") { eventfd(0, O_NONBLOCK | O_CLOEXEC) })
  }

  /// Makes the descriptor readable. A counter that is full is readable already.
  public func notify() {
    _ = eventfd_write(descriptor.number, 1)
  }

  /// Makes the descriptor unreadable until the next `notify`.
  public func clear() {
    var value: UInt64 = 0
    _ = eventfd_read(descriptor.number, &value)
  }
}
