/// Names one call of a task that has an effect of its own: what the journal is kept by.
struct StepKey: Sendable, Hashable {
  var taskID: String
  var attempt: UInt32
  var step: UInt32
}

/// What the journal remembers about a step.
enum JournalRecord: Sendable, Equatable {
  /// The step is about to run: from here on it may have had an effect.
  case begun(StepKey)
  /// It answered; the reply is a serialized `TaskReply`.
  case replied(StepKey, reply: [UInt8])
  /// It promised that nothing was done: as if it had never begun.
  case withdrawn(StepKey)
  /// The host will never ask about the task again.
  case forgotten(taskID: String)

  /// The longest task id; the host's are UUIDs.
  static let taskIDBytesMax = 1024
}

/// Records as bytes, each in a frame that tells a torn write from a damaged file.
///
/// A frame is: length of the body (u32), its complement (u32), CRC-32 of the body (u32), body. A body is:
/// kind (u8), attempt (u32), step (u32), length of the task id (u16), task id, reply. All little endian.
enum JournalCodec {
  static let headerBytes = 12
  /// A frame of the protocol bounds a reply, so a longer body is damage.
  static let bodyBytesMax = 8 << 20

  private static let fixedBytes = 11

  /// Appends a record in its frame.
  static func append(_ record: JournalRecord, to bytes: inout [UInt8]) {
    let body = body(of: record)
    append(UInt32(body.count), to: &bytes)
    append(~UInt32(body.count), to: &bytes)
    append(CRC32.checksum(body[...]), to: &bytes)
    bytes.append(contentsOf: body)
  }

  private static func body(of record: JournalRecord) -> [UInt8] {
    switch record {
    case .begun(let key): body(1, key)
    case .replied(let key, let reply): body(2, key) + reply
    case .withdrawn(let key): body(3, key)
    case .forgotten(let taskID): body(4, StepKey(taskID: taskID, attempt: 0, step: 0))
    }
  }

  private static func body(_ kind: UInt8, _ key: StepKey) -> [UInt8] {
    let id = Array(key.taskID.utf8)
    precondition(id.count <= JournalRecord.taskIDBytesMax, "the runtime bounds task ids")
    var body = [kind]
    append(key.attempt, to: &body)
    append(key.step, to: &body)
    append(UInt16(id.count), to: &body)
    return body + id
  }

  private static func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// What stands at an offset of a journal.
  enum Frame: Equatable {
    case record(JournalRecord, end: Int)
    /// The file ends in the middle of what was being written.
    case torn
    /// What stands here was never written by a journal, or was changed since.
    case damaged
  }

  /// Reads the frame at `offset`, which is before the end.
  static func frame(in bytes: [UInt8], at offset: Int) -> Frame {
    let rest = bytes[offset...]
    // A crash may leave the file longer than what reached it: zeros up to the end are no damage.
    if rest.allSatisfy({ $0 == 0 }) { return .torn }
    guard rest.count >= headerBytes else { return .torn }
    let length: UInt32 = number(in: rest, at: 0)
    let complement: UInt32 = number(in: rest, at: 4)
    let checksum: UInt32 = number(in: rest, at: 8)
    guard length == ~complement, length <= bodyBytesMax else { return .damaged }
    let end = offset + headerBytes + Int(length)
    guard end <= bytes.count else { return .torn }
    let body = bytes[(offset + headerBytes)..<end]
    guard CRC32.checksum(body) == checksum, let record = record(from: body) else {
      // The last frame may have its length on disk and not yet its body.
      return end == bytes.count ? .torn : .damaged
    }
    return .record(record, end: end)
  }

  private static func record(from body: ArraySlice<UInt8>) -> JournalRecord? {
    guard body.count >= fixedBytes, let kind = body.first else { return nil }
    let length: UInt16 = number(in: body, at: 9)
    let rest = body.dropFirst(fixedBytes)
    guard rest.count >= length, let id = String(validating: rest.prefix(Int(length)), as: UTF8.self)
    else { return nil }
    let key = StepKey(
      taskID: id, attempt: number(in: body, at: 1), step: number(in: body, at: 5))
    switch kind {
    case 1: return .begun(key)
    case 2: return .replied(key, reply: Array(rest.dropFirst(Int(length))))
    case 3: return .withdrawn(key)
    case 4: return .forgotten(taskID: id)
    default: return nil
    }
  }

  private static func number<Number: FixedWidthInteger>(
    in bytes: ArraySlice<UInt8>, at offset: Int
  ) -> Number {
    bytes.withUnsafeBytes {
      Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
  }
}
