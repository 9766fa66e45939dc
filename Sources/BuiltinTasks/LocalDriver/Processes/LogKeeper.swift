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

  init() throws(SystemError) { inotify = try Inotify() }

  /// Opens a log for a container to append to, and watches it.
  mutating func open(_ path: String) throws(SystemError) -> Descriptor {
    try FileSystem.makeDirectories(FileSystem.parent(of: path), mode: DataDirectory.mode)
    let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND)
    try watch(path)
    return file
  }

  /// Watches, then looks: what was written before the watch is seen as size.
  mutating func watch(_ path: String) throws(SystemError) {
    guard try FileSystem.status(path) != nil else { return }
    paths[try inotify.watch(path, for: .modified)] = path
    try Self.bound(path)
  }

  /// The logs that were written to; they are unwatched until the caller watches them again.
  mutating func written() throws(SystemError) -> [String] {
    var written: [String] = []
    for event in try inotify.events() {
      if event.changes.contains(.overflow) {
        written += paths.values
      } else if let path = paths.removeValue(forKey: event.watch) {
        inotify.unwatch(event.watch)
        if event.changes.contains(.modified) { written.append(path) }
      }
    }
    return written
  }

  static func bound(_ path: String, maximumBytes: Int64 = maximumBytes) throws(SystemError) {
    guard let size = try FileSystem.status(path)?.size, size > maximumBytes else { return }
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
    guard ftruncate(log.number, 0) == 0 else {
      throw SystemError(code: errno, call: "ftruncate", subject: path)
    }
  }
}
