import Glibc
import LinuxSystem

extension EventFD {
  /// Blocks the calling thread until the event was notified or the time is over.
  func wait(milliseconds: Int) {
    let end = MonotonicTime.now() + .milliseconds(milliseconds)
    while true {
      let left = end.duration(since: .now())
      var watched = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
      let count = poll(&watched, 1, Int32(clamping: left.wholeNanoseconds / 1_000_000))
      if count > 0 || left == .zero || (count < 0 && errno != EINTR) { return }
    }
  }
}
