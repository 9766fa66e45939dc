import Testing

@testable import Model

@Suite("Patterns match in linear time and refuse what they do not know")
struct SchemaPatternTests {
  @Test(
    "a pattern matches what it should and nothing else",
    arguments: [
      ("abc", ["abc", "xabcx"], ["", "ab", "acb"]),
      ("^abc$", ["abc"], ["xabc", "abcx", "abc\n"]),
      ("", ["", "x"], []),
      ("^$", [""], ["x"]),
      ("^a*$", ["", "a", "aaaa"], ["b", "aab"]),
      ("^a+?$", ["a", "aa"], ["", "b"]),
      ("^ab?c$", ["ac", "abc"], ["abbc"]),
      ("^a{2}$", ["aa"], ["a", "aaa"]),
      ("^a{2,}$", ["aa", "aaaaa"], ["a"]),
      ("^a{0,2}$", ["", "a", "aa"], ["aaa"]),
      ("^(foo|ba[rz]|)$", ["foo", "bar", "baz", ""], ["ba", "foobar"]),
      ("^(?:ab)+$", ["ab", "abab"], ["aba"]),
      ("^[^0-9]$", ["a", "é", "-"], ["5", "ab"]),
      ("^[a-c-]+$", ["a-b"], ["d"]),
      (#"^\d\D\w\W\s\S$"#, ["1a_- x", "9-A. 1"], ["aaaaaa"]),
      (#"^[\w.\-]+@\w+\.\w+$"#, ["a.b-c@d.org"], ["a@b", "@b.c"]),
      (#"^\[\]\{\}\(\)\\\.$"#, [#"[]{}()\."#], ["x"]),
      ("^.$", ["x", "é", "😀"], ["\n", "xy", ""]),
      ("^(a|b)*c|d$", ["abac", "xd"], ["ab"]),
      ("^(^a$)$", ["a"], ["aa"]),
      ("a$b", [], ["ab", "a", "b"]),
      ("(a*)*b", ["b", "aaab"], ["aaaa"]),
      ("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", ["a", "a-b", "0x"], ["-a", "a-", "A"]),
    ])
  func matching(_ source: String, _ good: [String], _ bad: [String]) throws {
    let pattern = try SchemaPattern(source)
    for text in good { #expect(pattern.matches(text), "\(source) should match \(text)") }
    for text in bad { #expect(!pattern.matches(text), "\(source) should not match \(text)") }
  }

  @Test(
    "what is not supported is refused where it stands",
    arguments: [
      ("(", 1), ("a)", 1), ("*a", 0), ("a**", 2), ("[a", 1), ("[]", 2), ("[z-a]", 4),
      (#"\1"#, 1), (#"\b"#, 1), (#"\p"#, 1), ("\\", 1), ("(?=a)", 2), ("(?<n>a)", 2), ("a{2,1}", 1),
      ("a{", 1), ("a{1000}", 1), ("{", 0), ("]", 0), ("[[:alpha:]]", 1), ("[a-", 1), ("a{1}{2}", 4),
      (#"[\D]"#, 3), (#"[\d-z]"#, 5),
    ])
  func refusal(_ source: String, _ offset: Int) {
    let refusal = #expect(throws: SchemaPattern.Refusal.self) { try SchemaPattern(source) }
    #expect(refusal?.offset == offset, "\(refusal?.message ?? "")")
  }

  @Test(
    "a pattern that is too large written out is refused before it is",
    arguments: [
      "(a{999}){999}", "((((((){999}){999}){999}){999}){999}){999}",
      "[abcdefghij]{900}", String(repeating: "a", count: 5000),
    ])
  func size(_ source: String) {
    let refusal = #expect(throws: SchemaPattern.Refusal.self) { try SchemaPattern(source) }
    #expect(refusal?.message.contains("too large") == true)
  }

  @Test("groups deeper than the limit are refused, those at the limit are not")
  func depth() throws {
    let limit = SchemaPattern.maximumGroupDepth
    func nested(_ depth: Int) -> String {
      String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth)
    }
    #expect(try SchemaPattern(nested(limit)).matches("a"))
    #expect(throws: SchemaPattern.Refusal.self) { try SchemaPattern(nested(limit + 1)) }
    #expect(throws: SchemaPattern.Refusal.self) { try SchemaPattern(nested(100_000)) }
  }

  /// A backtracking matcher would need longer than the machine will exist.
  @Test(
    "patterns that ruin a backtracking matcher are decided",
    arguments: ["^(a+)+$", "^(a|a)*$", "^(a*)*$", "^(a|aa)+$", "^(.*)(.*)(.*)(.*)x$"])
  func linearity(_ source: String) throws {
    let text = String(repeating: "a", count: 2000) + "!"
    #expect(try !SchemaPattern(source).matches(text))
  }

  @Test("a text longer than the limit never matches")
  func textLimit() throws {
    let pattern = try SchemaPattern("b$")
    let limit = SchemaPattern.maximumTextScalars
    #expect(pattern.matches(String(repeating: "a", count: limit - 1) + "b"))
    #expect(!pattern.matches(String(repeating: "a", count: limit) + "b"))
  }
}
