internal import Glibc

/// An exclusive advisory lock on a file (flock), held while any copy of its descriptor is open.
///
/// The kernel drops it when the last holder ends, however it ends: a lock that a child inherits
/// tells whether the child lives, with no pid to mistake.
///
/// A child that another thread is just starting has, until it executes, a copy of every descriptor:
/// a lock that was let go in that moment counts as held a little longer. Whoever is told "held"
/// tries again before drawing conclusions.
public final class FileLock: Sendable {
  /// The locked file: hand it to a child to let the child hold the lock too.
  public let descriptor: Descriptor

  private init(_ descriptor: Descriptor) { self.descriptor = descriptor }

  /// Takes the lock of the file at `path`, made if absent; nil while another holds it.
  public static func acquire(_ path: String, mode: UInt32 = 0o600) throws(SystemError) -> FileLock?
  {
    let file = try Descriptor.open(path, O_RDWR | O_CREAT, mode: mode)
    do throws(SystemError) {
      try systemCall("flock", path) { flock(file.number, LOCK_EX | LOCK_NB) }
    } catch  where error.isWouldBlock {
      return nil
    }
    return FileLock(file)
  }

  /// Lets go at once for every holder, a child that is just starting included, and closes the file.
  ///
  /// Called where no child is meant to hold it, too.
  public func release() {
    _ = flock(descriptor.number, LOCK_UN)
    descriptor.close()
  }

  /// Whether someone holds the lock of the file at `path`; false where there is no file.
  ///
  /// The answer may be old when it arrives; only `acquire` settles who holds it.
  public static func isHeld(_ path: String) throws(SystemError) -> Bool {
    do throws(SystemError) {
      let file = try Descriptor.open(path, O_RDONLY)
      try systemCall("flock", path) { flock(file.number, LOCK_SH | LOCK_NB) }
      return false
    } catch {
      if error.isWouldBlock { return true }
      if error.isNotFound { return false }
      throw error
    }
  }
}
