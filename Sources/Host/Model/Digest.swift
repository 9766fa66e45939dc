internal import CDigest

/// SHA-2, by the processor's own instructions where it has them, and the name-based ids that follow
/// from SHA-1 (RFC 9562, version 5).
public enum Digest {
  /// The lowercase hex SHA-256 of the chunks that `next` hands out until it answers nil.
  public static func sha256<Failure: Error>(
    chunks next: () throws(Failure) -> [UInt8]?
  ) throws(Failure) -> String {
    var context = sha256_ctx()
    nettle_sha256_init(&context)
    while let chunk = try next() { nettle_sha256_update(&context, chunk.count, chunk) }
    return finish(&context)
  }

  /// As above, of chunks that are waited for: a large file is read without holding up its thread.
  public static func streamedSHA256<Failure: Error>(
    chunks next: () async throws(Failure) -> [UInt8]?
  ) async throws(Failure) -> String {
    var context = sha256_ctx()
    nettle_sha256_init(&context)
    while let chunk = try await next() { nettle_sha256_update(&context, chunk.count, chunk) }
    return finish(&context)
  }

  private static func finish(_ context: inout sha256_ctx) -> String {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_SIZE))
    nettle_sha256_digest(&context, digest.count, &digest)
    return hex(digest)
  }

  /// The id of `name` within the space of ids that the UUID `space` spans; the same for the same input.
  ///
  /// - Invariant: agrees with RFC 9562's example (guarded by `DigestTests`).
  public static func uuid5(space: String, name: String) -> String {
    var context = sha1_ctx()
    nettle_sha1_init(&context)
    let input = uuidBytes(space) + Array(name.utf8)
    nettle_sha1_update(&context, input.count, input)
    var digest = [UInt8](repeating: 0, count: Int(SHA1_DIGEST_SIZE))
    nettle_sha1_digest(&context, digest.count, &digest)
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
