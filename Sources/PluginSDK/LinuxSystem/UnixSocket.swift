internal import CLinux
internal import Glibc

/// Who is at the other end of a Unix socket, told by the kernel as of connect.
public struct PeerCredentials: Sendable, Equatable {
  /// The process that connected or listened; it may have ended since.
  public let pid: Int32
  /// Its effective user.
  public let uid: UInt32
  /// Its effective group.
  public let gid: UInt32

  /// Credentials as a test would have them.
  public init(pid: Int32, uid: UInt32, gid: UInt32) {
    self.pid = pid
    self.uid = uid
    self.gid = gid
  }
}

/// Stream sockets named by a path; every descriptor made here is nonblocking and closed over exec.
public enum UnixSocket {
  /// The longest path that fits a socket address, in bytes.
  public static let pathBytesMax = 107

  private static let kind = Int32(SOCK_STREAM.rawValue) | O_NONBLOCK | O_CLOEXEC

  /// Listens at `path`, which must not exist, with mode 0600 from the start.
  public static func listen(_ path: String, backlog: Int32 = 128) throws(SystemError) -> Descriptor
  {
    let socket = try makeSocket(path)
    try withAddress(path) { (address, length) throws(SystemError) in
      // The mode of a socket file is what the descriptor had before bind.
      try systemCall("fchmod", path) { fchmod(socket.number, 0o600) }
      try systemCall("bind", path) { Glibc.bind(socket.number, address, length) }
    }
    try systemCall("listen", path) { Glibc.listen(socket.number, backlog) }
    return socket
  }

  /// Connects to the listener at `path`.
  ///
  /// - Throws: ENOENT or ECONNREFUSED where nobody listens; EAGAIN while its backlog is full.
  public static func connect(_ path: String) throws(SystemError) -> Descriptor {
    let socket = try makeSocket(path)
    try withAddress(path) { (address, length) throws(SystemError) in
      try systemCall("connect", path) { Glibc.connect(socket.number, address, length) }
    }
    return socket
  }

  /// As `connect`, but the listener sees the calling thread as another user's; only root may.
  ///
  /// - Throws: EPERM where the caller isn't root, EACCES where that user may not open the path.
  public static func connect(_ path: String, asUser uid: UInt32) throws(SystemError) -> Descriptor {
    let own = geteuid()
    // The kernel keeps users by thread: the library's seteuid would change all of them.
    try systemCall("setresuid", "user \(uid)") { clinux_set_thread_user(uid) }
    defer { _ = clinux_set_thread_user(own) }
    return try connect(path)
  }

  /// The next connection of a listener (of any family), nil when none waits.
  public static func accept(_ listener: Descriptor) throws(SystemError) -> Descriptor? {
    let number = listener.number
    do throws(SystemError) {
      return Descriptor(
        owning: try systemCall("accept4", "descriptor \(number)") {
          clinux_accept(number)
        })
    } catch {
      // The peer gave up while it waited: the next call finds the next one, or none.
      if error.isWouldBlock || error.code == ECONNABORTED { return nil }
      throw error
    }
  }

  /// Whether the peer has still to read something that was sent here.
  public static func hasUnreadOutput(_ socket: Descriptor) throws(SystemError) -> Bool {
    let number = socket.number
    return try systemCall("ioctl", "SIOCOUTQ") { clinux_unread_output(number) } > 0
  }

  /// Two sockets connected to each other.
  public static func pair() throws(SystemError) -> (Descriptor, Descriptor) {
    var numbers: [Int32] = [-1, -1]
    try systemCall("socketpair") { socketpair(AF_UNIX, kind, 0, &numbers) }
    return (Descriptor(owning: numbers[0]), Descriptor(owning: numbers[1]))
  }

  /// Who connected to, or listens behind, this socket.
  public static func peerCredentials(_ socket: Descriptor) throws(SystemError) -> PeerCredentials {
    var (pid, uid, gid) = (Int32(0), UInt32(0), UInt32(0))
    try systemCall("getsockopt(SO_PEERCRED)") {
      clinux_peer_credentials(socket.number, &pid, &uid, &gid)
    }
    return PeerCredentials(pid: pid, uid: uid, gid: gid)
  }

  private static func makeSocket(_ path: String) throws(SystemError) -> Descriptor {
    Descriptor(owning: try systemCall("socket", path) { socket(AF_UNIX, kind, 0) })
  }

  private static func withAddress(
    _ path: String,
    _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemError) -> Void
  ) throws(SystemError) {
    let bytes = Array(path.utf8)
    if bytes.isEmpty || bytes.count > pathBytesMax || bytes.contains(0) {
      throw SystemError(code: ENAMETOOLONG, call: "bind", subject: path)
    }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    var failure: SystemError?
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        do throws(SystemError) {
          try body(address, socklen_t(MemoryLayout<sockaddr_un>.size))
        } catch {
          failure = error
        }
      }
    }
    if let failure { throw failure }
  }
}
