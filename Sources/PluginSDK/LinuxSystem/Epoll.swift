internal import CLinux
internal import Glibc

/// Readiness of many descriptors at once: what an event loop sleeps on.
///
/// - Isolation: `wait` and `subscript` belong to one thread, the rest may be called from any. The
///   class isn't Sendable, so its owner states which thread that is.
public final class Epoll {
  /// What a descriptor is, or is to be, ready for.
  public struct Readiness: OptionSet, Sendable {
    /// The bits of epoll's `events`.
    public let rawValue: UInt32
    /// From the bits of epoll's `events`.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A read would not wait.
    public static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    /// A write would not wait.
    public static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    /// The peer won't send any more; always reported with `readable`.
    public static let peerClosed = Readiness(rawValue: EPOLLRDHUP.rawValue)
    /// Both directions are closed. Reported whether asked for or not.
    public static let hangUp = Readiness(rawValue: EPOLLHUP.rawValue)
    /// The descriptor has an error to be read. Reported whether asked for or not.
    public static let error = Readiness(rawValue: EPOLLERR.rawValue)
  }

  private let descriptor: Descriptor
  private let events: UnsafeMutableBufferPointer<epoll_event>

  /// - Parameter capacity: the most events that one `wait` returns.
  public init(capacity: Int) throws(SystemError) {
    descriptor = Descriptor(owning: try systemCall("epoll_create1") { epoll_create1(O_CLOEXEC) })
    events = .allocate(capacity: capacity)
    events.initialize(repeating: epoll_event())
  }

  deinit { events.deallocate() }

  /// Starts to watch a descriptor; `token` comes back with its events.
  public func add(_ number: Int32, _ interest: Readiness, token: UInt64) throws(SystemError) {
    try control(EPOLL_CTL_ADD, number, interest, token)
  }

  /// Changes what a watched descriptor is watched for.
  public func modify(_ number: Int32, _ interest: Readiness, token: UInt64) throws(SystemError) {
    try control(EPOLL_CTL_MOD, number, interest, token)
  }

  /// Stops to watch; a descriptor that is closed already was removed by the kernel.
  public func remove(_ number: Int32) {
    _ = epoll_ctl(descriptor.number, EPOLL_CTL_DEL, number, nil)
  }

  /// Waits for events: the count of those that `subscript` now gives; 0 after the timeout or a
  /// signal.
  ///
  /// - Parameter timeout: nanoseconds; nil waits without end.
  public func wait(timeout: UInt64?) throws(SystemError) -> Int {
    let nanoseconds = timeout.map { Int64(min($0, UInt64(Int64.max))) } ?? -1
    let count = clinux_epoll_wait(
      descriptor.number, events.baseAddress, Int32(events.count), nanoseconds)
    if count >= 0 { return Int(count) }
    if errno == EINTR { return 0 }
    throw SystemError(code: errno, call: "epoll_pwait2")
  }

  /// An event of the last `wait`.
  public subscript(index: Int) -> (token: UInt64, readiness: Readiness) {
    (events[index].data.u64, Readiness(rawValue: events[index].events))
  }

  private func control(
    _ operation: Int32, _ number: Int32, _ interest: Readiness, _ token: UInt64
  ) throws(SystemError) {
    var event = epoll_event(events: interest.rawValue, data: epoll_data_t(u64: token))
    try systemCall("epoll_ctl", "descriptor \(number)") {
      epoll_ctl(descriptor.number, operation, number, &event)
    }
  }
}
