import LinuxSystem

/// A fresh directory that goes with the test that made it.
public final class TemporaryDirectory: Sendable {
  /// Its absolute path.
  public let path: String

  /// - Precondition: `/tmp` can be written to; without it no test means anything.
  public init() {
    do throws(SystemError) {
      path = try FileSystem.makeTemporaryDirectory("/tmp/mortise-test-")
    } catch {
      preconditionFailure("\(error)")
    }
  }

  deinit { try? FileSystem.removeTree(path) }
}
