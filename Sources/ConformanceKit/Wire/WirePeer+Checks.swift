internal import PluginProto
internal import TTRPC

extension WirePeer {
  /// A Health request; where a size is given, its data has exactly that many bytes, most of them in a
  /// field that nobody knows.
  static func health(stream: UInt32, dataBytes: Int? = nil) -> WireFrame {
    func frame(padding: Int) -> WireFrame {
      request("mortise.plugin.v1.Plugin", "Health", unknownField(bytes: padding), stream: stream)
    }
    guard let dataBytes else {
      return request(
        PluginV1.Plugin.health, .init(call: .init(traceparent: "conformance")), stream: stream)
    }
    // Lengths of that size are all written with the same number of bytes.
    let guess = dataBytes - 1000
    return frame(padding: guess + dataBytes - frame(padding: guess).data.count)
  }

  /// Field 2000 with so many bytes.
  private static func unknownField(bytes count: Int) -> [UInt8] {
    var field: [UInt8] = [0x82, 0x7D]
    var rest = count
    while rest >= 0x80 {
      field.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    field.append(UInt8(rest))
    return field + [UInt8](repeating: 0, count: count)
  }

  /// The connection still answers.
  func requireAlive(stream: UInt32, after what: String) async throws {
    try await send(Self.health(stream: stream))
    let answer = try await answer(on: stream, "Health after \(what)")
    try require(
      answer.code == .ok, "after \(what) Health was answered with \(answer.description)")
  }
}

extension WireAnswer {
  func mustBe(_ codes: RPCCode...) throws(CaseFailure) {
    try require(
      codes.contains(code),
      "the answer was \(description), not \(codes.map(\.name).joined(separator: " or ")): \(message)"
        .prefixed)
  }
}

extension RPCError {
  func mustBe(_ codes: RPCCode..., for what: String) throws(CaseFailure) {
    try require(
      codes.contains(code),
      "\(what) was answered with \(self), not \(codes.map(\.name).joined(separator: " or "))"
        .prefixed)
  }
}
