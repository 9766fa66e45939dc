/// Finds a member of an object in JSON text, without making values of what stands before it.
///
/// Every change is shown to every watcher with the store's version in its metadata, and nothing else
/// of it is touched. The text is what the store keeps, so it is valid; where it is not, nothing is found.
struct MemberScan {
  private let text: UnsafeBufferPointer<UInt8>
  private var position = 0

  /// Where the value of the member stands; nil where the text is no object or has no such member.
  static func range(of name: StaticString, in text: [UInt8]) -> Range<Int>? {
    text.withUnsafeBufferPointer { bytes in
      var scan = MemberScan(text: bytes)
      return scan.range(of: name)
    }
  }

  private init(text: UnsafeBufferPointer<UInt8>) {
    self.text = text
  }

  private mutating func range(of name: StaticString) -> Range<Int>? {
    guard take(UInt8(ascii: "{")) else { return nil }
    repeat {
      skipSpace()
      let start = position
      guard skipString(), take(UInt8(ascii: ":")) else { return nil }
      let isWanted = isString(at: start, name)
      skipSpace()
      let value = position
      guard skipValue() else { return nil }
      if isWanted { return value..<position }
    } while take(UInt8(ascii: ","))
    return nil
  }

  private func isString(at start: Int, _ name: StaticString) -> Bool {
    let count = name.utf8CodeUnitCount
    guard start + count + 1 < text.count, text[start + count + 1] == UInt8(ascii: "\"") else {
      return false
    }
    return (0..<count).allSatisfy { text[start + 1 + $0] == name.utf8Start[$0] }
  }

  private mutating func skipSpace() {
    while position < text.count, text[position] <= 0x20 { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard position < text.count, text[position] == byte else { return false }
    position += 1
    return true
  }

  /// The position is at an opening quote, and then behind the closing one.
  private mutating func skipString() -> Bool {
    guard position < text.count, text[position] == UInt8(ascii: "\"") else { return false }
    position += 1
    while position < text.count {
      defer { position += 1 }
      if text[position] == UInt8(ascii: "\"") { return true }
      if text[position] == UInt8(ascii: "\\") { position += 1 }
    }
    return false
  }

  /// The position is at the beginning of a value, and then right behind it; behind a number also
  /// behind the space that follows it.
  private mutating func skipValue() -> Bool {
    var depth = 0
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: "\""):
        guard skipString() else { return false }
        if depth == 0 { return true }
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        // The end of what the value is a member of.
        if depth == 0 { return true }
        depth -= 1
        if depth == 0 {
          position += 1
          return true
        }
      case UInt8(ascii: ",") where depth == 0: return true
      default: break
      }
      position += 1
    }
    return false
  }
}
