import JSON
import Testing

@Suite struct JSONParserTests {
  @Test(
    "documents are read",
    arguments: [
      ("null", .null), ("true", true), (" false\n", false), ("0", 0), ("-0", 0), ("-12", -12),
      ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("9007199254740993", 9_007_199_254_740_993), ("1.0", .number(1)), ("-0.5e2", -50.0),
      ("1E-2", 0.01), ("\"\"", ""), ("\"a\\n\\u00e9\\\"\\/\"", "a\né\"/"),
      ("\"\\ud83d\\ude00é😀\"", "😀é😀"), ("\"\\u0000\"", "\0"), ("[]", []), ("[ ]", []),
      ("[1,[2, 3] ,{}]", [1, [2, 3], [:]]), ("{}", [:]),
      ("{ \"b\" : 1 , \"a\":[null] }", ["b": 1, "a": [.null]]),
    ] as [(String, JSONValue)])
  func accepted(_ text: String, _ expected: JSONValue) throws {
    let value = try JSONValue(parsing: text)
    #expect(value == expected)
    #expect(try JSONValue(parsing: value.serialized()) == expected)
  }

  @Test("an integer stays an integer and a number a number")
  func kinds() throws {
    #expect(try JSONValue(parsing: "7").integer == 7)
    #expect(try JSONValue(parsing: "7.0").integer == nil)
    #expect(try JSONValue(parsing: "7.0").double == 7)
  }

  @Test("members keep their order")
  func order() throws {
    #expect(try JSONValue(parsing: #"{"z":1,"a":2,"m":3}"#).object?.names == ["z", "a", "m"])
  }

  @Test(
    "broken documents are refused at the right place",
    arguments: [
      ("", 1, 1, "expected a value, found end of text"),
      ("nul", 1, 1, "expected null"),
      ("{\n  \"a\": 1,\n  \"é\" 2}", 3, 7, "expected ':' after a member's name, found '2'"),
      ("[1 2]", 1, 4, "expected ',' or ']' in an array, found '2'"),
      ("[1,]", 1, 4, "expected a value, found ']'"),
      ("{\"a\":1,}", 1, 8, "expected a member's name in quotes, found '}'"),
      ("{\"a\":1 \"b\"", 1, 8, "expected ',' or '}' in an object, found '\"'"),
      ("{a:1}", 1, 2, "expected a member's name in quotes, found 'a'"),
      ("{\"a\":1,\n\"a\":2}", 2, 1, "member \"a\" appears twice in one object"),
      ("1 1", 1, 3, "unexpected '1' after the end of the document"),
      ("01", 1, 1, "a number must not begin with 0"),
      ("-", 1, 2, "expected a digit, found end of text"),
      ("1.", 1, 3, "expected a digit after the decimal point, found end of text"),
      ("1e+", 1, 4, "expected a digit in the exponent, found end of text"),
      ("9223372036854775808", 1, 1, "the integer is outside of the 64-bit signed range"),
      ("-9223372036854775809", 1, 1, "the integer is outside of the 64-bit signed range"),
      ("99999999999999999999999", 1, 1, "the integer is outside of the 64-bit signed range"),
      ("[1e999]", 1, 2, "the number is too large for a 64-bit floating point number"),
      ("\"a", 1, 1, "the string that begins here does not end"),
      ("\"a\\", 1, 3, "unknown escape in a string"),
      ("\"\\x\"", 1, 2, "unknown escape in a string"),
      ("\"\\u12g4\"", 1, 2, "expected four hexadecimal digits after \\u"),
      ("\"\\ud800\"", 1, 2, "a lone surrogate is no character"),
      ("\"\\udc00\"", 1, 2, "a lone surrogate is no character"),
      ("\"\\ud800\\u0041\"", 1, 2, "a lone surrogate is no character"),
      ("\"a\tb\"", 1, 3, "control characters in a string must be escaped, found byte 0x9"),
      ("\u{FEFF}1", 1, 1, "expected a value, found byte 0xef"),
    ])
  func refused(_ text: String, _ line: Int, _ column: Int, _ message: String) {
    let error = #expect(throws: JSONParseError.self) { try JSONValue(parsing: text) }
    #expect(error?.line == line)
    #expect(error?.column == column)
    #expect(error?.message == message)
  }

  @Test(
    "a string that is not UTF-8 is refused",
    arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80]])
  func invalidUTF8(_ bytes: [UInt8]) {
    #expect(throws: JSONParseError.self) { try JSONValue(parsing: [0x22] + bytes + [0x22]) }
    #expect(throws: JSONParseError.self) {
      try JSONValue(parsing: [0x22, 0x5C, 0x6E] + bytes + [0x22])
    }
  }

  @Test("nesting is accepted to the limit and refused beyond it")
  func depth() throws {
    func nested(_ levels: Int) -> String {
      String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    }
    _ = try JSONValue(parsing: nested(JSONLimits.depth))
    let error = #expect(throws: JSONParseError.self) {
      try JSONValue(parsing: nested(JSONLimits.depth + 1))
    }
    #expect(error?.message == "nested deeper than 64 levels")
    #expect(error?.column == 65)
    #expect(throws: JSONParseError.self) { try JSONValue(parsing: nested(100_000)) }
  }

  @Test("a text over the caller's limit is refused unread")
  func size() throws {
    _ = try JSONValue(parsing: "[1,2]", maximumBytes: 5)
    let error = #expect(throws: JSONParseError.self) {
      try JSONValue(parsing: "[1,2,", maximumBytes: 4)
    }
    #expect(error?.message == "the document has 5 bytes; at most 4 are accepted")
  }

  @Test("a repeated member is found in a large object too", arguments: [0, 15, 16, 17, 4_999])
  func duplicateInLargeObject(_ repeated: Int) throws {
    let members = (0..<5_000).map { "\"m\($0)\":\($0)" }.joined(separator: ",")
    #expect(try JSONValue(parsing: "{\(members)}").object?.count == 5_000)
    let error = #expect(throws: JSONParseError.self) {
      try JSONValue(parsing: "{\(members),\"m\(repeated)\":0}")
    }
    #expect(error?.message == "member \"m\(repeated)\" appears twice in one object")
  }

  @Test("no text traps, whichever byte of it is changed or where it ends")
  func corrupt() throws {
    let text = Array(#"{"a":[1,-2.5e3,"é\n\ud83d\ude00"],"b":{"c":null,"d":true},"e":"x"}"#.utf8)
    _ = try JSONValue(parsing: text)
    for index in text.indices {
      #expect(throws: JSONParseError.self) { try JSONValue(parsing: text[..<index]) }
      for byte in UInt8.min ... .max {
        var changed = text
        changed[index] = byte
        guard let value = try? JSONValue(parsing: changed) else { continue }
        #expect(try JSONValue(parsing: value.serialized()) == value)
      }
    }
  }
}
