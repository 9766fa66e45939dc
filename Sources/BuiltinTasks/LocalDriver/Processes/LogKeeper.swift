import Glibc
import LinuxSystem
import TTRPC

/// Keeps containers' log files bounded: what is older goes to `.1`, what is older still goes.
///
/// Containers write to the files themselves, so that their output outlives the driver. A write to
/// a quiet log wakes the driver once; then the log is looked at again after an interval, so that
/// a flood costs a look an interval and silence costs nothing. What is written between the copy
/// and the truncation is lost: that is the price of writers that keep their descriptor.
///
/// - Isolation: confined to the driver's actor.
struct LogKeeper {
  /// A log is cut when it is larger; between two looks it may grow beyond.
  static let maximumBytes: Int64 = 8 << 20
  static let lookInterval = Duration.seconds(1)

  let inotify: Inotify
  private var paths: [Int32: String] = [:]
  private var times: [String: LogTimes] = [:]

  init() throws(SystemError) { inotify = try Inotify() }

  /// Opens a log for a container to append to, and watches it.
  mutating func open(_ path: String) throws(SystemError) -> Descriptor {
    try FileSystem.makeDirectories(FileSystem.parent(of: path), mode: DataDirectory.mode)
    let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND)
    try watch(path)
    return file
  }

  /// Watches, then looks: what was written before the watch is seen as size.
  ///
  /// - Returns: whether there is more than at the look before.
  @discardableResult
  mutating func watch(_ path: String) throws(SystemError) -> Bool {
    guard try FileSystem.status(path) != nil else {
      times[path] = nil
      return false
    }
    paths[try inotify.watch(path, for: .modified)] = path
    let hasGrown = try look(at: path)
    try Self.bound(path)
    return hasGrown
  }

  /// Notes how far the log has come; at the first look that is as old as the file's last change.
  @discardableResult
  private mutating func look(at path: String) throws(SystemError) -> Bool {
    guard let status = try FileSystem.status(path) else { return false }
    let extent = try KeptLog(path: path).extent()
    let isFirst = times[path] == nil
    return times[path, default: LogTimes(start: extent.oldest)].look(
      end: extent.end, at: isFirst ? status.modifiedUnixNS / 1_000_000 : WallTime.nowUnixMS())
  }

  /// Where what was written since a moment begins.
  mutating func position(in path: String, since unixMS: Int64) throws(SystemError) -> UInt64 {
    try look(at: path)
    return times[path]?.position(since: unixMS) ?? 0
  }

  /// The logs that were written to; they are unwatched until the caller watches them again.
  mutating func written() throws(SystemError) -> [String] {
    var written: [String] = []
    for event in try inotify.events() {
      if event.changes.contains(.overflow) {
        written += paths.values
      } else if let path = paths.removeValue(forKey: event.watch) {
        inotify.unwatch(event.watch)
        if event.changes.contains(.modified) {
          written.append(path)
          try look(at: path)
        }
      }
    }
    return written
  }

  static func bound(_ path: String, maximumBytes: Int64 = maximumBytes) throws(SystemError) {
    guard let size = try FileSystem.status(path)?.size, size > maximumBytes else { return }
    let kept = KeptLog(path: path)
    // Where no base was ever noted it follows from what is about to be written over.
    let base = try kept.extent().base + UInt64(size)
    let log = try Descriptor.open(path, O_RDWR)
    let previous = try Descriptor.open("\(path).1", O_WRONLY | O_CREAT | O_TRUNC)
    guard lseek(log.number, off_t(size - maximumBytes), SEEK_SET) >= 0 else {
      throw SystemError(code: errno, call: "lseek", subject: path)
    }
    var left = Int(maximumBytes)
    while left > 0 {
      let bytes = try log.read(upTo: min(left, 256 << 10))
      if bytes.isEmpty { break }
      try previous.writeAll(bytes)
      left -= bytes.count
    }
    previous.close()
    try kept.setBase(base)
    guard ftruncate(log.number, 0) == 0 else {
      throw SystemError(code: errno, call: "ftruncate", subject: path)
    }
  }
}
