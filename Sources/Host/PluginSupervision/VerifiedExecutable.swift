internal import Glibc
internal import LinuxSystem
internal import Model

/// An executable file, open, with the digest of what it holds.
///
/// The descriptor is what is executed: a file that takes the path's place later changes nothing.
struct VerifiedExecutable: Sendable {
  /// Read in one turn of the loop: some milliseconds' worth.
  private static let chunkBytes = 512 * 1024

  let descriptor: Descriptor
  /// `sha256:` and 64 hex digits.
  let digest: String
  private let stamp: FileStamp

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
      let stamp = try FileStamp(executable: descriptor, path: path)
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

  /// The same content as before, for another process of it; nil where the file was written to since.
  ///
  /// What stands at the path by now does not matter: a version that was begun goes on as it is, even
  /// where its file is gone.
  func unchanged() async -> VerifiedExecutable? {
    do throws(SystemError) {
      let path = "/proc/self/fd/\(descriptor.number)"
      let present = try FileStamp(executable: descriptor, path: path)
      if present == stamp { return self }
      // A new name or none at all changes the stamp, too. Opened anew, as it is read from its start.
      let digest = try await Self.digest(of: try Descriptor.open(path, O_RDONLY))
      guard digest == self.digest else { return nil }
      return VerifiedExecutable(descriptor: descriptor, digest: digest, stamp: present)
    } catch {
      return nil
    }
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
}

/// Why an executable is not run.
struct VerificationError: Error, Equatable {
  let message: String
}
