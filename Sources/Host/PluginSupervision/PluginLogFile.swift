internal import Glibc
internal import LinuxSystem

/// What a plugin wrote to stdout and stderr, kept in a file of bounded size.
///
/// A full file becomes `NAME.log.1`, in place of the one before. The log is for people: where it
/// can't be written the plugin goes on, and the first failure is told once.
///
/// - Isolation: confined to the runner that owns it.
struct PluginLogFile {
  /// Bytes of one file; there are at most two.
  static let fileBytesMax = 8 << 20

  private let path: String
  private let fileBytesMax: Int
  private var file: Descriptor?
  private var size: Int64 = 0

  init(path: String, fileBytesMax: Int = Self.fileBytesMax) {
    self.path = path
    self.fileBytesMax = fileBytesMax
  }

  /// Appends lines, each with a line end.
  mutating func append(_ lines: [String]) throws(SystemError) {
    var bytes: [UInt8] = []
    for line in lines {
      bytes += line.utf8
      bytes.append(UInt8(ascii: "\n"))
    }
    if size + Int64(bytes.count) > fileBytesMax, size > 0 {
      file = nil
      try FileSystem.rename(path, to: "\(path).1")
    }
    let file = try opened()
    try file.writeAll(bytes)
    size += Int64(bytes.count)
  }

  private mutating func opened() throws(SystemError) -> Descriptor {
    if let file { return file }
    let opened = try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND)
    size = try FileSystem.status(path)?.size ?? 0
    file = opened
    return opened
  }
}
