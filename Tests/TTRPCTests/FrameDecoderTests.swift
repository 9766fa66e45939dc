import Testing

@testable import TTRPC

/// What a decoder made of its input, as values that can be compared.
enum Decoded: Equatable {
  case frame(FrameHeader, [UInt8])
  case oversized(FrameHeader)
  case violation(FrameHeader)
}

/// Feeds the chunks one by one, as reads would, and collects what comes out.
func decode(_ chunks: [[UInt8]], limits: Limits = Limits()) -> [Decoded] {
  var decoder = FrameDecoder(limits: limits)
  var decoded: [Decoded] = []
  for chunk in chunks {
    var rest = chunk[...]
    while !rest.isEmpty {
      let space = decoder.space()
      let count = min(space.count, rest.count)
      space.copyBytes(from: rest.prefix(count))
      decoder.received(count)
      rest = rest.dropFirst(count)
      if !takeItems(&decoder, into: &decoded) { return decoded }
    }
  }
  return decoded
}

/// False once the input can't be followed any more.
private func takeItems(_ decoder: inout FrameDecoder, into decoded: inout [Decoded]) -> Bool {
  while true {
    do throws(FrameDecoder.Violation) {
      switch try decoder.next() {
      case .frame(let header, let payload): decoded.append(.frame(header, Array(payload)))
      case .oversized(let header): decoded.append(.oversized(header))
      case nil: return true
      }
    } catch {
      decoded.append(.violation(error.header))
      return false
    }
  }
}

func frame(
  _ stream: StreamID, _ type: FrameType, _ flags: FrameFlags = [], _ payload: [UInt8] = []
) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: FrameHeader.size)
  FrameHeader(length: payload.count, stream: stream, type: type, flags: flags)
    .write(over: &bytes, at: 0)
  return bytes + payload
}

@Suite("the frame decoder")
struct FrameDecoderTests {
  private static let input: [UInt8] =
    frame(1, .request, [], [1, 2, 3]) + frame(3, .data, [.remoteClosed, .noData])
    + frame(0xFFFF_FFFF, .response, [], [UInt8](0...255)) + frame(5, FrameType(rawValue: 77))

  private static let expected: [Decoded] = [
    .frame(FrameHeader(length: 3, stream: 1, type: .request), [1, 2, 3]),
    .frame(FrameHeader(length: 0, stream: 3, type: .data, flags: [.remoteClosed, .noData]), []),
    .frame(
      FrameHeader(length: 256, stream: 0xFFFF_FFFF, type: .response), [UInt8](0...255)),
    .frame(FrameHeader(length: 0, stream: 5, type: FrameType(rawValue: 77)), []),
  ]

  @Test("gives the same frames where the input is cut at any byte")
  func everyCut() {
    for cut in 0...Self.input.count {
      let chunks = [Array(Self.input[..<cut]), Array(Self.input[cut...])]
      #expect(decode(chunks) == Self.expected, "cut at \(cut)")
    }
  }

  @Test("gives the same frames byte by byte and all at once, many times over")
  func dripAndFlood() {
    #expect(decode(Self.input.map { [$0] }) == Self.expected)
    let many = (0..<1000).flatMap { _ in Self.input }
    #expect(decode([many]) == (0..<1000).flatMap { _ in Self.expected })
  }

  @Test("gives no part of a frame that isn't whole")
  func truncated() {
    let whole = frame(1, .request, [], [1, 2, 3])
    for length in 0..<whole.count { #expect(decode([Array(whole.prefix(length))]) == []) }
  }

  @Test("never traps, whichever byte is corrupt, and goes on or gives up")
  func corrupt() {
    for index in Self.input.indices {
      for mask: UInt8 in [0x01, 0x80, 0xFF] {
        var input = Self.input
        input[index] ^= mask
        let decoded = decode([input])
        // What came before the corrupt frame is unharmed.
        if index >= 13 { #expect(decoded.first == Self.expected.first) }
        #expect(decoded != Self.expected)
      }
    }
  }

  @Test("takes a frame of exactly the limit and throws a longer one away, however it is cut")
  func oversized() {
    var limits = Limits()
    limits.frameBytes = 8
    limits.discardedBytes = 20
    let fits = frame(1, .request, [], [UInt8](repeating: 7, count: 8))
    let tooLong = frame(3, .request, [], [UInt8](repeating: 7, count: 9))
    let longest = frame(5, .data, [], [UInt8](repeating: 7, count: 20))
    let input = fits + tooLong + longest + fits
    let expected: [Decoded] = [
      .frame(FrameHeader(length: 8, stream: 1, type: .request), [UInt8](repeating: 7, count: 8)),
      .oversized(FrameHeader(length: 9, stream: 3, type: .request)),
      .oversized(FrameHeader(length: 20, stream: 5, type: .data)),
      .frame(FrameHeader(length: 8, stream: 1, type: .request), [UInt8](repeating: 7, count: 8)),
    ]
    for cut in 0...input.count {
      #expect(decode([Array(input[..<cut]), Array(input[cut...])], limits: limits) == expected)
    }
    #expect(decode(input.map { [$0] }, limits: limits) == expected)
  }

  @Test("gives up on a frame too long to throw away, as soon as its header is there")
  func violation() {
    let header = FrameHeader(length: 16 << 20, stream: 9, type: .request)
    var bytes = [UInt8](repeating: 0, count: FrameHeader.size)
    header.write(over: &bytes, at: 0)
    #expect(decode([frame(1, .request) + bytes]).last == .violation(header))
    #expect(decode([Array(bytes.dropLast())]) == [])
  }

  @Test("keeps its buffer from frame to frame and gives a large one back")
  func memory() throws {
    var decoder = FrameDecoder(limits: Limits())
    let initial = decoder.capacity
    for length in [100, 60 << 10, 100] {
      feed(&decoder, frame(1, .data, [], [UInt8](repeating: 1, count: length)))
      #expect(decoder.capacity == initial)
    }
    feed(&decoder, frame(1, .data, [], [UInt8](repeating: 1, count: 4 << 20)))
    #expect(decoder.capacity > 4 << 20)
    _ = decoder.space()
    #expect(decoder.capacity == initial)
  }

  private func feed(_ decoder: inout FrameDecoder, _ bytes: [UInt8]) {
    var rest = bytes[...]
    var frames: [Decoded] = []
    while !rest.isEmpty {
      let space = decoder.space()
      let count = min(space.count, rest.count)
      space.copyBytes(from: rest.prefix(count))
      decoder.received(count)
      rest = rest.dropFirst(count)
      #expect(takeItems(&decoder, into: &frames))
    }
    #expect(frames.count == 1)
  }
}
