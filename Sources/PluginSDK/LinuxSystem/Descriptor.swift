internal import Glibc
internal import Synchronization

/// An open file descriptor with one owner: closed when the last reference goes.
///
/// - Invariant: the number is closed exactly once (guarded by `DescriptorTests`). After `close` or
///   `take` the number reads -1, so that a late use fails with EBADF instead of hitting whatever
///   took its place.
public final class Descriptor: Sendable {
  private let storage: Atomic<Int32>

  /// Takes ownership of an open descriptor.
  public init(owning number: Int32) {
    storage = Atomic(number)
  }

  deinit { close() }

  /// The descriptor's number, to be used while this object is alive; -1 once closed or taken.
  public var number: Int32 { storage.load(ordering: .acquiring) }

  /// Closes now. Closing again does nothing.
  ///
  /// Linux frees the number even where close reports an error, so there is nothing to retry; a
  /// writer that must know calls `synchronize` first.
  public func close() {
    let number = take()
    if number >= 0 { _ = Glibc.close(number) }
  }

  /// Gives the ownership away: this object won't close the number any more.
  public func take() -> Int32 { storage.exchange(-1, ordering: .acquiringAndReleasing) }

  /// A second descriptor of the same open file, closed over exec.
  public func duplicate() throws(SystemError) -> Descriptor {
    let number = number
    return Descriptor(
      owning: try systemCall("fcntl", "descriptor \(number)") { fcntl(number, F_DUPFD_CLOEXEC, 0) })
  }

  /// Adopts a number that was inherited (handed over in the environment): it must be open, and is
  /// from now on closed over exec.
  public static func adopt(_ number: Int32) throws(SystemError) -> Descriptor {
    try systemCall("fcntl", "inherited descriptor \(number)") {
      fcntl(number, F_SETFD, FD_CLOEXEC)
    }
    return Descriptor(owning: number)
  }

  /// Makes reads and writes answer EAGAIN where they would wait.
  public func setNonblocking() throws(SystemError) {
    let number = number
    let flags = try systemCall("fcntl", "descriptor \(number)") { fcntl(number, F_GETFL) }
    try systemCall("fcntl", "descriptor \(number)") { fcntl(number, F_SETFL, flags | O_NONBLOCK) }
  }
}
