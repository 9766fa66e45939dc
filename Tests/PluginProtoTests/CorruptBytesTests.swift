import PluginProto
import SeededRandom
import Testing

@Suite struct CorruptBytesTests {
  /// Decodes; what decodes must also encode. Neither may trap.
  private func feed(_ type: any ProtoMessage.Type, _ bytes: [UInt8]) {
    func decode<Message: ProtoMessage>(_ type: Message.Type) {
      do throws(ProtoDecodingError) {
        _ = try Message(serialized: bytes).serialized()
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
    decode(type)
  }

  @Test("no message traps, whichever byte of it is changed", arguments: GoldenMessage.all)
  func everyByte(_ golden: GoldenMessage) throws {
    let type = try #require(messageTypes[golden.name])
    for index in golden.bytes.indices {
      var bytes = golden.bytes
      for replacement in [0x00, 0x7F, 0x80, 0xFF, ~bytes[index], bytes[index] ^ 1] as [UInt8] {
        bytes[index] = replacement
        feed(type, bytes)
      }
      feed(type, Array(golden.bytes[..<index]))
      feed(type, Array(golden.bytes[index...]))
    }
  }

  @Test("random bytes do not trap")
  func random() {
    var generator = SplitMix64(seed: 42)
    for _ in 0..<2_000 {
      let count = Int.random(in: 0..<64, using: &generator)
      let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
      for type in [PluginV1.ExecuteRequest.self, PluginV1.TaskReply.self] as [any ProtoMessage.Type]
      {
        feed(type, bytes)
      }
    }
  }

  @Test("a truncated message is malformed")
  func truncated() {
    #expect(throws: ProtoDecodingError(message: "mortise.plugin.v1.Complete", problem: .malformed))
    {
      try PluginV1.Complete(serialized: [0x0A, 5, 1])
    }
  }

  @Test("a string that is not UTF-8 is refused, naming its field")
  func invalidUTF8() {
    let expected = ProtoDecodingError(
      message: "mortise.plugin.v1.Failed", problem: .invalidUTF8(field: "message"))
    #expect(throws: expected) { try PluginV1.Failed(serialized: [0x12, 2, 0xC3, 0x28]) }
  }

  @Test("a string in a nested message is checked too")
  func nestedInvalidUTF8() {
    #expect(throws: ProtoDecodingError.self) {
      try PluginV1.TaskReply(serialized: [0x22, 4, 0x12, 2, 0xC3, 0x28])
    }
  }

  @Test("a message that would allocate far more than it holds is refused, and the next one works")
  func amplification() throws {
    // Two bytes each: an empty Intent in ExecuteRequest.intents (field 8).
    let bytes = Array(repeatElement([0x42, 0] as [UInt8], count: 1_500_000).joined())
    #expect(throws: ProtoDecodingError.self) { try PluginV1.ExecuteRequest(serialized: bytes) }
    #expect(try PluginV1.Complete(serialized: [0x0A, 1, 9]).outputs == [9])
  }

  @Test("a message of 4 MiB of payload is read and written whole")
  func large() throws {
    let message = PluginV1.Complete(outputs: [UInt8](repeating: 7, count: 4 << 20))
    #expect(try PluginV1.Complete(serialized: message.serialized()) == message)
  }
}
