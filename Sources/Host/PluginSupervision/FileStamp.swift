internal import Glibc
internal import LinuxSystem

/// Which content a file had: a change of any of these means that it may have another by now.
///
/// The change time is the kernel's own, so nobody who writes the file can keep it.
struct FileStamp: Sendable, Equatable {
  private var device: UInt64
  private var inode: UInt64
  private var size: Int64
  private var changedSeconds: Int
  private var changedNanoseconds: Int

  /// - Throws: EACCES where it is no file that can be executed.
  init(executable descriptor: Descriptor, path: String) throws(SystemError) {
    var status = stat()
    if fstat(descriptor.number, &status) != 0 {
      throw SystemError(code: errno, call: "fstat", subject: path)
    }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o111 != 0 else {
      throw SystemError(code: EACCES, call: "execute", subject: path)
    }
    self.init(status)
  }

  /// Nil where there is nothing at the path.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    changedSeconds = status.st_ctim.tv_sec
    changedNanoseconds = status.st_ctim.tv_nsec
  }
}
