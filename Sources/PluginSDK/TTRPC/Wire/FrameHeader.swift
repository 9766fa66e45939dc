/// Number of a stream within its connection: odd for those that a client opens.
typealias StreamID = UInt32

/// What a frame is. Other types exist in no version and are skipped, so that later ones may add.
struct FrameType: RawRepresentable, Hashable, Sendable {
  let rawValue: UInt8

  /// Opens a stream.
  static let request = FrameType(rawValue: 1)
  /// Ends a stream.
  static let response = FrameType(rawValue: 2)
  /// One message of a stream.
  static let data = FrameType(rawValue: 3)
}

/// What a frame says about its stream.
struct FrameFlags: OptionSet, Hashable, Sendable {
  let rawValue: UInt8

  /// The sender won't send any more on this stream.
  static let remoteClosed = FrameFlags(rawValue: 1)
  /// The sender will send data on this stream.
  static let remoteOpen = FrameFlags(rawValue: 2)
  /// There is no message in the frame, not even an empty one.
  static let noData = FrameFlags(rawValue: 4)
}

/// The ten bytes before every frame's data.
///
/// - SeeAlso: proto/PROTOCOL.md, "Frame".
struct FrameHeader: Hashable, Sendable {
  static let size = 10
  /// Holds the header's place until the data's length is known.
  static let placeholder = [UInt8](repeating: 0, count: size)

  /// Bytes of data that follow.
  var length: Int
  var stream: StreamID
  var type: FrameType
  var flags: FrameFlags

  init(length: Int, stream: StreamID, type: FrameType, flags: FrameFlags = []) {
    self.length = length
    self.stream = stream
    self.type = type
    self.flags = flags
  }

  /// Reads the first ten bytes of `bytes`, which has them.
  init(parsing bytes: UnsafeRawBufferPointer) {
    length = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)))
    stream = StreamID(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    type = FrameType(rawValue: bytes[8])
    flags = FrameFlags(rawValue: bytes[9])
  }

  /// Writes the ten bytes over those at `offset`.
  func write(over bytes: inout [UInt8], at offset: Int) {
    // Byte by byte: a closure over the array's memory is an allocation where nothing is optimised.
    let length = UInt32(length)
    for index in 0..<4 {
      let shift = 24 - 8 * UInt32(index)
      bytes[offset + index] = UInt8(truncatingIfNeeded: length >> shift)
      bytes[offset + 4 + index] = UInt8(truncatingIfNeeded: stream >> shift)
    }
    bytes[offset + 8] = type.rawValue
    bytes[offset + 9] = flags.rawValue
  }
}
