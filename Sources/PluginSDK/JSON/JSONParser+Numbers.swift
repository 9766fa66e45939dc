extension JSONParser {
  /// A number: an exact integer where it has neither fraction nor exponent.
  mutating func number() throws(JSONParseError) -> JSONValue {
    let start = position
    let isNegative = next == UInt8(ascii: "-")
    if isNegative { position += 1 }
    guard let first = next, isDigit(first) else {
      throw error("expected a digit, found \(found)")
    }
    let digitsStart = position
    skipDigits()
    if first == UInt8(ascii: "0"), position > digitsStart + 1 {
      throw error("a number must not begin with 0", at: digitsStart)
    }
    if next != UInt8(ascii: "."), next != UInt8(ascii: "e"), next != UInt8(ascii: "E") {
      return .integer(try integer(digitsStart..<position, isNegative: isNegative, from: start))
    }
    if next == UInt8(ascii: ".") {
      position += 1
      try requireDigits("after the decimal point")
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      try requireDigits("in the exponent")
    }
    let literal = String(decoding: text[start..<position], as: UTF8.self)
    guard let value = Double(literal), value.isFinite else {
      throw error("the number is too large for a 64-bit floating point number", at: start)
    }
    return .number(value)
  }

  private func integer(
    _ digits: Range<Int>, isNegative: Bool, from start: Int
  ) throws(JSONParseError) -> Int64 {
    // Negative throughout: the smallest Int64 has no positive counterpart.
    var value: Int64 = 0
    for digit in text[digits] {
      let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflowedToo) = product.subtractingReportingOverflow(
        Int64(digit - UInt8(ascii: "0")))
      if overflowed || overflowedToo { throw outOfRange(start) }
      value = sum
    }
    if isNegative { return value }
    if value == .min { throw outOfRange(start) }
    return -value
  }

  private func outOfRange(_ start: Int) -> JSONParseError {
    error("the integer is outside of the 64-bit signed range", at: start)
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private mutating func skipDigits() {
    while let next, isDigit(next) { position += 1 }
  }

  private mutating func requireDigits(_ place: String) throws(JSONParseError) {
    guard let next, isDigit(next) else {
      throw error("expected a digit \(place), found \(found)")
    }
    skipDigits()
  }
}
