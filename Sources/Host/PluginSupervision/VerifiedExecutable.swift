internal import Glibc
internal import LinuxSystem
internal import Model

/// An executable file, open, with the digest of what it holds.
///
/// The descriptor is what is executed: a file that takes the path's place later changes nothing.
struct VerifiedExecutable: Sendable {
  /// Which content a file had: a change of any of these means that the digest must be taken anew.
  /// The change time is the kernel's own, so nobody who writes the file can keep it.
  private struct Stamp: Equatable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    var changedSeconds: Int
    var changedNanoseconds: Int
  }

  /// Read in one turn of the loop: some milliseconds' worth.
  private static let chunkBytes = 512 * 1024

  let descriptor: Descriptor
  /// `sha256:` and 64 hex digits.
  let digest: String
  private let stamp: Stamp

  /// Opens the file and takes its digest, unless `earlier` is of the very same content.
  ///
  /// - Isolation: the caller's; it is given up between chunks, so that an event loop goes on.
  /// - Parameter expected: the digest that plugin.yaml promises; nil = any.
  /// - Throws: why it can't be executed: for an operator, naming the path.
  static func open(
    _ path: String, expected: String?, earlier: VerifiedExecutable?
  ) async throws(VerificationError) -> VerifiedExecutable {
    let verified: VerifiedExecutable
    do throws(SystemError) {
      let descriptor = try Descriptor.open(path, O_RDONLY)
      let stamp = try stamp(of: descriptor, path: path)
      if let earlier, earlier.stamp == stamp {
        verified = earlier
      } else {
        verified = VerifiedExecutable(
          descriptor: descriptor, digest: try await digest(of: descriptor), stamp: stamp)
      }
    } catch {
      throw VerificationError(message: "its executable can't be run: \(error)")
    }
    if let expected, expected != verified.digest {
      throw VerificationError(
        message: "\(path) has digest \(verified.digest), but plugin.yaml says \(expected); "
          + "install the right file, or write its digest into plugin.yaml")
    }
    return verified
  }

  private static func digest(of descriptor: Descriptor) async throws(SystemError) -> String {
    let digest = try await Digest.streamedSHA256(
      chunks: { () async throws(SystemError) -> [UInt8]? in
        await Task.yield()
        let chunk = try descriptor.read(upTo: chunkBytes)
        return chunk.isEmpty ? nil : chunk
      })
    return "sha256:\(digest)"
  }

  private static func stamp(of descriptor: Descriptor, path: String) throws(SystemError) -> Stamp {
    var status = stat()
    if fstat(descriptor.number, &status) != 0 {
      throw SystemError(code: errno, call: "fstat", subject: path)
    }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o111 != 0 else {
      throw SystemError(code: EACCES, call: "execute", subject: path)
    }
    return Stamp(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
      changedSeconds: status.st_ctim.tv_sec, changedNanoseconds: status.st_ctim.tv_nsec)
  }
}

/// Why an executable is not run.
struct VerificationError: Error, Equatable {
  let message: String
}
