import GroupKeys
import LinuxSystem

/// The secrets of keys: made here, kept here, and given to devices alone.
///
/// Intents name keys; so no secret is ever in the host's store, in a plan or in a log. A name always
/// means the same secret, over restarts, because it is on disk before any device gets it.
struct KeyVault {
  let directory: String
  /// Bytes of a key, by the standard.
  static let keyBytes = 16

  /// The secret of that name in hexadecimal, made now where there is none.
  ///
  /// - Throws: `TableRefusal` where a name can't be a file's; `SystemError`.
  func secret(of key: String, in keySet: String) throws -> String {
    guard GroupName.isValid(key), GroupName.isValid(keySet) else {
      throw TableRefusal(
        .invalid, "key \"\(key)\" of key set \"\(keySet)\": names are like \(GroupName.pattern)")
    }
    let folder = "\(directory)/\(keySet)"
    let path = "\(folder)/\(key)"
    if try FileSystem.status(path) != nil {
      return String(decoding: try FileSystem.read(path), as: UTF8.self)
    }
    var generator = SystemRandomNumberGenerator()
    var secret = ""
    for _ in 0..<Self.keyBytes {
      let byte = UInt8.random(in: .min ... .max, using: &generator)
      secret += (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    try FileSystem.makeDirectories(folder, mode: 0o700)
    try AtomicFile.write(secret.utf8, to: path, mode: 0o600)
    return secret
  }
}
