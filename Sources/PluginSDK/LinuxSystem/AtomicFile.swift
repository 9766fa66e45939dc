internal import Glibc
internal import Synchronization

/// Replaces files so that a reader, or a crash at any moment, sees the old or the new content.
public enum AtomicFile {
  private static let sequence = Atomic<UInt64>(0)

  /// Writes a temporary sibling, forces it to disk, renames it over `path` and forces the folder.
  ///
  /// - Throws: `SystemError`; then `path` is as it was and the sibling is gone.
  public static func write(
    _ bytes: some Sequence<UInt8>, to path: String, mode: UInt32 = 0o644
  ) throws(SystemError) {
    let number = sequence.add(1, ordering: .relaxed).newValue
    let sibling = "\(path).\(getpid()).\(number).tmp"
    do throws(SystemError) {
      let file = try Descriptor.open(sibling, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
      try file.writeAll(bytes)
      try file.synchronize()
      file.close()
      try systemCall("rename", path) { rename(sibling, path) }
    } catch {
      unlink(sibling)
      // By the file that was asked for: the sibling's name is another one each time.
      throw SystemError(code: error.code, call: error.call, subject: path)
    }
    try FileSystem.synchronizeDirectory(FileSystem.parent(of: path))
  }
}
