import JSON
import Testing

@testable import Manifests

@Suite("What could be misread in a manifest is refused, by file, line, column and path")
struct ManifestRefusalTests {
  @Test(
    "each mistake is told where it is",
    arguments: [
      ("a: [1", "test.yaml:2:1: ", "broken YAML: did not find expected ',' or ']'"),
      ("a: 1\n b: 2\n", "test.yaml:2:3: ", "broken YAML: mapping values are not allowed"),
      (
        "a:\n\t- 1\n", "test.yaml:2:1: ", "broken YAML: found character that cannot start any token"
      ),
      ("a: 'x\n", "test.yaml:2:1: ", "unexpected end of stream"),
      ("a: \"\\q\"\n", "test.yaml:1:5: ", "unknown escape"),
      ("a: x\nb: \u{1}\n", "test.yaml:2:4: ", "the character U+1 is not allowed in YAML"),
      ("a: 1\na: 2\n", "test.yaml:2:1: ", "\"a\" is there twice"),
      ("x:\n  - {a: 1, \"a\": 2}\n", "test.yaml:2:12: x[0]: ", "\"a\" is there twice"),
      ("1: x\n", "test.yaml:1:1: ", "the key 1 is no string"),
      ("a: {true: x}\n", "test.yaml:1:5: a: ", "the key true is no string"),
      ("~: x\n", "test.yaml:1:1: ", "the key ~ is no string"),
      (": x\n", "test.yaml:1:1: ", "broken YAML: did not find expected key"),
      ("? \n: x\n", "test.yaml:1:2: ", "an empty key is no string"),
      ("a: \u{7F}", "test.yaml:1:4: ", "the character U+7F"),
      ("a\u{FEFF}", "test.yaml:1:2: ", "U+FEFF"),
      ("? [a]\n: x\n", "test.yaml:1:3: ", "a key must be a string, is a collection"),
      ("? {a: 1}\n: x\n", "test.yaml:1:3: ", "a key must be a string, is a collection"),
      ("a: &l [1]\n*l : 2\n", "test.yaml:2:1: ", "*l stands for something else"),
      ("<<: {a: 1}\n", "test.yaml:1:1: ", "merge keys (<<) are not supported"),
      ("a: .nan\n", "test.yaml:1:4: a: ", "NaN can't be kept"),
      ("a: [1, -.inf]\n", "test.yaml:1:8: a[1]: ", "infinity can't be kept"),
      ("a: 1e999\n", "test.yaml:1:4: a: ", "too large for a number"),
      ("a: 0644\n", "test.yaml:1:4: a: ", "write 644, 0o644, or \"0644\" for a string"),
      ("a: 00\n", "test.yaml:1:4: a: ", "write 0, 0o0, or"),
      ("a: 9223372036854775808\n", "test.yaml:1:4: a: ", "does not fit into 64 bits"),
      ("a: 0xffffffffffffffff\n", "test.yaml:1:4: a: ", "does not fit into 64 bits"),
      ("a: !!int x\n", "test.yaml:1:4: a: ", "is no integer"),
      ("a: !!binary aGk=\n", "test.yaml:1:4: a: ", "tag:yaml.org,2002:binary is not supported"),
      ("a: !secret x\n", "test.yaml:1:4: a: ", "the tag !secret is not supported"),
      ("a: !!set {x: 1}\n", "test.yaml:1:4: a: ", "tag:yaml.org,2002:set is not supported"),
      ("a: *none\n", "test.yaml:1:4: a: ", "nothing before this is anchored as &none"),
      ("a: &x [*x]\n", "test.yaml:1:8: a[0]: ", "or it is not complete"),
      ("%YAML 2.0\n--- a\n", "test.yaml:1:1: ", "incompatible YAML document"),
    ])
  func mistake(_ text: String, _ place: String, _ words: String) {
    let found = problems(text)
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix(place) == true, "\(found)")
    #expect(found.first?.contains(words) == true, "\(found)")
  }

  @Test("several mistakes, in several documents, are told together")
  func several() {
    #expect(
      problems("a: .nan\nb: 1\nb: 2\n---\n3: x\n---\nc: [\n").map { String($0.prefix(13)) } == [
        "test.yaml:1:4", "test.yaml:3:1", "test.yaml:5:1", "test.yaml:8:1",
      ])
    let many = problems("[" + String(repeating: ".nan, ", count: 200) + "]")
    #expect(many.count == ManifestLimits.problems)
  }

  @Test("text that is not UTF-8 is refused at the place of the first bad byte")
  func encoding() {
    #expect(
      problems(Array("a: 1\nb: é".utf8) + [0xFF]) == [
        "test.yaml:2:5: the text is not UTF-8 here: save it with that encoding"
      ])
    #expect(problems([0xFF, 0xFE, 0x61, 0x00]).first?.contains("not UTF-8") == true)
    #expect(problems([0x61, 0xC3]).first?.contains("test.yaml:1:2") == true)
    #expect(
      problems(Array("a: x\0y".utf8)).first?.contains("test.yaml:1:5: the character U+0") == true)
  }

  @Test("nesting ends at the limit, in flow and block style and through aliases")
  func depth() throws {
    let limit = ManifestLimits.depth
    func flow(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(problems(flow(limit)) == [])
    #expect(problems(flow(limit + 1)).first?.contains("nested deeper than 64") == true)
    #expect(problems(String(repeating: "[", count: 1_000_000)).count == 1)
    #expect(problems(String(repeating: "- ", count: 100_000)).count == 1)
    #expect(problems(String(repeating: "{a: ", count: 100_000)).count == 1)
    let half = flow(limit / 2)
    let prefix = String(repeating: "[", count: limit / 2 - 1)
    let suffix = String(repeating: "]", count: limit / 2 - 1)
    #expect(problems("[&a \(half), \(prefix)*a\(suffix)]") == [])
    #expect(problems("[&a \(half), [\(prefix)*a\(suffix)]]").first?.contains("deeper") == true)
  }

  @Test("texts and documents end at their limits")
  func size() {
    let line = String(repeating: "x", count: 1023) + "\n"
    let document = "a: |\n" + String(repeating: "  " + line, count: 900)
    #expect(problems(document) == [])
    #expect(problems(document + "---\n" + document) == [])
    let long = "- " + String(repeating: "y", count: ManifestLimits.documentCharacters)
    #expect(problems(long).first?.contains("longer than 1048576 characters") == true)
    let huge = problems(Array(repeating: UInt8(ascii: "#"), count: ManifestLimits.textBytes + 1))
    #expect(huge.first?.contains("4194305 bytes; at most 4194304") == true)
  }

  @Test("aliases that explode are refused before they do")
  func explosion() {
    var laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
    for level in 1...9 {
      let list = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      laughs += "a\(level): &a\(level) [\(list)]\n"
    }
    #expect(problems(laughs).first?.contains("aliases stand for more than 10000 values") == true)
    let text = "a: &a \"" + String(repeating: "x", count: 500_000) + "\"\nb: [*a, *a]\nc: *a\n"
    #expect(problems(text).first?.contains("test.yaml:3:4: c: aliases") == true)
    #expect(problems(text.replacing("\nc: *a", with: "")) == [])
  }
}
