internal import CLinux
internal import Glibc

/// Changes of files and directories as reads of a descriptor.
public struct Inotify: Sendable {
  /// What to watch for, or what happened.
  public struct Changes: OptionSet, Sendable {
    /// The bits of inotify's mask.
    public let rawValue: UInt32
    /// From the bits of inotify's mask.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Content was written.
    public static let modified = Changes(rawValue: UInt32(IN_MODIFY))
    /// Mode, owner, times or links changed.
    public static let attributes = Changes(rawValue: UInt32(IN_ATTRIB))
    /// A file that was open for writing was closed: its content is whole.
    public static let closedAfterWrite = Changes(rawValue: UInt32(IN_CLOSE_WRITE))
    /// An entry came into being.
    public static let created = Changes(rawValue: UInt32(IN_CREATE))
    /// An entry was deleted.
    public static let deleted = Changes(rawValue: UInt32(IN_DELETE))
    /// An entry was renamed: its old name.
    public static let movedFrom = Changes(rawValue: UInt32(IN_MOVED_FROM))
    /// An entry was renamed: its new name.
    public static let movedTo = Changes(rawValue: UInt32(IN_MOVED_TO))
    /// The watched itself was deleted.
    public static let selfDeleted = Changes(rawValue: UInt32(IN_DELETE_SELF))
    /// The watched itself was renamed.
    public static let selfMoved = Changes(rawValue: UInt32(IN_MOVE_SELF))
    /// Events were lost: look at everything again.
    public static let overflow = Changes(rawValue: UInt32(IN_Q_OVERFLOW))
    /// The watch is gone: its file was deleted or unmounted.
    public static let watchRemoved = Changes(rawValue: UInt32(IN_IGNORED))
    /// Entries of a directory that came, went or were written.
    public static let entries: Changes = [
      .created, .deleted, .movedFrom, .movedTo, .closedAfterWrite,
    ]
  }

  /// One change. `name` is the entry's name in a watched directory, empty for the watched itself.
  public struct Event: Sendable, Equatable {
    /// Which watch, as `watch(_:for:)` numbered it.
    public let watch: Int32
    /// What happened.
    public let changes: Changes
    /// The entry's name in a watched directory.
    public let name: String
  }

  /// Readable while events wait.
  public let descriptor: Descriptor

  /// Without watches yet.
  public init() throws(SystemError) {
    descriptor = Descriptor(
      owning: try systemCall("inotify_init1") { inotify_init1(O_NONBLOCK | O_CLOEXEC) })
  }

  /// Watches a path; the number returned names the watch in events. A path that is watched already
  /// keeps its number and takes the new set.
  public func watch(_ path: String, for changes: Changes) throws(SystemError) -> Int32 {
    try systemCall("inotify_add_watch", path) {
      inotify_add_watch(descriptor.number, path, changes.rawValue)
    }
  }

  /// Stops a watch; one that ended by itself is no error.
  public func unwatch(_ watch: Int32) {
    _ = inotify_rm_watch(descriptor.number, watch)
  }

  /// All events that wait, empty when none does.
  public func events() throws(SystemError) -> [Event] {
    var events: [Event] = []
    while true {
      let bytes: [UInt8]
      do throws(SystemError) {
        bytes = try descriptor.read(upTo: 16 * 1024)
      } catch  where error.isWouldBlock {
        return events
      }
      Self.parse(bytes, into: &events)
    }
  }

  private static func parse(_ bytes: [UInt8], into events: inout [Event]) {
    let headerSize = MemoryLayout<inotify_event>.size
    bytes.withUnsafeBytes { buffer in
      var offset = 0
      while offset + headerSize <= buffer.count {
        let header = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
        let name = buffer[(offset + headerSize)...].prefix(Int(header.len)).prefix { $0 != 0 }
        events.append(
          Event(
            watch: header.wd, changes: Changes(rawValue: header.mask),
            name: String(decoding: name, as: UTF8.self)))
        offset += headerSize + Int(header.len)
      }
    }
  }
}
