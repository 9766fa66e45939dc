internal import Glibc

/// The two calls of an event loop's hot path: nothing to do yet is an answer, not an error.
extension Descriptor {
  /// Reads what is there, at most the buffer's size: 0 at the end, nil where nothing waits.
  public func readAvailable(
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(SystemError) -> Int? {
    let number = number
    while true {
      let count = Glibc.read(number, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      let code = errno
      if code == EAGAIN || code == EWOULDBLOCK { return nil }
      if code != EINTR { throw SystemError(code: code, call: "read") }
    }
  }

  /// Sends on a socket as much as fits, nil where nothing does. A peer that is gone is EPIPE and
  /// never SIGPIPE.
  public func sendAvailable(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int? {
    let number = number
    while true {
      let count = Glibc.send(number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      if count >= 0 { return count }
      let code = errno
      if code == EAGAIN || code == EWOULDBLOCK { return nil }
      if code != EINTR { throw SystemError(code: code, call: "send") }
    }
  }
}
