import Glibc
import LinuxSystem
import PluginProto

/// From the start of a program to its first answer, seen from outside.
///
/// The request is written as bytes, so that nothing of the caller's own start counts.
struct FirstCall {
  let peer: EchoPeer
  let socket: String
  private static let patienceMS: Int32 = 60_000

  init(_ peer: EchoPeer, directory: String) {
    self.peer = peer
    socket = "\(directory)/first.sock"
  }

  func measure() throws -> (milliseconds: Double, residentKiB: Double) {
    unlink(socket)
    let start = MonotonicTime.now()
    let server = try Program(
      peer.path, ["serve", socket] + peer.arguments)
    let connection = try connect(start)
    try send(Self.request(peer.wire), on: connection)
    try awaitAnswer(on: connection)
    let elapsed = MonotonicTime.now().duration(since: start)
    let resident = try server.statusKiB("VmRSS")
    connection.close()
    try server.end()
    return (Double(elapsed.wholeNanoseconds) / 1e6, resident)
  }

  private func connect(_ start: MonotonicTime) throws -> Descriptor {
    while true {
      if let connection = try? UnixSocket.connect(socket) { return connection }
      usleep(20)
      if MonotonicTime.now() > start + .milliseconds(Int(Self.patienceMS)) {
        throw BenchmarkError("\(peer.name) does not listen")
      }
    }
  }

  private func send(_ bytes: [UInt8], on connection: Descriptor) throws {
    let sent = try bytes.withUnsafeBytes { try connection.sendAvailable($0) }
    if sent != bytes.count { throw BenchmarkError("a fresh socket takes a small request") }
  }

  private func awaitAnswer(on connection: Descriptor) throws {
    var received: [UInt8] = []
    while !Self.isAnswered(received, peer.wire) {
      var poll = pollfd(fd: connection.number, events: Int16(POLLIN), revents: 0)
      if Glibc.poll(&poll, 1, Self.patienceMS) <= 0 {
        throw BenchmarkError("\(peer.name) does not answer")
      }
      let bytes = try connection.read(upTo: 4096)
      if bytes.isEmpty { throw BenchmarkError("\(peer.name) hung up") }
      received += bytes
    }
  }

  private static func request(_ wire: EchoPeer.Wire) -> [UInt8] {
    switch wire {
    case .frames:
      let body = TTRPCProto.Request(
        service: "test.Echo", method: "Echo",
        payload: HostV1.Manifest(source: "k", content: Array("first".utf8)).serialized()
      ).serialized()
      return [0, 0, 0, UInt8(body.count), 0, 0, 0, 1, 1, 0] + body
    case .grpc:
      // HTTP/2: the preface, empty SETTINGS, then HEADERS and DATA of stream 1.
      let headers: [UInt8] =
        [0x83, 0x86] + header(":path", "/test.Echo/Echo") + header(":authority", "localhost")
        + header("content-type", "application/grpc") + header("te", "trailers")
      let message: [UInt8] = [0, 0, 0, 0, 5] + Array("first".utf8)
      return Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(4, 0, 0, [])
        + frame(1, 4, 1, headers) + frame(0, 1, 1, message)
    }
  }

  /// HPACK: a literal that is not indexed, its name written out.
  private static func header(_ name: String, _ value: String) -> [UInt8] {
    [0, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
  }

  private static func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt8, _ body: [UInt8])
    -> [UInt8]
  { [0, 0, UInt8(body.count), type, flags, 0, 0, 0, stream] + body }

  private static func isAnswered(_ bytes: [UInt8], _ wire: EchoPeer.Wire) -> Bool {
    if wire == .frames { return bytes.count > 10 }
    var rest = bytes[...]
    while rest.count >= 9 {
      let head = Array(rest.prefix(9))
      let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
      // DATA: the answer itself.
      if head[3] == 0 { return rest.count >= 9 + length }
      rest = rest.dropFirst(9 + length)
    }
    return false
  }
}
