/// What has to be right about the bytes before they are read as YAML.
enum ManifestEncoding {
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// The first byte that is no UTF-8, or character that YAML does not allow.
  ///
  /// libyaml refuses them too, but its reader is ahead of its parser and tells no place.
  static func problem(in text: [UInt8], source: String) -> ManifestProblem? {
    var decoder = UTF8()
    var bytes = (text.starts(with: byteOrderMark) ? text.dropFirst(3) : text[...]).makeIterator()
    var position = ManifestPosition(line: 1, column: 1)
    while true {
      let message: String
      switch decoder.decode(&bytes) {
      case .emptyInput:
        return nil
      case .scalarValue("\n"):
        position = ManifestPosition(line: position.line + 1, column: 1)
        continue
      case .scalarValue(let scalar) where isAllowed(scalar):
        position.column += 1
        continue
      case .scalarValue(let scalar):
        let code = String(scalar.value, radix: 16, uppercase: true)
        message = "the character U+\(code) is not allowed in YAML: in double quotes, escape it"
      case .error:
        message = "the text is not UTF-8 here: save it with that encoding"
      }
      return ManifestProblem(source: source, position: position, path: "", message: message)
    }
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E, 0x09, 0x0A, 0x0D, 0x85: true
    case 0..<0xA0, 0xFEFF, 0xFFFE, 0xFFFF: false
    default: true
    }
  }

  /// The bytes as libyaml wants them.
  static func prepared(_ text: [UInt8]) -> [UInt8] {
    let body = text.starts(with: byteOrderMark) ? Array(text.dropFirst(3)) : text
    let isBlank = { (byte: UInt8) in byte <= 0x20 }
    guard let first = body.first(where: { !isBlank($0) }), first == 0x7B || first == 0x5B else {
      return body
    }
    return joiningSurrogates(body)
  }

  /// Writes JSON's `\ud83d\ude00` as YAML's `\U0001f600`.
  ///
  /// It is the one thing in JSON that libyaml does not read, and what Python writes for an emoji.
  /// Columns behind it on the same line are told two short for each.
  private static func joiningSurrogates(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var index = 0
    var isInString = false
    while index < text.count {
      let byte = text[index]
      if byte == UInt8(ascii: "\"") { isInString.toggle() }
      guard isInString, byte == UInt8(ascii: "\\") else {
        result.append(byte)
        index += 1
        continue
      }
      if let high = unit(at: index, in: text), UTF16.isLeadSurrogate(high),
        let low = unit(at: index + 6, in: text), UTF16.isTrailSurrogate(low)
      {
        let scalar = 0x10000 + (UInt32(high) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
        let digits = String(scalar, radix: 16)
        result += "\\U\(String(repeating: "0", count: 8 - digits.count))\(digits)".utf8
        index += 12
      } else {
        result += text[index..<min(index + 2, text.count)]
        index += 2
      }
    }
    return result
  }

  /// The code unit of an escape `\uXXXX` that begins there.
  private static func unit(at index: Int, in text: [UInt8]) -> UInt16? {
    guard index + 6 <= text.count, text[index] == UInt8(ascii: "\\"),
      text[index + 1] == UInt8(ascii: "u")
    else { return nil }
    var unit: UInt16 = 0
    for byte in text[(index + 2)..<(index + 6)] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }
}
