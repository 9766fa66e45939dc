internal import Glibc
public import LinuxSystem
public import TTRPC

/// Reads what a plugin's version wrote, from the oldest line that is kept on, and goes on with what
/// comes.
///
/// A log that is full is renamed while it is read (see `PluginLogFile`): what was open is read to its
/// end, and then what came after it.
///
/// - Isolation: confined to the task that reads.
public struct PluginLogReader: Sendable {
  /// Bytes taken at once.
  static let readBytesMax = 64 << 10

  private let path: String
  private let name: String
  /// Nil where nobody waits for more.
  private let inotify: Inotify?
  private var file: Descriptor?
  /// A line whose end has not come yet.
  private var rest: [UInt8] = []

  /// - Parameters:
  ///   - path: absolute; the file need not be there yet.
  ///   - isFollowed: whether `more` will be asked for.
  public init(path: String, isFollowed: Bool) throws(SystemError) {
    self.path = path
    name = path.split(separator: "/").last.map(String.init) ?? path
    guard isFollowed else {
      inotify = nil
      return
    }
    // Before the first read, so that nothing is missed between it and the wait.
    let inotify = try Inotify()
    _ = try inotify.watch(FileSystem.parent(of: path), for: [.modified, .created, .movedTo])
    self.inotify = inotify
  }

  /// The next lines, each with its end; nil where there are none at present.
  public mutating func next() throws(SystemError) -> [UInt8]? {
    while true {
      guard let file = try opened() else { return nil }
      let bytes = try file.read(upTo: Self.readBytesMax)
      if bytes.isEmpty {
        guard try turnPage() else { return nil }
        continue
      }
      rest += bytes
      guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
      defer { rest.removeSubrange(...end) }
      return Array(rest[...end])
    }
  }

  /// Returns when there may be more.
  ///
  /// - Cancellation: throws at once.
  public func more(on loop: EventLoop) async throws {
    guard let inotify else { preconditionFailure("a log that is not followed has no more") }
    while true {
      try await loop.waitReadable(inotify.descriptor.number)
      let events = try inotify.events()
      if events.contains(where: { $0.name == name || $0.changes.contains(.overflow) }) { return }
    }
  }

  private mutating func opened() throws(SystemError) -> Descriptor? {
    if let file { return file }
    for candidate in ["\(path).1", path] where try FileSystem.status(candidate) != nil {
      file = try Descriptor.open(candidate, O_RDONLY)
      return file
    }
    return nil
  }

  /// At the end of a file: goes on with the one that came after it, if there is one.
  private mutating func turnPage() throws(SystemError) -> Bool {
    guard let present = try inode() else { return false }
    guard let current = try FileSystem.status(path), current.inode != present else { return false }
    let previous = try FileSystem.status("\(path).1")
    // Twice renamed, it is gone, and the one after it has its place.
    let next = previous == nil || previous?.inode == present ? path : "\(path).1"
    file = try Descriptor.open(next, O_RDONLY)
    return true
  }

  private func inode() throws(SystemError) -> UInt64? {
    guard let file else { return nil }
    var status = stat()
    guard fstat(file.number, &status) == 0 else {
      throw SystemError(code: errno, call: "fstat", subject: path)
    }
    return UInt64(status.st_ino)
  }
}
