internal import Glibc
internal import LinuxSystem

extension PIDFD {
  /// Whether the process has ended, reaped or not.
  var hasEnded: Bool {
    var state = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
    return poll(&state, 1, 0) == 1
  }
}
