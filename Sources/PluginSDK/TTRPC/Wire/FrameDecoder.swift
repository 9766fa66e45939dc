/// Bytes in, frames out: pure, and without a copy between the read and the frame.
///
/// The shell reads straight into `space`, says how much came with `received`, and takes frames
/// until there is none. In steady state nothing is allocated: the buffer is kept, grows for a long
/// frame and shrinks again once that is taken.
///
/// - Invariant: the frames are the same however the bytes were cut (guarded by
///   `FrameDecoderTests`). No bytes trap.
struct FrameDecoder: ~Copyable {
  /// A whole piece of the input.
  enum Item {
    /// The payload is valid until `space` or `next` is called again.
    case frame(FrameHeader, payload: UnsafeRawBufferPointer)
    /// The data of this frame was longer than a frame may be and was thrown away.
    case oversized(FrameHeader)
  }

  /// A frame that is too long even to be thrown away: the input can't be followed any more.
  struct Violation: Error, Equatable {
    let header: FrameHeader
  }

  private static let initialBytes = 64 << 10
  /// A buffer larger than this isn't kept once it is empty.
  private static let retainedBytes = 256 << 10

  private let limits: Limits
  private var buffer: UnsafeMutableRawBufferPointer
  /// Received and not taken: `buffer[start..<end]`.
  private var start = 0
  private var end = 0
  private var discarding: (header: FrameHeader, remaining: Int)?

  init(limits: Limits) {
    self.limits = limits
    buffer = .allocate(byteCount: Self.initialBytes, alignment: 16)
  }

  deinit { buffer.deallocate() }

  /// Bytes of memory held now.
  var capacity: Int { buffer.count }

  /// Where the next bytes are to be read to; never empty.
  mutating func space() -> UnsafeMutableRawBufferPointer {
    let needed = max(bytesOfFrameAtStart, end - start + 1)
    if start == end {
      (start, end) = (0, 0)
      if buffer.count > Self.retainedBytes, needed <= Self.initialBytes {
        move(toCapacity: Self.initialBytes)
      }
    }
    if needed > buffer.count {
      move(toCapacity: needed)
    } else if start + needed > buffer.count || end == buffer.count {
      move(toCapacity: buffer.count)
    }
    return UnsafeMutableRawBufferPointer(rebasing: buffer[end...])
  }

  /// So many bytes were read into the last `space`.
  mutating func received(_ count: Int) {
    precondition(count >= 0 && end + count <= buffer.count, "more bytes than there was space for")
    end += count
  }

  /// The next item, nil until more bytes have come.
  mutating func next() throws(Violation) -> Item? {
    if discarding != nil { return discard() }
    guard end - start >= FrameHeader.size else { return nil }
    let header = FrameHeader(parsing: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
    if header.length > limits.frameBytes {
      if header.length > limits.discardedBytes { throw Violation(header: header) }
      start += FrameHeader.size
      discarding = (header, header.length)
      return discard()
    }
    let dataStart = start + FrameHeader.size
    guard end - dataStart >= header.length else { return nil }
    start = dataStart + header.length
    return .frame(
      header, payload: UnsafeRawBufferPointer(rebasing: buffer[dataStart..<start]))
  }

  private mutating func discard() -> Item? {
    guard let (header, remaining) = discarding else { return nil }
    let count = min(remaining, end - start)
    start += count
    discarding = remaining == count ? nil : (header, remaining - count)
    return remaining == count ? .oversized(header) : nil
  }

  /// How many bytes the frame that begins at `start` has in all; 0 while its header isn't whole.
  private var bytesOfFrameAtStart: Int {
    guard discarding == nil, end - start >= FrameHeader.size else { return 0 }
    let header = FrameHeader(parsing: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
    return header.length > limits.frameBytes ? 0 : FrameHeader.size + header.length
  }

  private mutating func move(toCapacity capacity: Int) {
    let pending = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
    if capacity == buffer.count {
      buffer.copyMemory(from: pending)
    } else {
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
      larger.copyMemory(from: pending)
      buffer.deallocate()
      buffer = larger
    }
    (start, end) = (0, end - start)
  }
}
