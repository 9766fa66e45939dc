import Glibc
import LinuxSystem

/// A directory that is gone with the test that made it.
final class TemporaryDirectory: Sendable {
  let path: String

  init() {
    var name = Array("/tmp/mortise-local-XXXXXX".utf8CString)
    guard mkdtemp(&name) != nil else { preconditionFailure("mkdtemp: errno \(errno)") }
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileSystem.removeTree(path) }
}
