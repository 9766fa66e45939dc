/// Frames that wait to be written, one after the other in one buffer, so that all of a turn leave
/// in one write.
struct OutboundBuffer {
  /// A buffer larger than this isn't kept once it is empty.
  private static let retainedBytes = 256 << 10

  private var bytes: [UInt8] = []
  private var head = 0
  /// Bytes that were ever appended; the position at which a frame begins tells later whether any
  /// byte of it was written.
  private(set) var appendedTotal: UInt64 = 0

  var count: Int { bytes.count - head }
  var isEmpty: Bool { count == 0 }
  /// Bytes that were ever written to the socket.
  var writtenTotal: UInt64 { appendedTotal - UInt64(count) }

  /// Appends a frame whose data `body` appends.
  ///
  /// - Returns: false where the data would be longer than `limit`; then nothing was appended.
  mutating func append(
    stream: StreamID, type: FrameType, flags: FrameFlags = [], limit: Int,
    _ body: (inout [UInt8]) -> Void
  ) -> Bool {
    let frameStart = bytes.count
    bytes.append(contentsOf: FrameHeader.placeholder)
    body(&bytes)
    let length = bytes.count - frameStart - FrameHeader.size
    if length > limit {
      bytes.removeSubrange(frameStart...)
      return false
    }
    let header = FrameHeader(length: length, stream: stream, type: type, flags: flags)
    header.write(over: &bytes, at: frameStart)
    appendedTotal += UInt64(FrameHeader.size + length)
    return true
  }

  /// What is to be written next.
  func withPending<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[head...])) }
  }

  /// So many bytes of the pending ones were written.
  mutating func written(_ count: Int) {
    precondition(count <= self.count, "more was written than there was")
    head += count
    if head == bytes.count {
      head = 0
      bytes.removeAll(keepingCapacity: bytes.capacity <= Self.retainedBytes)
    } else if head > Self.retainedBytes, head > bytes.count / 2 {
      bytes.removeSubrange(0..<head)
      head = 0
    }
  }
}
