/// Fields of protobuf's wire format: as much of it as envelopes need.
///
/// - SeeAlso: https://protobuf.dev/programming-guides/encoding
public enum WireField {
  private static let lengthDelimited: UInt8 = 2

  /// Appends what precedes the bytes of a length-delimited field.
  ///
  /// - Parameter number: 1 to 15, so that its tag is one byte.
  public static func appendHeader(_ number: Int, length: Int, to bytes: inout [UInt8]) {
    precondition((1...15).contains(number), "field numbers above 15 take longer tags")
    bytes.append(UInt8(number) << 3 | lengthDelimited)
    appendVarint(UInt64(length), to: &bytes)
  }

  /// Appends an integer in groups of seven bits, the lowest first.
  public static func appendVarint(_ value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

/// Reads a message's fields where they lie, without decoding them.
///
/// It knows the plain form alone: fields in rising order, each at most once, tags of one byte. That
/// is what encoders write. Whatever else protobuf allows it declines, and the caller decodes the
/// message as a whole.
///
/// - Invariant: no bytes trap, and what it reads is what decoding reads (guarded by
///   `WireFieldTests`).
public struct PlainFieldReader {
  private var rest: UnsafeRawBufferPointer.SubSequence
  private var isDeclined = false

  /// - Parameter bytes: valid as long as anything that is read of them.
  public init(_ bytes: UnsafeRawBufferPointer) { rest = bytes[...] }

  /// The bytes of a length-delimited field if it comes next; empty where it is absent.
  public mutating func bytes(_ number: UInt8) -> UnsafeRawBufferPointer {
    guard takeTag(number << 3 | 2) else { return UnsafeRawBufferPointer(rebasing: rest.prefix(0)) }
    guard let length = varint(), length <= UInt64(rest.count) else { return decline() }
    defer { rest = rest.dropFirst(Int(length)) }
    return UnsafeRawBufferPointer(rebasing: rest.prefix(Int(length)))
  }

  /// The value of an integer field if it comes next; 0 where it is absent.
  public mutating func integer(_ number: UInt8) -> Int64 {
    guard takeTag(number << 3) else { return 0 }
    guard let value = varint() else {
      _ = decline()
      return 0
    }
    return Int64(bitPattern: value)
  }

  /// Whether all of the message was read; where it was not, nothing that was read counts.
  public var isComplete: Bool { !isDeclined && rest.isEmpty }

  private mutating func takeTag(_ tag: UInt8) -> Bool {
    guard rest.first == tag else { return false }
    rest = rest.dropFirst()
    return true
  }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 63, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    // Ten bytes: negative numbers, which no plain envelope has.
    return nil
  }

  private mutating func decline() -> UnsafeRawBufferPointer {
    isDeclined = true
    return UnsafeRawBufferPointer(rebasing: rest.prefix(0))
  }
}
