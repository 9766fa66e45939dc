import Glibc
import JSON
import LinuxSystem

/// A file of JSON lines that only grows at its end; each line is durable when `append` returns.
final class AppendFile {
  private let descriptor: Descriptor
  private let path: String

  /// Cuts a torn last line off: its write never returned, so nobody relied on it.
  init(path: String) throws(SystemError) {
    self.path = path
    descriptor = try Descriptor.open(path, O_RDWR | O_CREAT | O_APPEND)
    let bytes = try readAll(from: 0)
    let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    if whole < bytes.count { try truncate(to: whole) }
  }

  func append(_ line: JSONValue) throws(SystemError) {
    var bytes = line.serialized()
    bytes.append(UInt8(ascii: "\n"))
    try descriptor.writeAll(bytes)
    guard fdatasync(descriptor.number) == 0 else { throw failure("fdatasync") }
  }

  func size() throws(SystemError) -> Int {
    let end = lseek(descriptor.number, 0, SEEK_END)
    guard end >= 0 else { throw failure("lseek") }
    return Int(end)
  }

  func empty() throws(SystemError) { try truncate(to: 0) }

  /// The lines that begin at or behind `offset`; those that are no JSON are left out.
  func lines(from offset: Int) throws(SystemError) -> [JSONValue] {
    try readAll(from: offset).split(separator: UInt8(ascii: "\n")).compactMap {
      try? JSONValue(parsing: $0)
    }
  }

  private func truncate(to length: Int) throws(SystemError) {
    guard ftruncate(descriptor.number, off_t(length)) == 0 else { throw failure("ftruncate") }
  }

  private func readAll(from offset: Int) throws(SystemError) -> [UInt8] {
    let length = max(0, try size() - offset)
    var bytes = [UInt8](repeating: 0, count: length)
    var filled = 0
    while filled < length {
      let count = bytes.withUnsafeMutableBytes {
        pread(descriptor.number, $0.baseAddress! + filled, length - filled, off_t(offset + filled))
      }
      guard count >= 0 else { throw failure("pread") }
      if count == 0 { break }
      filled += count
    }
    return Array(bytes.prefix(filled))
  }

  private func failure(_ call: String) -> SystemError {
    SystemError(code: errno, call: call, subject: path)
  }
}
