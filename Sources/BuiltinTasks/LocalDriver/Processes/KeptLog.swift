import Glibc
import LinuxSystem
import PluginSDK

/// What is kept of a container's log, by positions that outlive its cuts and the driver.
///
/// A position counts the bytes that were ever written. Those of the present file begin at its base,
/// which stands in `NAME.log.base`; those before it, as far as they are kept, are in `NAME.log.1`.
struct KeptLog {
  /// Longer ones are read in parts.
  static let passageBytesMax = 64 << 10

  let path: String

  /// Where the kept bytes begin, where the present file's do, and where both end.
  struct Extent: Equatable {
    var oldest: UInt64
    var base: UInt64
    var end: UInt64
  }

  func extent() throws(SystemError) -> Extent {
    let before = UInt64(try FileSystem.status(previous)?.size ?? 0)
    let present = UInt64(try FileSystem.status(path)?.size ?? 0)
    let base = try base(atLeast: before)
    return Extent(oldest: base - before, base: base, end: base + present)
  }

  /// What stands at a position, whole lines where there are any; a position that is not kept any
  /// more, or that was never reached, means the oldest one that is.
  func passage(from position: UInt64) throws(SystemError) -> LogPassage {
    let extent = try extent()
    let isKept = position >= extent.oldest && position <= extent.end
    let start = isKept ? position : extent.oldest
    let text =
      start < extent.base
      ? try Self.read(previous, from: start - extent.oldest)
      : try Self.read(path, from: start - extent.base)
    let whole = text.lastIndex(of: UInt8(ascii: "\n")).map { Array(text[...$0]) } ?? text
    return LogPassage(
      text: whole, nextOffset: start + UInt64(whole.count),
      isBehindGap: !isKept && position > 0)
  }

  /// Says where the present file begins, before what came earlier is taken from it.
  func setBase(_ base: UInt64) throws(SystemError) {
    try AtomicFile.write("\(base)\n".utf8, to: baseFile, mode: 0o600)
  }

  private var previous: String { "\(path).1" }
  private var baseFile: String { "\(path).base" }

  /// A base that is lost, or that can't be, is what would be if the log had been cut once.
  private func base(atLeast before: UInt64) throws(SystemError) -> UInt64 {
    guard try FileSystem.status(baseFile) != nil else { return before }
    let text = String(decoding: try FileSystem.read(baseFile, limit: 64), as: UTF8.self)
    return max(before, UInt64(text.prefix { $0 != "\n" }) ?? before)
  }

  private static func read(_ path: String, from offset: UInt64) throws(SystemError) -> [UInt8] {
    guard try FileSystem.status(path) != nil else { return [] }
    let file = try Descriptor.open(path, O_RDONLY)
    guard lseek(file.number, off_t(clamping: offset), SEEK_SET) >= 0 else {
      throw SystemError(code: errno, call: "lseek", subject: path)
    }
    return try file.read(upTo: passageBytesMax)
  }
}
