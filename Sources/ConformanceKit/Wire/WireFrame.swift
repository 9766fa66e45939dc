/// A frame as its bytes say, whether the protocol allows it or not.
///
/// The kit reads and writes frames by itself: with the SDK's codec on both sides a defect of that
/// would never show.
///
/// - SeeAlso: proto/PROTOCOL.md, "Frame".
package struct WireFrame: Sendable, Equatable {
  package static let headerBytes = 10
  /// The longest data that a frame may have.
  package static let dataBytesMax = 4 << 20

  /// What a frame is, by its number.
  package enum Kind {
    package static let request: UInt8 = 1
    package static let response: UInt8 = 2
    package static let data: UInt8 = 3
  }

  /// Bits of `flags`.
  package enum Flag {
    package static let remoteClosed: UInt8 = 1
    package static let remoteOpen: UInt8 = 2
    package static let noData: UInt8 = 4
  }

  package var stream: UInt32
  package var kind: UInt8
  package var flags: UInt8
  package var data: [UInt8]

  package init(stream: UInt32, kind: UInt8, flags: UInt8 = 0, data: [UInt8] = []) {
    self.stream = stream
    self.kind = kind
    self.flags = flags
    self.data = data
  }

  /// The frame as it travels.
  package var bytes: [UInt8] {
    Self.bigEndian(UInt32(data.count)) + Self.bigEndian(stream) + [kind, flags] + data
  }

  /// A header alone, which may announce what never comes.
  package static func header(
    length: UInt32, stream: UInt32, kind: UInt8, flags: UInt8 = 0
  ) -> [UInt8] {
    bigEndian(length) + bigEndian(stream) + [kind, flags]
  }

  /// Takes the first whole frame off the bytes; nil until there is one.
  package static func take(from bytes: inout [UInt8]) -> WireFrame? {
    guard bytes.count >= headerBytes else { return nil }
    let length = Int(number(bytes[0..<4]))
    guard bytes.count >= headerBytes + length else { return nil }
    let frame = WireFrame(
      stream: number(bytes[4..<8]), kind: bytes[8], flags: bytes[9],
      data: Array(bytes[headerBytes..<headerBytes + length]))
    bytes.removeFirst(headerBytes + length)
    return frame
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }
}
