internal import Glibc

extension ArraySlice<UInt8> {
  /// The place of the first line end; nil where there is none.
  ///
  /// Called for whatever plugins write: megabytes a second, so bytes are not looked at one by one.
  package func firstNewline() -> Int? {
    withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress,
        let found = memchr(start, Int32(UInt8(ascii: "\n")), buffer.count)
      else { return nil }
      return startIndex + (UnsafeRawPointer(found) - start)
    }
  }
}
