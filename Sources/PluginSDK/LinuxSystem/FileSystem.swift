internal import Glibc

/// Files and directories by path.
public enum FileSystem {
  /// What stat(2) tells, as far as anyone here asks.
  public struct Status: Sendable, Equatable {
    /// What sort of thing a path names.
    public enum Kind: Sendable, Equatable { case file, directory, symbolicLink, socket, other }

    /// What the path names.
    public var kind: Kind
    /// Bytes of content.
    public var size: Int64
    /// Permission bits, set-id bits included.
    public var mode: UInt32
    /// Who owns it.
    public var uid: UInt32
    /// With `inode`, which file it is, whatever its name.
    public var device: UInt64
    /// With `device`, which file it is, whatever its name.
    public var inode: UInt64
    /// When the content changed last, in nanoseconds since the Unix epoch.
    public var modifiedUnixNS: Int64
  }

  /// The status of what is at `path`, nil where nothing is; a final symbolic link isn't followed.
  public static func status(_ path: String) throws(SystemError) -> Status? {
    var buffer = stat()
    do throws(SystemError) {
      try systemCall("lstat", path) { lstat(path, &buffer) }
    } catch  where error.code == ENOENT || error.code == ENOTDIR {
      return nil
    }
    let kind: Status.Kind =
      switch buffer.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .directory
      case S_IFLNK: .symbolicLink
      case S_IFSOCK: .socket
      default: .other
      }
    return Status(
      kind: kind, size: Int64(buffer.st_size), mode: buffer.st_mode & 0o7777, uid: buffer.st_uid,
      device: UInt64(buffer.st_dev), inode: UInt64(buffer.st_ino),
      modifiedUnixNS: Int64(buffer.st_mtim.tv_sec) * 1_000_000_000 + Int64(buffer.st_mtim.tv_nsec))
  }

  /// The content of a file of at most `limit` bytes; a longer one is refused with EFBIG.
  public static func read(_ path: String, limit: Int = 16 << 20) throws(SystemError) -> [UInt8] {
    do throws(SystemError) {
      return try Descriptor.open(path, O_RDONLY).readToEnd(limit: limit)
    } catch {
      throw SystemError(code: error.code, call: error.call, subject: path)
    }
  }

  /// The names in a directory, sorted, without "." and "..".
  public static func list(_ path: String) throws(SystemError) -> [String] {
    guard let directory = opendir(path) else {
      throw SystemError(code: errno, call: "opendir", subject: path)
    }
    defer { closedir(directory) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(directory) else { break }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    if errno != 0 { throw SystemError(code: errno, call: "readdir", subject: path) }
    return names.sorted()
  }

  /// Makes a directory and those above it; one that is there already is left as it is.
  public static func makeDirectories(_ path: String, mode: UInt32 = 0o755) throws(SystemError) {
    if mkdir(path, mode) == 0 { return }
    switch errno {
    case EEXIST:
      var buffer = stat()
      try systemCall("stat", path) { stat(path, &buffer) }
      if buffer.st_mode & S_IFMT == S_IFDIR { return }
      throw SystemError(code: ENOTDIR, call: "mkdir", subject: path)
    case ENOENT where parent(of: path) != path:
      try makeDirectories(parent(of: path), mode: mode)
      do throws(SystemError) {
        try systemCall("mkdir", path) { mkdir(path, mode) }
      } catch  where error.code == EEXIST {
        return
      }
    case let code:
      throw SystemError(code: code, call: "mkdir", subject: path)
    }
  }

  /// Removes a file, a link or an empty directory; what isn't there is removed.
  public static func remove(_ path: String) throws(SystemError) {
    do throws(SystemError) {
      let isDirectory = try status(path)?.kind == .directory
      try systemCall(isDirectory ? "rmdir" : "unlink", path) {
        isDirectory ? rmdir(path) : unlink(path)
      }
    } catch  where error.code == ENOENT {
      return
    }
  }

  /// Removes what is at `path` with all below it, never following a symbolic link.
  public static func removeTree(_ path: String) throws(SystemError) {
    if try status(path)?.kind == .directory {
      for name in try list(path) { try removeTree("\(path)/\(name)") }
    }
    try remove(path)
  }

  /// Sets the permission bits of what is at `path`.
  public static func setMode(_ path: String, _ mode: UInt32) throws(SystemError) {
    try systemCall("chmod", path) { chmod(path, mode) }
  }

  /// Moves within one file system, replacing what has the new name.
  public static func rename(_ path: String, to other: String) throws(SystemError) {
    try systemCall("rename", "\(path) to \(other)") { Glibc.rename(path, other) }
  }

  /// Returns once the directory's own entries are on the disk.
  public static func synchronizeDirectory(_ path: String) throws(SystemError) {
    try Descriptor.open(path, O_RDONLY | O_DIRECTORY).synchronize()
  }

  /// The path up to its last component: "/a" of "/a/b", "." of "b", "/" of "/".
  public static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
