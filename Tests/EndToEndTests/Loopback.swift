import Glibc
import LinuxSystem
import Testing

/// What a person would do with redis-cli and curl: one connection, one question, the whole answer.
enum Loopback {
  /// Nobody listens there.
  struct Refused: Error {}

  static func exchange(_ address: String, _ port: Int64, _ request: String) throws -> String {
    let descriptor = Descriptor(owning: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
    let number = descriptor.number
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = UInt16(port).bigEndian
    inet_pton(AF_INET, address, &place.sin_addr)
    let connected = withUnsafePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw Refused() }
    let bytes = Array(request.utf8)
    guard send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
      throw Refused()
    }
    var reply: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16384)
    while true {
      let count = recv(number, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      reply += buffer.prefix(count)
    }
    withExtendedLifetime(descriptor) {}
    return String(decoding: reply, as: UTF8.self)
  }
}

/// A redis server's inline protocol.
enum RedisClient {
  static func ask(_ address: String, _ port: Int64, _ command: String) throws -> String {
    let reply = try Loopback.exchange(address, port, "\(command)\r\nQUIT\r\n")
    // The service's proxy accepted and its server hung up: nobody serves.
    if reply.isEmpty { throw Loopback.Refused() }
    return reply
  }

  /// A line of INFO.
  static func info(_ address: String, _ port: Int64, _ field: String) throws -> String? {
    try ask(address, port, "INFO server").split(whereSeparator: \.isNewline)
      .first { $0.hasPrefix(field + ":") }.map { String($0.dropFirst(field.count + 1)) }
  }
}

enum HTTPClient {
  static func post(_ address: String, _ port: Int64, _ path: String, _ body: String) throws {
    let answer = try Loopback.exchange(
      address, port,
      "POST \(path) HTTP/1.1\r\nHost: \(address)\r\nContent-Type: application/json\r\n"
        + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)")
    try #require(answer.hasPrefix("HTTP/1.1 2"), "\(answer)")
  }
}
