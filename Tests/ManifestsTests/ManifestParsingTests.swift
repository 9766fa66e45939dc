import JSON
import Testing

@testable import Manifests

/// The documents of a text, as values.
func values(_ text: String) throws(ManifestError) -> [JSONValue] {
  try ManifestDocument.parse(Array(text.utf8), source: "test.yaml").map(\.value)
}

/// The problems of a text, each as a person reads it.
func problems(_ text: [UInt8]) -> [String] {
  do {
    _ = try ManifestDocument.parse(text, source: "test.yaml")
    return []
  } catch {
    return error.problems.map(\.description)
  }
}

func problems(_ text: String) -> [String] { problems(Array(text.utf8)) }

@Suite("Manifests are read as YAML 1.2 and JSON")
struct ManifestParsingTests {
  @Test(
    "a plain scalar means what the core schema says",
    arguments: [
      ("", .null), ("~", .null), ("null", .null), ("Null", .null), ("nULL", "nULL"),
      ("true", true), ("True", true), ("FALSE", false), ("tRue", "tRue"),
      ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("N", "N"),
      ("0", 0), ("-0", 0), ("+12", 12), ("-12", -12), ("0o17", 15), ("0xfF", 255),
      ("9223372036854775807", 9_223_372_036_854_775_807),
      ("-9223372036854775808", .integer(.min)),
      ("1.5", 1.5), (".5", 0.5), ("12.", 12.0), ("1e3", 1000.0), ("-1.5E-2", -0.015),
      ("1_000", "1_000"), ("0b11", "0b11"), ("1:30", "1:30"), ("190:20:30", "190:20:30"),
      ("2026-01-31", "2026-01-31"), ("1.2.3", "1.2.3"), ("e3", "e3"), ("1e", "1e"), (".", "."),
      ("-", "-"), ("+", "+"), ("0x", "0x"), ("0xZ", "0xZ"), ("-0x1", "-0x1"), ("0o8", "0o8"),
      ("redis:7.0", "redis:7.0"), ("\"12\"", "12"), ("'true'", "true"), ("\"\"", ""),
      ("!!str 12", "12"), ("! 12", "12"), ("!!int 12", 12), ("!!float 12", 12.0),
      ("!!bool true", true), ("!!null ~", .null),
    ] as [(String, JSONValue)])
  func scalars(_ text: String, _ expected: JSONValue) throws {
    let value = try values("[{a: \(text)}]").first?.array?.first?["a"]
    // Equality of JSON values takes 12 and 12.0 for the same; here they are not.
    #expect(value?.description == expected.description)
  }

  @Test("several documents are told apart and empty ones skipped")
  func documents() throws {
    let text = "# a comment\n---\na: 1\n---\n---\n# nothing\n---\n- 2\n...\n---\n'3'\n---\n"
    #expect(try values(text) == [["a": 1], [2], "3"])
    #expect(try values("").isEmpty)
    #expect(try values("---\n---\n").isEmpty)
    #expect(try values("--- ~\n") == [.null])
    #expect(try values("--- ''\n") == [""])
  }

  @Test("JSON is read as JSON, whatever its layout")
  func json() throws {
    let text =
      "\u{FEFF}{\n\t\"a\" : [1, -2.5e1, true, null, \"x\\/\\u00e9\\n\"],\r\n\t\"b\": {\"c\":{}}}"
    let expected: JSONValue = ["a": [1, -25.0, true, .null, "x/é\n"], "b": ["c": [:]]]
    #expect(try values(text) == [expected])
  }

  @Test("JSON's pairs of surrogates are joined, and nothing that looks like them is")
  func surrogates() throws {
    #expect(
      try values(#"{"a": "\ud83d\ude00x", "b": "\\ud83d\\ude00"}"#) == [
        ["a": "😀x", "b": #"\ud83d\ude00"#]
      ])
    #expect(problems(#"{"a": "\ud83d x"}"#).count == 1)
    #expect(problems(#"{"a": "\ud83d"#).count == 1)
  }

  @Test("block scalars, folded lines and nested blocks are what YAML makes of them")
  func blocks() throws {
    let text = """
      config: |
        maxmemory 64mb
        save ""
      note: >-
        one
        two
      nested:
        - a: 1
          b: [x, {y: z}]
        -
          - deep
      """
    let expected: JSONValue = [
      "config": "maxmemory 64mb\nsave \"\"\n", "note": "one two",
      "nested": [["a": 1, "b": ["x", ["y": "z"]]], ["deep"]],
    ]
    let found = try values(text)
    #expect(found == [expected], "\(found)")
  }

  @Test("members keep the order in which they were written")
  func order() throws {
    #expect(try values("{z: 1, a: 2, m: 3}").first?.object?.names == ["z", "a", "m"])
  }

  @Test("an alias stands for a copy of what it names")
  func aliases() throws {
    let text = "a: &x {k: [1]}\nb: *x\nc: &s word\nd: *s\n*s : 5\n"
    #expect(
      try values(text) == [
        ["a": ["k": [1]], "b": ["k": [1]], "c": "word", "d": "word", "word": 5]
      ])
  }

  @Test("an anchor may be set again, and does not reach into the next document")
  func anchorScope() throws {
    #expect(try values("[&a 1, *a, &a 2, *a]") == [[1, 1, 2, 2]])
    #expect(problems("a: &x 1\n---\nb: *x\n").count == 1)
  }

  @Test("a mapping of thousands of keys is read, and its repeated key found")
  func manyKeys() throws {
    let lines = (0..<20_000).map { "key\($0): \($0)" }
    #expect(try values(lines.joined(separator: "\n")).first?.object?.count == 20_000)
    #expect(
      problems((lines + ["key19999: again"]).joined(separator: "\n")) == [
        "test.yaml:20001:1: \"key19999\" is there twice"
      ])
  }
}
