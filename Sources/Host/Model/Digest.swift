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
    digest.removeLast(digest.count - 16)
    return uuidText(digest)
  }

  /// A version 4 id out of 16 random bytes.
  public static func uuid4(random bytes: [UInt8]) -> String {
    precondition(bytes.count == 16, "a UUID has 16 bytes")
    var bytes = bytes
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    return uuidText(bytes)
  }

  /// Ids are made for each plan, task and event, so their text is written into the string itself.
  private static func uuidText(_ bytes: [UInt8]) -> String {
    String(unsafeUninitializedCapacity: 36) { text in
      var place = 0
      for (index, byte) in bytes.enumerated() {
        if index > 2, index < 11, index % 2 == 0 {
          text[place] = UInt8(ascii: "-")
          place += 1
        }
        text[place] = hexDigit(byte >> 4)
        text[place + 1] = hexDigit(byte & 15)
        place += 2
      }
      return place
    }
  }

  private static func uuidBytes(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(16)
    var high: UInt8?
    for character in text.utf8 where character != UInt8(ascii: "-") {
      let digit = hexValue(character)
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return bytes
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { text in
      for (index, byte) in bytes.enumerated() {
        text[index * 2] = hexDigit(byte >> 4)
        text[index * 2 + 1] = hexDigit(byte & 15)
      }
      return bytes.count * 2
    }
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }

  /// What is no digit counts as 0: spaces are ids that this host made.
  private static func hexValue(_ character: UInt8) -> UInt8 {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: 0
    }
  }
}
