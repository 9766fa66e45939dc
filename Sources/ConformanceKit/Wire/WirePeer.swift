internal import LinuxSystem
package import PluginProto
package import TTRPC

/// How a call ended, as the wire says.
package struct WireAnswer: Sendable {
  package var code: RPCCode
  package var reason: String
  package var message: String
  package var payload: [UInt8]

  package init(_ response: TTRPCProto.Response) {
    let status = response.status
    code = RPCCode(rawValue: status?.code ?? 0) ?? .unknown
    message = status?.message ?? ""
    let info = status?.details.first { $0.typeURL.hasSuffix("google.rpc.ErrorInfo") }
    reason = info.flatMap { try? RPCStatus.ErrorInfo(serialized: $0.value).reason } ?? ""
    payload = response.payload
  }

  /// "INVALID_ARGUMENT (StreamIDNotOdd)".
  package var description: String {
    reason.isEmpty ? code.name : "\(code.name) (\(reason))"
  }
}

/// A host that speaks in frames: it may send what no client would.
package final class WirePeer: Sendable {
  package let connection: WireConnection
  private let loop: EventLoop
  private let patience: Duration

  package init(_ connection: WireConnection, on loop: EventLoop, patience: Duration) {
    self.connection = connection
    self.loop = loop
    self.patience = patience
  }

  /// A request's frame.
  package static func request(
    _ service: String, _ method: String, _ payload: [UInt8], stream: UInt32, flags: UInt8 = 0,
    timeout: Duration = .zero
  ) -> WireFrame {
    let envelope = TTRPCProto.Request(
      service: service, method: method, payload: payload,
      timeoutNano: Int64(clamping: timeout.wholeNanoseconds))
    return WireFrame(
      stream: stream, kind: WireFrame.Kind.request, flags: flags, data: envelope.serialized())
  }

  package static func request<Request, Reply>(
    _ method: Method<Request, Reply>, _ request: Request, stream: UInt32, flags: UInt8 = 0,
    timeout: Duration = .zero
  ) -> WireFrame {
    self.request(
      method.service, method.name, request.serialized(), stream: stream, flags: flags,
      timeout: timeout)
  }

  package func send(_ frame: WireFrame) async throws { try await connection.send(frame) }

  /// The answer on a stream; those on other streams are dropped.
  package func answer(on stream: UInt32, _ what: String) async throws -> WireAnswer {
    let answers = try await answers(on: [stream], what)
    guard let answer = answers[stream] else {
      throw CaseFailure("\(what) was not answered: the plugin closed the connection")
    }
    return answer
  }

  /// The answer on a stream; nil where all the others were answered before.
  package func answer(on stream: UInt32, before others: [UInt32]) async throws -> WireAnswer? {
    try await loop.within(patience, "answers on \(others)") { [connection] in
      var open = Set(others)
      while !open.isEmpty, let frame = try await connection.next() {
        if frame.stream == stream {
          return WireAnswer(try TTRPCProto.Response(serialized: frame.data))
        }
        open.remove(frame.stream)
      }
      return nil
    }
  }

  /// The answers on these streams, in any order; without those that the end of the connection cut off.
  package func answers(
    on streams: Set<UInt32>, _ what: String
  ) async throws -> [UInt32: WireAnswer] {
    try await loop.within(patience, what) { [connection] in
      var answers: [UInt32: WireAnswer] = [:]
      while answers.count < streams.count {
        guard let frame = try await connection.next() else { break }
        guard frame.kind == WireFrame.Kind.response, streams.contains(frame.stream) else {
          continue
        }
        if answers[frame.stream] != nil {
          throw CaseFailure("stream \(frame.stream) was answered twice")
        }
        answers[frame.stream] = WireAnswer(try TTRPCProto.Response(serialized: frame.data))
      }
      return answers
    }
  }

  /// Sends a request and takes its answer.
  package func call<Request, Reply>(
    _ method: Method<Request, Reply>, _ request: Request, stream: UInt32
  ) async throws -> WireAnswer {
    try await send(Self.request(method, request, stream: stream))
    return try await answer(on: stream, method.name)
  }

  package func close() { connection.close() }
}
