/// Blanks what is no code in Swift text: comments and the insides of strings.
///
/// A scanner, not a parser: enough to match braces and to find words. Interpolations are blanked
/// with their strings.
struct CodeBlanker {
  private let bytes: [UInt8]
  private var output: [UInt8] = []
  private var index = 0

  static func blank(_ text: String) -> String {
    var blanker = CodeBlanker(bytes: Array(text.utf8))
    blanker.run()
    return String(decoding: blanker.output, as: UTF8.self)
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
    output.reserveCapacity(bytes.count)
  }

  private mutating func run() {
    while index < bytes.count {
      if starts("//") {
        skip { $0.bytes[$0.index] == UInt8(ascii: "\n") }
      } else if starts("/*") {
        blankBlockComment()
      } else if let hashes = stringStart() {
        blankString(hashes: hashes)
      } else {
        output.append(bytes[index])
        index += 1
      }
    }
  }

  private func starts(_ text: StaticString, at offset: Int = 0) -> Bool {
    let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    let first = index + offset
    guard first + wanted.count <= bytes.count else { return false }
    return wanted.indices.allSatisfy { bytes[first + $0] == wanted[$0] }
  }

  /// The number of hashes before a quote that begins here; nil = no string begins.
  private func stringStart() -> Int? {
    var hashes = 0
    while index + hashes < bytes.count, bytes[index + hashes] == UInt8(ascii: "#") { hashes += 1 }
    return starts("\"", at: hashes) ? hashes : nil
  }

  private mutating func blankByte() {
    output.append(bytes[index] == UInt8(ascii: "\n") ? bytes[index] : UInt8(ascii: " "))
    index += 1
  }

  private mutating func skip(until isEnd: (CodeBlanker) -> Bool) {
    while index < bytes.count, !isEnd(self) { blankByte() }
  }

  private mutating func skip(_ count: Int) {
    for _ in 0..<count where index < bytes.count { blankByte() }
  }

  private mutating func blankBlockComment() {
    var depth = 0
    repeat {
      if starts("/*") {
        depth += 1
        skip(2)
      } else if starts("*/") {
        depth -= 1
        skip(2)
      } else {
        skip(1)
      }
    } while depth > 0 && index < bytes.count
  }

  private mutating func blankString(hashes: Int) {
    skip(hashes)
    let isLong = starts("\"\"\"")
    let quotes = isLong ? 3 : 1
    skip(quotes)
    while index < bytes.count {
      if closes(quotes: quotes, hashes: hashes) {
        skip(quotes + hashes)
        return
      }
      if escapes(hashes: hashes) {
        skip(1 + hashes)
        if starts("(") { blankInterpolation() } else { skip(1) }
      } else {
        if !isLong, bytes[index] == UInt8(ascii: "\n") { return }
        skip(1)
      }
    }
  }

  private func closes(quotes: Int, hashes: Int) -> Bool {
    guard index + quotes + hashes <= bytes.count else { return false }
    return (0..<quotes).allSatisfy { bytes[index + $0] == UInt8(ascii: "\"") }
      && (quotes..<quotes + hashes).allSatisfy { bytes[index + $0] == UInt8(ascii: "#") }
  }

  private func escapes(hashes: Int) -> Bool {
    guard bytes[index] == UInt8(ascii: "\\"), index + hashes < bytes.count else { return false }
    return (1..<hashes + 1).allSatisfy { bytes[index + $0] == UInt8(ascii: "#") }
  }

  private mutating func blankInterpolation() {
    var depth = 0
    repeat {
      if let hashes = stringStart() {
        blankString(hashes: hashes)
        continue
      }
      if starts("(") { depth += 1 }
      if starts(")") { depth -= 1 }
      skip(1)
    } while depth > 0 && index < bytes.count
  }
}
