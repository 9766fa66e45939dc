import Glibc

@testable import LinuxSystem

/// A directory that is gone when the test ends.
final class TemporaryDirectory {
  let path: String

  init() throws {
    var template = Array("/tmp/mortise-test-XXXXXX".utf8CString)
    guard let made = template.withUnsafeMutableBufferPointer({ mkdtemp($0.baseAddress!) }) else {
      throw SystemError(code: errno, call: "mkdtemp")
    }
    path = String(cString: made)
  }

  deinit { try? FileSystem.removeTree(path) }
}
