import Glibc
import LinuxSystem

/// The journal's file: opened and checked once, then appended to or replaced.
///
/// - Isolation: one thread at a time; `Journal` hands it to its writer loop.
final class JournalFile {
  /// Most that is read back: live records, as many dead ones, and what came while compacting.
  private static let readBytesMax = 4 * Journal.liveBytesMax

  let path: String
  private(set) var byteCount: Int
  private var descriptor: Descriptor
  private let lock: FileLock

  private init(path: String, byteCount: Int, descriptor: Descriptor, lock: FileLock) {
    self.path = path
    self.byteCount = byteCount
    self.descriptor = descriptor
    self.lock = lock
  }

  /// Opens or makes the file, cuts a torn tail off, and reads what it says.
  static func open(_ path: String) throws(JournalError) -> (file: JournalFile, index: JournalIndex)
  {
    guard let lock = try system({ () throws(SystemError) in try FileLock.acquire(path + ".lock") })
    else { throw .inUse(path: path) }
    let descriptor = try system { () throws(SystemError) in try openForAppending(path) }
    let bytes = try system { () throws(SystemError) in
      try descriptor.readToEnd(limit: readBytesMax)
    }
    var index = JournalIndex()
    let end = try read(bytes, into: &index, path)
    try system { () throws(SystemError) in
      if end < bytes.count { try cut(descriptor, path, to: end) }
      try FileSystem.synchronizeDirectory(FileSystem.parent(of: path))
    }
    return (JournalFile(path: path, byteCount: end, descriptor: descriptor, lock: lock), index)
  }

  private static func system<Value>(
    _ body: () throws(SystemError) -> Value
  ) throws(JournalError) -> Value {
    do throws(SystemError) { return try body() } catch { throw .failed(error) }
  }

  private static func openForAppending(_ path: String) throws(SystemError) -> Descriptor {
    try Descriptor.open(path, O_RDWR | O_CREAT | O_APPEND)
  }

  /// Applies the records to the index; returns where the last whole one ends.
  private static func read(
    _ bytes: [UInt8], into index: inout JournalIndex, _ path: String
  ) throws(JournalError) -> Int {
    var offset = 0
    while offset < bytes.count {
      switch JournalCodec.frame(in: bytes, at: offset) {
      case .record(let record, let end):
        index.apply(record)
        offset = end
      case .torn: return offset
      case .damaged: throw .damaged(path: path, offset: offset)
      }
    }
    return offset
  }

  private static func cut(
    _ descriptor: Descriptor, _ path: String, to byteCount: Int
  ) throws(SystemError) {
    if ftruncate(descriptor.number, byteCount) != 0 {
      throw SystemError(code: errno, call: "ftruncate", subject: path)
    }
    try descriptor.synchronize()
  }

  /// Lets another process have the file; nothing is written any more.
  func close() {
    descriptor.close()
    lock.release()
  }

  /// Why frames did not reach the disk.
  enum WriteError: Error {
    /// Nothing of them is in the file; a later write may succeed.
    case undone(SystemError)
    /// Nobody can tell what is on the disk.
    case unknown(SystemError)
  }

  /// Appends frames and forces them to disk.
  func append(_ frames: [UInt8]) throws(WriteError) {
    do throws(SystemError) {
      try descriptor.writeAll(frames)
    } catch {
      // A part of a frame must not stay before the next one.
      do throws(SystemError) { try Self.cut(descriptor, path, to: byteCount) } catch {
        throw .unknown(error)
      }
      throw .undone(error)
    }
    // After a failed fsync the kernel may have dropped the pages: asking again would lie.
    do throws(SystemError) { try descriptor.synchronize() } catch { throw .unknown(error) }
    byteCount += frames.count
  }

  /// Replaces the whole file; a crash at any moment leaves the old or the new one.
  func replace(with frames: [UInt8]) throws(WriteError) {
    do throws(SystemError) {
      try AtomicFile.write(frames, to: path, mode: 0o600)
      descriptor = try Self.openForAppending(path)
    } catch {
      throw .unknown(error)
    }
    byteCount = frames.count
  }
}
