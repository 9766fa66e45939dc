extension JSONParser {
  /// A string; the position is at its opening quote.
  mutating func string() throws(JSONParseError) -> String {
    let start = position
    position += 1
    let runStart = position
    skipPlainBytes()
    if next == UInt8(ascii: "\"") {
      position += 1
      let run = UnsafeBufferPointer(rebasing: text[runStart..<(position - 1)])
      return try validated(Self.string(run), from: start)
    }
    // Only strings with escapes pay for a buffer.
    var bytes = Array(text[runStart..<position])
    while true {
      switch next {
      case UInt8(ascii: "\""):
        position += 1
        return try validated(bytes.withUnsafeBufferPointer(Self.string), from: start)
      case UInt8(ascii: "\\"):
        try escape(into: &bytes)
      case nil:
        throw error("the string that begins here does not end", at: start)
      default:
        throw error("control characters in a string must be escaped, found \(found)")
      }
      let runStart = position
      skipPlainBytes()
      bytes.append(contentsOf: text[runStart..<position])
    }
  }

  private mutating func skipPlainBytes() {
    while let next, next >= 0x20, next != UInt8(ascii: "\""), next != UInt8(ascii: "\\") {
      position += 1
    }
  }

  private func validated(_ string: String?, from start: Int) throws(JSONParseError) -> String {
    guard let string else {
      throw error("the string that begins here is not valid UTF-8", at: start)
    }
    return string
  }

  /// Nil where it is not UTF-8. Not by `String(validating:)`, which looks up generic types each time.
  private static func string(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return "" }
    let span = Span(_unsafeStart: start, count: bytes.count)
    guard let text = try? UTF8Span(validating: span) else { return nil }
    return String(copying: text)
  }

  private mutating func escape(into bytes: inout [UInt8]) throws(JSONParseError) {
    let start = position
    position += 1
    let escaped = next
    position += 1
    switch escaped {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(escaped!)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "u"):
      let scalar = try unicodeEscape(from: start)
      bytes.append(contentsOf: UTF8.encode(scalar)!)
    default:
      throw error("unknown escape in a string", at: start)
    }
  }

  /// A scalar written as one escape, or as two that form a surrogate pair.
  private mutating func unicodeEscape(from start: Int) throws(JSONParseError) -> Unicode.Scalar {
    let high = try hexadecimalDigits(from: start)
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard UTF16.isLeadSurrogate(high), next == UInt8(ascii: "\\"), position + 1 < text.count,
      text[position + 1] == UInt8(ascii: "u")
    else { throw error("a lone surrogate is no character", at: start) }
    position += 2
    let low = try hexadecimalDigits(from: start)
    guard UTF16.isTrailSurrogate(low) else {
      throw error("a lone surrogate is no character", at: start)
    }
    let offset = (UInt32(high - 0xD800) << 10) | UInt32(low - 0xDC00)
    return Unicode.Scalar(0x10000 + offset)!
  }

  private mutating func hexadecimalDigits(from start: Int) throws(JSONParseError) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let next, let digit = Character(Unicode.Scalar(next)).hexDigitValue else {
        throw error("expected four hexadecimal digits after \\u", at: start)
      }
      value = value << 4 | UInt16(digit)
      position += 1
    }
    return value
  }
}
