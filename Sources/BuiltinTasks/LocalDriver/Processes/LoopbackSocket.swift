import Glibc
import LinuxSystem
import TTRPC

/// TCP over loopback addresses, nonblocking, waiting on the event loop.
enum LoopbackSocket {
  /// Connections that wait to be accepted.
  static let backlog: Int32 = 256

  /// - Throws: `SystemError`: ECONNREFUSED where nobody listens; ETIMEDOUT never, loopback answers.
  static func connect(
    _ address: String, _ port: Int, on loop: EventLoop
  ) async throws -> Descriptor {
    let subject = "\(address):\(port)"
    let socket = try make()
    var name = try socketAddress(address, port)
    let status = withSocketAddress(&name) { Glibc.connect(socket.number, $0, $1) }
    if status == 0 { return socket }
    guard errno == EINPROGRESS else {
      throw SystemError(code: errno, call: "connect", subject: subject)
    }
    try await loop.waitWritable(socket.number)
    var problem: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(socket.number, SOL_SOCKET, SO_ERROR, &problem, &length) == 0 else {
      throw SystemError(code: errno, call: "getsockopt", subject: subject)
    }
    guard problem == 0 else { throw SystemError(code: problem, call: "connect", subject: subject) }
    return socket
  }

  static func listen(_ address: String, _ port: Int) throws(SystemError) -> Descriptor {
    let subject = "\(address):\(port)"
    let socket = try make()
    var on: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    // Without it the address would be taken for a minute after the last listener closed.
    guard setsockopt(socket.number, SOL_SOCKET, SO_REUSEADDR, &on, size) == 0 else {
      throw SystemError(code: errno, call: "setsockopt", subject: subject)
    }
    var name = try socketAddress(address, port)
    guard withSocketAddress(&name, { bind(socket.number, $0, $1) }) == 0 else {
      throw SystemError(code: errno, call: "bind", subject: subject)
    }
    guard Glibc.listen(socket.number, backlog) == 0 else {
      throw SystemError(code: errno, call: "listen", subject: subject)
    }
    return socket
  }

  /// Nil where nobody waits.
  static func accept(_ listener: Descriptor) throws(SystemError) -> Descriptor? {
    let number = Glibc.accept(listener.number, nil, nil)
    guard number >= 0 else {
      switch errno {
      case EAGAIN, EINTR, ECONNABORTED: return nil
      default: throw SystemError(code: errno, call: "accept", subject: nil)
      }
    }
    let socket = Descriptor(owning: number)
    guard fcntl(number, F_SETFD, FD_CLOEXEC) == 0 else {
      throw SystemError(code: errno, call: "fcntl", subject: nil)
    }
    try socket.setNonblocking()
    return socket
  }

  private static func make() throws(SystemError) -> Descriptor {
    let type =
      Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
      | Int32(SOCK_CLOEXEC.rawValue)
    let number = socket(AF_INET, type, 0)
    guard number >= 0 else { throw SystemError(code: errno, call: "socket", subject: nil) }
    return Descriptor(owning: number)
  }

  private static func socketAddress(
    _ address: String, _ port: Int
  ) throws(SystemError) -> sockaddr_in {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = in_port_t(UInt16(truncatingIfNeeded: port)).bigEndian
    guard inet_pton(AF_INET, address, &name.sin_addr) == 1 else {
      throw SystemError(code: EINVAL, call: "inet_pton", subject: address)
    }
    return name
  }

  private static func withSocketAddress<Result>(
    _ name: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
