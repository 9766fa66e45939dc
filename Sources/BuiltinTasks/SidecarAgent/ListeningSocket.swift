import Glibc
import LinuxSystem

/// A TCP socket that listens on one IPv4 address, made here and not by the HTTP library, so that
/// a port chosen by the kernel is known and errors name the address.
struct ListeningSocket {
  static let backlog: Int32 = 64

  let descriptor: Descriptor
  let port: UInt16

  init(address: String, port: UInt16) throws(AgentError) {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    guard inet_pton(AF_INET, address, &name.sin_addr) == 1 else {
      throw .setting(name: "POD_IP", problem: "'\(address)' is no IPv4 address")
    }
    let subject = "\(address):\(port)"
    func check(_ result: Int32, _ call: String) throws(AgentError) {
      guard result >= 0 else {
        throw .system(SystemError(code: errno, call: call, subject: subject))
      }
    }
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
    try check(number, "socket")
    descriptor = Descriptor(owning: number)
    // A restarted agent must not wait for the connections of the one before it to time out.
    var yes: Int32 = 1
    try check(
      setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size)),
      "setsockopt")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, length) }
    }
    try check(bound, "bind")
    try check(listen(number, Self.backlog), "listen")
    let named = withUnsafeMutablePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(number, $0, &length) }
    }
    try check(named, "getsockname")
    self.port = UInt16(bigEndian: name.sin_port)
  }
}
