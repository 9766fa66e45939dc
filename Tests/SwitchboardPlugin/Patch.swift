import ConformanceKit
import Glibc
import LinuxSystem
import PluginProto
import SwitchboardDefects
import Synchronization
import TTRPC

/// One connection through the switchboard.
///
/// - Isolation: the loop's thread, but for the mutexes' contents.
final class Patch: Sendable {
  /// A request whose answer has not gone by.
  struct Open: Sendable {
    var method: String
    var payload: [UInt8]
  }

  struct Streams: Sendable {
    var open: [UInt32: Open] = [:]
    var seen: Set<UInt32> = []
    var isGreeted = false
    var requestsInRead = 0
  }

  let defect: Defect?
  let number: Int
  let host: WireConnection
  let plugin: WireConnection
  let board: Switchboard
  let streams = Mutex(Streams())

  init(
    _ defect: Defect?, _ number: Int, host: WireConnection, plugin: WireConnection,
    board: Switchboard
  ) {
    self.defect = defect
    self.number = number
    self.host = host
    self.plugin = plugin
    self.board = board
  }

  func close() {
    host.close()
    plugin.close()
  }

  // MARK: From the host

  func passRequests() async {
    defer { plugin.finishSending() }
    var bytes: [UInt8] = []
    var splits: [Int] = []
    do {
      while let more = try await host.read() {
        bytes += more
        splits = (splits + [bytes.count]).suffix(3)
        if defect == .closesOnSplitHeaders, splits == [1, 2, 3] { return close() }
        if try await passGarbage(bytes) { return }
        streams.withLock { $0.requestsInRead = 0 }
        while let frame = WireFrame.take(from: &bytes) { try await take(frame) }
      }
      if defect == .diesOfCutOffFrames, !bytes.isEmpty { _exit(3) }
    } catch {
      close()
    }
  }

  /// What is no frame goes through as it is, and whatever comes after it.
  private func passGarbage(_ bytes: [UInt8]) async throws -> Bool {
    guard let first = bytes.first, first != 0 else { return false }
    if defect == .diesOfGarbage { _exit(3) }
    try await plugin.send(bytes: bytes)
    while let more = try await host.read() { try await plugin.send(bytes: more) }
    return true
  }

  private func take(_ frame: WireFrame) async throws {
    guard let passed = try await breakWire(frame) else { return }
    guard passed.kind == WireFrame.Kind.request, passed.stream % 2 == 1,
      let envelope = try? TTRPCProto.Request(serialized: passed.data)
    else { return try await plugin.send(passed) }
    var edited = envelope
    switch try await breakRequest(&edited) {
    case .pass: break
    case .answer(let response): return try await answer(passed.stream, response)
    case .drop: return
    }
    streams.withLock {
      $0.open[passed.stream] = Open(method: edited.method, payload: edited.payload)
    }
    var frame = passed
    if edited != envelope { frame.data = edited.serialized() }
    try await plugin.send(frame)
  }

  func answer(_ stream: UInt32, _ response: TTRPCProto.Response) async throws {
    try await host.send(
      WireFrame(stream: stream, kind: WireFrame.Kind.response, data: response.serialized()))
  }

  // MARK: From the plugin

  func passReplies() async {
    do {
      while var frame = try await plugin.next() {
        let open = streams.withLock { $0.open.removeValue(forKey: frame.stream) }
        if frame.kind == WireFrame.Kind.response, let open,
          var response = try? TTRPCProto.Response(serialized: frame.data)
        {
          let original = response
          breakReply(&response, to: open)
          if defect == .dropsPollsAtShutdown, open.method == "Updates",
            board.remember({ $0.isShuttingDown })
          {
            continue
          }
          if response != original { frame.data = response.serialized() }
        }
        if defect == .diesOfUnreadAnswers {
          guard try host.sendAvailable(frame.bytes[...]) != nil else { _exit(3) }
        } else {
          try await host.send(frame)
        }
      }
    } catch {
      // One of the two has hung up: so does the other.
    }
    close()
  }
}

/// What becomes of a request.
enum Passage {
  case pass
  case answer(TTRPCProto.Response)
  case drop
}

extension TTRPCProto.Response {
  static func ok(_ message: some ProtoMessage) -> TTRPCProto.Response {
    TTRPCProto.Response(payload: message.serialized())
  }

  static func error(_ code: RPCCode, _ reason: String = "Defect") -> TTRPCProto.Response {
    let info = RPCStatus.ErrorInfo(reason: reason, domain: "mortise")
    return TTRPCProto.Response(
      status: .init(
        code: code.rawValue, message: "by defect",
        details: [
          .init(typeURL: "type.googleapis.com/google.rpc.ErrorInfo", value: info.serialized())
        ]))
  }

  var reason: String {
    let detail = status?.details.first
    return detail.flatMap { try? RPCStatus.ErrorInfo(serialized: $0.value).reason } ?? ""
  }
}
