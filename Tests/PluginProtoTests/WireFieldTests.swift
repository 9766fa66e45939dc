import PluginProto
import Testing

/// Envelopes are read and written field by field; it must be the same as by the message.
@Suite("fields of the wire format")
struct WireFieldTests {
  private static let requests: [TTRPCProto.Request] = [
    TTRPCProto.Request(),
    TTRPCProto.Request(service: "s", method: "m"),
    TTRPCProto.Request(service: "test.Echo", method: "Echo", payload: [1, 2, 3], timeoutNano: 1),
    TTRPCProto.Request(
      service: "test.Echo", method: "Echo", payload: [UInt8](repeating: 7, count: 300),
      timeoutNano: .max),
    TTRPCProto.Request(payload: [UInt8](repeating: 9, count: 70_000)),
  ]

  private func read(_ bytes: [UInt8]) -> TTRPCProto.Request? {
    bytes.withUnsafeBytes { bytes in
      var fields = PlainFieldReader(bytes)
      let request = TTRPCProto.Request(
        service: String(decoding: fields.bytes(1), as: UTF8.self),
        method: String(decoding: fields.bytes(2), as: UTF8.self),
        payload: Array(fields.bytes(3)), timeoutNano: fields.integer(4))
      return fields.isComplete ? request : nil
    }
  }

  @Test("reading where it lies gives what decoding gives", arguments: requests)
  func reading(_ request: TTRPCProto.Request) {
    #expect(read(request.serialized()) == request)
  }

  @Test("a message as a field is that of the message around it", arguments: requests)
  func asField(_ request: TTRPCProto.Request) throws {
    var bytes: [UInt8] = [0xAA]
    request.serialize(into: &bytes, asField: 2)
    let envelope = TTRPCProto.Response(payload: request.serialized())
    #expect(bytes == [0xAA] + envelope.serialized())
  }

  @Test("whatever is not plain is declined: metadata, wrong order, a field twice, negative numbers")
  func declined() throws {
    let metadata = TTRPCProto.Request(
      service: "s", metadata: [TTRPCProto.KeyValue(key: "k", value: "v")])
    #expect(read(metadata.serialized()) == nil)
    let service = TTRPCProto.Request(service: "s").serialized()
    let method = TTRPCProto.Request(method: "m").serialized()
    #expect(read(service + method) != nil)
    #expect(read(method + service) == nil)
    #expect(read(service + service) == nil)
    #expect(read(TTRPCProto.Request(timeoutNano: -1).serialized()) == nil)
  }

  @Test("bytes that are cut or changed anywhere are declined or decoded alike")
  func corrupt() {
    let whole = Self.requests[2].serialized()
    for end in whole.indices { compare(Array(whole[..<end])) }
    for index in whole.indices {
      for bit in 0..<8 {
        var bytes = whole
        bytes[index] ^= 1 << UInt8(bit)
        compare(bytes)
      }
    }
  }

  private func compare(_ bytes: [UInt8]) {
    guard let plain = read(bytes) else { return }
    // Names that are no UTF-8 are refused by decoding, and by the router as names that it lacks.
    guard let decoded = try? TTRPCProto.Request(serialized: bytes) else {
      #expect(plain.service.contains("\u{FFFD}") || plain.method.contains("\u{FFFD}"))
      return
    }
    #expect(plain == decoded, "\(bytes)")
  }
}
