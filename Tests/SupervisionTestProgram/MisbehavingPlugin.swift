import Glibc
import LinuxSystem
import PluginProto

/// A plugin that introduces itself properly and then breaks the protocol, byte by byte: each Execute's
/// params name the misdeed, as they are or as the first string of an object. `--updates N`: every Updates is
/// answered at once, with N changes. `--timeout MS`: of its task type.
///
/// It blocks in its system calls, so that nothing of the library under test is in the way.
struct MisbehavingPlugin {
  private let listener: Int32
  private let liveness: Int32
  private let updates: Int
  private let timeoutMS: Int
  /// Reads on and answers nothing any more.
  private var isMute = false
  /// A response that is held back.
  private var late: [UInt8] = []

  private enum FrameType: UInt8 {
    case response = 2
    case data = 3
  }

  init(arguments: [String]) {
    listener = Self.number("MORTISE_LISTEN_FD")
    liveness = Self.number("MORTISE_LIVENESS_FD")
    func number(_ flag: String) -> Int {
      arguments.firstIndex(of: flag).flatMap { Int(arguments[$0 + 1]) } ?? 0
    }
    updates = number("--updates")
    timeoutMS = number("--timeout")
    _ = fcntl(listener, F_SETFL, 0)
    signal(SIGPIPE, SIG_IGN)
  }

  private static func number(_ variable: String) -> Int32 {
    Int32(String(cString: getenv(variable)))!
  }

  mutating func run() -> Never {
    while true {
      waitForInput(listener)
      let connection = accept(listener, nil, nil)
      while let (stream, payload) = nextFrame(connection) { answer(stream, payload, connection) }
      close(connection)
    }
  }

  /// Ends with the host.
  private func waitForInput(_ descriptor: Int32) {
    var watched = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: liveness, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&watched, 2, -1) < 0 {}
    if watched[1].revents != 0 { exit(0) }
  }

  private func waitForEver() -> Never {
    var byte: UInt8 = 0
    while Glibc.read(liveness, &byte, 1) > 0 {}
    exit(0)
  }

  private func read(_ connection: Int32, _ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var have = 0
    while have < count {
      waitForInput(connection)
      let got = bytes.withUnsafeMutableBytes {
        Glibc.read(connection, $0.baseAddress! + have, count - have)
      }
      if got <= 0 { return nil }
      have += got
    }
    return bytes
  }

  private func nextFrame(_ connection: Int32) -> (stream: UInt32, payload: [UInt8])? {
    guard let header = read(connection, 10) else { return nil }
    func integer(_ at: Int) -> UInt32 { header[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) } }
    guard let payload = read(connection, Int(integer(0))) else { return nil }
    return (integer(4), payload)
  }

  private mutating func answer(_ stream: UInt32, _ payload: [UInt8], _ connection: Int32) {
    guard !isMute, let request = try? TTRPCProto.Request(serialized: payload) else { return }
    switch request.method {
    case "Handshake":
      let nonce = (try? PluginV1.HandshakeRequest(serialized: request.payload))?.nonce ?? ""
      reply(
        PluginV1.HandshakeReply(protocolMajor: 1, pluginInstance: "m", nonce: nonce), stream,
        connection)
    case "Describe":
      let type = PluginV1.TaskTypeDescription(
        type: "test.do", version: "1.0.0", timeoutMS: UInt32(timeoutMS))
      let name = String(cString: getenv("MORTISE_PLUGIN"))
      reply(
        PluginV1.DescribeReply(name: name, version: "1.0.0", taskTypes: [type]), stream, connection)
    case "Configure":
      reply(PluginV1.ConfigureReply(), stream, connection)
    case "Updates":
      let tasks = (0..<updates).map { PluginV1.TaskUpdate(taskID: "t\($0)", attempt: 1) }
      reply(PluginV1.UpdatesReply(cursor: 1, tasks: tasks), stream, connection)
    case "Execute":
      let params = (try? PluginV1.ExecuteRequest(serialized: request.payload))?.params ?? []
      let text = String(decoding: params, as: UTF8.self)
      let words = text.split(separator: "\"")
      misbehave(words.count > 3 ? String(words[3]) : text, stream, connection)
    case "Shutdown":
      reply(PluginV1.ShutdownReply(), stream, connection)
      exit(0)
    default:
      let status = RPCStatus.Status(code: 12, message: "not here")
      send(frame(stream, .response, TTRPCProto.Response(status: status).serialized()), connection)
    }
  }

  private mutating func misbehave(_ misdeed: String, _ stream: UInt32, _ connection: Int32) {
    let first = frame(stream, .response, complete("first"))
    switch misdeed {
    case "stop-reading": waitForEver()
    case "stop-writing": isMute = true
    case "dribble": dribble(first, connection)
    case "late": late = first
    case "duplicate": send(first + frame(stream, .response, complete("second")), connection)
    case "oversized":
      send(frame(stream, .response, [UInt8](repeating: 0, count: (4 << 20) + 1)), connection)
    case "4-gib": send([0xFF, 0xFF, 0xFF, 0xFF] + first.dropFirst(4), connection)
    case "garbage": send(Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8), connection)
    case "zeros": while send([UInt8](repeating: 0, count: 1 << 16), connection) {}
    case "unknown-stream": send(frame(0x7FFF_FFFF, .response, complete("first")), connection)
    case "even-stream": send(frame(2, .response, complete("first")), connection)
    case "flood-ended": flood(frame(1, .response, complete("again and again")), connection)
    case "flood-own": flood(frame(stream, .data, [UInt8](repeating: 0, count: 1 << 12)), connection)
    case "flood-log":
      send(first, connection)
      let lines = [UInt8](repeating: UInt8(ascii: "x"), count: 4095) + [UInt8(ascii: "\n")]
      while Glibc.write(STDERR_FILENO, lines, lines.count) > 0 {}
    default:
      send(late + frame(stream, .response, complete(misdeed)), connection)
      late = []
    }
  }

  private func complete(_ text: String) -> [UInt8] {
    let reply = PluginV1.TaskReply(outcome: .complete(PluginV1.Complete(outputs: Array(text.utf8))))
    return TTRPCProto.Response(payload: reply.serialized()).serialized()
  }

  private func dribble(_ bytes: [UInt8], _ connection: Int32) {
    for byte in bytes {
      guard send([byte], connection) else { return }
      var host = pollfd(fd: liveness, events: Int16(POLLIN), revents: 0)
      if poll(&host, 1, 1000) != 0 { exit(0) }
    }
  }

  private func flood(_ frame: [UInt8], _ connection: Int32) {
    let many = Array(repeatElement(frame, count: 64).joined())
    while send(many, connection) {}
  }

  private func reply(_ message: some ProtoMessage, _ stream: UInt32, _ connection: Int32) {
    let response = TTRPCProto.Response(payload: message.serialized())
    send(frame(stream, .response, response.serialized()), connection)
  }

  private func frame(_ stream: UInt32, _ type: FrameType, _ payload: [UInt8]) -> [UInt8] {
    let length = UInt32(payload.count)
    let numbers = [length, stream].flatMap { number in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
    return numbers + [type.rawValue, 0] + payload
  }

  /// - Returns: false where the host has closed the connection.
  @discardableResult
  private func send(_ bytes: [UInt8], _ connection: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
      if sent <= 0 { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }
}
