import Glibc
import TestPlaces
import Testing

@testable import LinuxSystem

@Suite("a file lock")
struct FileLockTests {
  @Test("is held by one at a time and free again when its holder lets go")
  func exclusive() throws {
    let directory = TemporaryDirectory()
    let path = directory.path + "/lock"
    #expect(try !FileLock.isHeld(path))
    var first = try FileLock.acquire(path)
    #expect(first != nil)
    #expect(try FileLock.acquire(path) == nil)
    #expect(try FileLock.isHeld(path))
    first = nil
    // Blocks until it is free: a child that another test just starts may have it for a moment.
    let file = try Descriptor.open(path, O_RDONLY)
    #expect(flock(file.number, LOCK_EX) == 0)
    #expect(try FileLock.acquire(path) == nil)
  }
}
