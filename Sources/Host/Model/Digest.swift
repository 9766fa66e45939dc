internal import CDigest

/// SHA-2 and the name-based ids that follow from SHA-1 (RFC 9562, version 5).
public enum Digest {
  /// The lowercase hex SHA-256 of the chunks that `next` hands out until it answers nil.
  public static func sha256<Failure: Error>(
    chunks next: () throws(Failure) -> [UInt8]?
  ) throws(Failure) -> String {
    var context = SHA2_CTX()
    SHA256Init(&context)
    while let chunk = try next() { SHA256Update(&context, chunk, chunk.count) }
    return finish(&context)
  }

  /// As above, of chunks that are waited for: a large file is read without holding up its thread.
  public static func streamedSHA256<Failure: Error>(
    chunks next: () async throws(Failure) -> [UInt8]?
  ) async throws(Failure) -> String {
    var context = SHA2_CTX()
    SHA256Init(&context)
    while let chunk = try await next() { SHA256Update(&context, chunk, chunk.count) }
    return finish(&context)
  }

  private static func finish(_ context: inout SHA2_CTX) -> String {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    SHA256Final(&digest, &context)
    return hex(digest)
  }

  /// The id of `name` within the space of ids that the UUID `space` spans; the same for the same input.
  ///
  /// - Invariant: agrees with RFC 9562's example (guarded by `DigestTests`).
  public static func uuid5(space: String, name: String) -> String {
    var context = SHA1_CTX()
    SHA1Init(&context)
    let input = uuidBytes(space) + Array(name.utf8)
    SHA1Update(&context, input, input.count)
    var digest = [UInt8](repeating: 0, count: Int(SHA1_DIGEST_LENGTH))
    SHA1Final(&digest, &context)
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    return uuidText(Array(digest.prefix(16)))
  }

  /// A version 4 id out of 16 random bytes.
  public static func uuid4(random bytes: [UInt8]) -> String {
    precondition(bytes.count == 16, "a UUID has 16 bytes")
    var bytes = bytes
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    return uuidText(bytes)
  }

  private static func uuidText(_ bytes: [UInt8]) -> String {
    let text = Array(hex(bytes))
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(text[$0]) }
      .joined(separator: "-")
  }

  private static func uuidBytes(_ text: String) -> [UInt8] {
    let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
    return stride(from: 0, to: digits.count - 1, by: 2).map { index in
      UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) ?? 0
    }
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
