import Glibc
import JSON
import LinuxSystem
import PluginProto
import Testing

/// A real server behind a real proxy: redis, held back until a file appears.
@Suite("Services", .serialized, .timeLimit(.minutes(10)))
struct ServiceTests {
  let scenario = Scenario()

  static let heldBackRedis = """
    until [ -e "$DATA_DIR/go" ]; do sleep 0.02; done
    exec redis-server --bind "$POD_IP" --port 6379 --dir "$DATA_DIR" --save '' --protected-mode no
    """
  static let probe: JSONValue = ["tcpSocket": ["port": 6379], "periodMilliseconds": 100]

  func makeDriver() async throws -> DriverProcess {
    try await DriverProcess(in: scenario.directory)
  }

  /// Sends a line and returns the answer's first line; nil where the connection is refused.
  static func ask(_ address: String, _ port: UInt16, _ line: String) throws -> String? {
    let connection = try connect(address, port)
    guard let connection else { return nil }
    try connection.writeAll(Array("\(line)\r\n".utf8))
    return try answer(connection)
  }

  static func answer(_ connection: Descriptor) throws -> String {
    var item = pollfd(fd: connection.number, events: Int16(POLLIN), revents: 0)
    #expect(poll(&item, 1, 10_000) == 1)
    let bytes = try connection.read(upTo: 4096)
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
  }

  static func connect(_ address: String, _ port: UInt16) throws -> Descriptor? {
    let connection = Descriptor(owning: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    #expect(inet_pton(AF_INET, address, &name.sin_addr) == 1)
    let status = withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(connection.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if status == 0 { return connection }
    #expect(errno == ECONNREFUSED)
    return nil
  }

  @Test("a service refuses until a pod is ready, forwards then, and goes on without its driver")
  func lifecycle() async throws {
    try scenario.image("redis:7", Self.heldBackRedis)
    var driver = try await makeDriver()
    let claim = try await driver.apply(Scenario.claim)
    let path = try #require(claim["path"]?.string)
    let set = Scenario.set(image: "redis:7", probe: Self.probe)
    try await driver.apply(set)
    let address = try #require(try await driver.apply(Scenario.service())["address"]?.string)
    #expect(address.hasPrefix("127.76."))
    try await driver.observe(set) { $0.pids.count == 1 }
    #expect(try Self.ask(address, 6380, "PING") == nil, "not ready: refused")

    try AtomicFile.write([], to: "\(path)/go")
    let ready = try await driver.observe(Scenario.service()) { $0["ready"]?.bool == true }
    #expect(ready["endpoints"]?.array?.count == 1)
    #expect(try Self.ask(address, 6380, "SET key value") == "+OK")
    let kept = try #require(try Self.connect(address, 6380))

    driver.kill()
    #expect(try Self.ask(address, 6380, "GET key") == "$5", "no driver: still served")
    driver = try await makeDriver()
    let adopted = try await driver.verify(Scenario.service())
    #expect(adopted.presence == .matches && adopted.observed["ready"]?.bool == true)
    try kept.writeAll(Array("PING\r\n".utf8))
    #expect(try Self.answer(kept) == "+PONG", "a connection outlives the driver")

    try FileSystem.remove("\(path)/go")
    let pod = try await driver.verify(set).observed.pods[0]
    try await driver.apply(Scenario.eviction(of: pod))
    try await driver.observe(Scenario.service()) { $0["ready"]?.bool == false }
    #expect(try Self.ask(address, 6380, "PING") == nil, "the successor is held back: refused")
    #expect(try kept.read(upTo: 1).isEmpty, "connections to a pod that is gone are ended")

    try await driver.remove(Scenario.service())
    try await driver.remove(set)
    try await driver.remove(Scenario.claim)
    driver.kill()
    #expect(try scenario.processes().isEmpty)
    #expect(try scenario.leftovers().isEmpty)
  }

  @Test("a proxy that dies is started again on the same address")
  func proxyDies() async throws {
    try scenario.image("redis:7", Self.heldBackRedis)
    let driver = try await makeDriver()
    let path = try #require(try await driver.apply(Scenario.claim)["path"]?.string)
    try AtomicFile.write([], to: "\(path)/go")
    let set = Scenario.set(image: "redis:7", probe: Self.probe)
    try await driver.apply(set)
    try await driver.apply(Scenario.service())
    let before = try await driver.observe(Scenario.service()) { $0["ready"]?.bool == true }
    let address = try #require(before["address"]?.string)
    let pid = try #require(before["proxyPID"]?.integer)
    Glibc.kill(pid_t(pid), SIGKILL)
    try await driver.observe(Scenario.service()) {
      $0["ready"]?.bool == true && $0["proxyPID"]?.integer != pid
    }
    #expect(try Self.ask(address, 6380, "PING") == "+PONG")
    try await driver.remove(Scenario.service())
    try await driver.remove(set)
  }

  /// Processor time that a process has used, in the kernel's ticks.
  static func ticks(_ pid: pid_t) throws -> Int {
    let text = String(decoding: try FileSystem.read("/proc/\(pid)/stat"), as: UTF8.self)
    let fields = try #require(text.split(separator: ")").last).split(separator: " ")
    return try #require(Int(fields[11])) + #require(Int(fields[12]))
  }

  @Test("a driver and a proxy with nothing to do use no processor time")
  func idle() async throws {
    try scenario.image("app:1", Scenario.sleeper)
    let driver = try await makeDriver()
    try await driver.apply(Scenario.claim)
    try await driver.apply(Scenario.set())
    try await driver.apply(Scenario.service())
    let service = try await driver.observe(Scenario.service()) { $0["ready"]?.bool == true }
    let proxy = pid_t(try #require(service["proxyPID"]?.integer))
    // The updates of what was just made are taken first; then the wait is one that nothing ends.
    for _ in 0..<10 { try await driver.waitForUpdate(milliseconds: 50) }
    let before = try Self.ticks(driver.process.pid) + Self.ticks(proxy)
    try await driver.waitForUpdate(milliseconds: 2000)
    let used = try Self.ticks(driver.process.pid) + Self.ticks(proxy) - before
    #expect(used <= 4, "\(used) ticks in two idle seconds")
    try await driver.remove(Scenario.service())
    try await driver.remove(Scenario.set())
  }
}
