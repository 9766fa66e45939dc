internal import CLinux
internal import Glibc

/// Signals as reads of a descriptor, so that a program waits for them on its event loop.
public struct SignalFD: Sendable {
  /// Readable while a signal waits.
  public let descriptor: Descriptor

  /// Blocks the signals for the calling thread and those that it starts later.
  ///
  /// Make it first thing in `main`: a thread that exists already still takes the signals itself.
  /// `spawn` gives children an empty mask, so they are not affected.
  public init(_ signals: Set<Int32>) throws(SystemError) {
    var mask = sigset_t()
    sigemptyset(&mask)
    for signal in signals { sigaddset(&mask, signal) }
    let code = pthread_sigmask(SIG_BLOCK, &mask, nil)
    if code != 0 { throw SystemError(code: code, call: "pthread_sigmask") }
    descriptor = Descriptor(
      owning: try systemCall("signalfd") { signalfd(-1, &mask, O_NONBLOCK | O_CLOEXEC) })
  }

  /// The next signal that arrived, nil when none waits.
  public func next() throws(SystemError) -> Int32? {
    var info = signalfd_siginfo()
    do throws(SystemError) {
      _ = try withUnsafeMutableBytes(of: &info) { buffer throws(SystemError) in
        try descriptor.read(into: buffer)
      }
    } catch  where error.isWouldBlock {
      return nil
    }
    return Int32(info.ssi_signo)
  }

  /// Lets a signal do nothing in this process: SIGPIPE, so that a write answers EPIPE instead.
  public static func ignore(_ signal: Int32) {
    _ = clinux_ignore_signal(signal)
  }
}
