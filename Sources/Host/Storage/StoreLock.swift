internal import Glibc
internal import LinuxSystem

/// What keeps a second host process off a state directory, for as long as this value lives.
///
/// A lock of the kernel's, so that it goes with its holder however that ends. The file also says
/// who holds it, for the message that the second one shows.
final class StoreLock: Sendable {
  private let lock: FileLock

  /// - Parameter whileHeld: asked each time another has it; true = try again.
  init(directory: String, whileHeld: (_ tries: Int) -> Bool = { _ in false })
    throws(StoreOpenError)
  {
    let path = "\(directory)/store.lock"
    var acquired: FileLock?
    var tries = 0
    do throws(SystemError) {
      repeat {
        acquired = try FileLock.acquire(path)
        tries += 1
      } while acquired == nil && whileHeld(tries)
    } catch {
      throw .directoryUnusable(directory: directory, reason: error.description)
    }
    guard let acquired else {
      throw .lockedByAnotherHost(directory: directory, pid: Self.holder(path))
    }
    lock = acquired
    let text = Array("\(getpid())\n".utf8)
    let file = lock.descriptor.number
    // Said for people only: where it can't be written, the lock holds all the same.
    if ftruncate(file, 0) == 0 { _ = pwrite(file, text, text.count, 0) }
  }

  deinit { lock.release() }

  /// 0 where the file does not say.
  private static func holder(_ path: String) -> Int32 {
    guard let bytes = try? FileSystem.read(path, limit: 32) else { return 0 }
    return Int32(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)) ?? 0
  }
}
