internal import Glibc

extension Descriptor {
  /// Opens a path, always closed over exec.
  ///
  /// - Parameter flags: of open(2): `O_RDONLY`, `O_RDWR | O_CREAT`, …
  /// - Parameter mode: permission bits of a file that is created.
  public static func open(_ path: String, _ flags: Int32, mode: UInt32 = 0o600)
    throws(SystemError) -> Descriptor
  {
    Descriptor(
      owning: try systemCall("open", path) { Glibc.open(path, flags | O_CLOEXEC, mode) })
  }

  /// Reads at most the buffer's size; 0 is the end of the file.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    let number = number
    return try systemCall("read", "descriptor \(number)") {
      Glibc.read(number, buffer.baseAddress, buffer.count)
    }
  }

  /// Reads at most `count` bytes; empty at the end of the file.
  public func read(upTo count: Int) throws(SystemError) -> [UInt8] {
    var failure: SystemError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
      do throws(SystemError) {
        length = try read(into: UnsafeMutableRawBufferPointer(buffer))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Reads to the end of the file.
  ///
  /// - Parameter limit: the most that is taken; a longer file is refused with EFBIG.
  public func readToEnd(limit: Int) throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let chunk = try read(upTo: 64 * 1024)
      if chunk.isEmpty { return bytes }
      bytes += chunk
      if bytes.count > limit {
        throw SystemError(code: EFBIG, call: "read", subject: "more than \(limit) bytes")
      }
    }
  }

  /// Writes what fits; fewer than all where the descriptor is nonblocking.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
    let number = number
    return try systemCall("write", "descriptor \(number)") {
      Glibc.write(number, bytes.baseAddress, bytes.count)
    }
  }

  /// Writes all of it to a blocking descriptor.
  public func writeAll(_ bytes: some Sequence<UInt8>) throws(SystemError) {
    let bytes = Array(bytes)
    var written = 0
    while written < bytes.count {
      let number = number
      written += try systemCall("write", "descriptor \(number)") {
        bytes.withUnsafeBytes {
          Glibc.write(number, $0.baseAddress! + written, $0.count - written)
        }
      }
    }
  }

  /// Returns once the file's bytes are on the disk.
  public func synchronize() throws(SystemError) {
    let number = number
    try systemCall("fsync", "descriptor \(number)") { fsync(number) }
  }
}
