import Testing

@testable import TTRPC

@Suite("the outbound buffer")
struct OutboundBufferTests {
  private func append(
    _ buffer: inout OutboundBuffer, _ stream: StreamID, _ payload: [UInt8], limit: Int = 1 << 20
  ) -> Bool {
    buffer.append(stream: stream, type: .data, limit: limit) { $0 += payload }
  }

  private func pending(_ buffer: OutboundBuffer) -> [UInt8] { buffer.withPending { Array($0) } }

  @Test("holds frames one after the other until they are written, in any portions")
  func portions() {
    let expected = frame(1, .data, [], [1, 2, 3]) + frame(3, .data) + frame(5, .data, [], [9])
    for portion in 1...expected.count {
      var buffer = OutboundBuffer()
      for (stream, payload): (StreamID, [UInt8]) in [(1, [1, 2, 3]), (3, []), (5, [9])] {
        #expect(append(&buffer, stream, payload))
      }
      var written: [UInt8] = []
      while !buffer.isEmpty {
        let part = Array(pending(buffer).prefix(portion))
        written += part
        buffer.written(part.count)
        #expect(buffer.writtenTotal == UInt64(written.count))
      }
      #expect(written == expected)
      #expect(buffer.appendedTotal == UInt64(expected.count))
    }
  }

  @Test("refuses data beyond the limit and stays as it was")
  func limit() {
    var buffer = OutboundBuffer()
    #expect(append(&buffer, 1, [1, 2], limit: 2))
    let before = pending(buffer)
    #expect(!append(&buffer, 3, [1, 2, 3], limit: 2))
    #expect(pending(buffer) == before)
    #expect(buffer.appendedTotal == UInt64(before.count))
  }

  @Test("stays in order while a slow socket never empties it")
  func neverEmpty() {
    var buffer = OutboundBuffer()
    var (expected, written): ([UInt8], [UInt8]) = ([], [])
    for round in 0..<40 {
      let payload = [UInt8](repeating: UInt8(round), count: 32 << 10)
      #expect(append(&buffer, 1, payload))
      expected += frame(1, .data, [], payload)
      let part = Array(pending(buffer).prefix(30 << 10))
      written += part
      buffer.written(part.count)
    }
    #expect(written + pending(buffer) == expected)
  }
}
