import Glibc

extension PluginLog {
  /// Writes whole lines to stderr, unbuffered.
  ///
  /// What can't be written is dropped: a log that nobody reads must not stop the plugin.
  @Sendable public static func writeToStandardError(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let written = Glibc.write(
          STDERR_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written > 0 {
          rest = rest.dropFirst(written)
        } else if errno != EINTR {
          return
        }
      }
    }
  }
}
