internal import Glibc

/// Lets a thread sleep until another one signals; signals that come early are not lost.
///
/// `@unchecked`: the pointer never changes, what it points to is only handed to `sem_*`, which are
/// made for several threads, and it is freed when nobody refers to this any more.
final class Wakeup: @unchecked Sendable {
  private let semaphore: UnsafeMutablePointer<sem_t>

  init() {
    semaphore = .allocate(capacity: 1)
    let code = sem_init(semaphore, 0, 0)
    precondition(code == 0, "a semaphore of a process needs nothing that could be missing")
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func signal() {
    sem_post(semaphore)
  }

  /// Returns at once for a signal that came since the last return.
  func wait() {
    while sem_wait(semaphore) != 0 && errno == EINTR {}
  }
}
