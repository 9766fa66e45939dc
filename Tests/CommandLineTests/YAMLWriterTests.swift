import JSON
import Manifests
import SeededRandom
import Testing

@testable import MortiseCLI

@Suite("YAML that is written reads back")
struct YAMLWriterTests {
  @Test("objects and lists are blocks, what is empty stays on its line")
  func layout() {
    let value: JSONValue = [
      "kind": "StatefulNode",
      "spec": [
        "args": ["--port", "6379"], "nested": [["a": 1, "b": [true, .null]], [1, [2]]],
        "none": [:], "nothing": [], "ratio": 0.5,
      ],
      "text": "one\ntwo\n",
    ]
    #expect(
      YAMLWriter.document(value) == """
        kind: StatefulNode
        spec:
          args:
          - "--port"
          - "6379"
          nested:
          - a: 1
            b:
            - true
            - null
          - - 1
            - - 2
          none: {}
          nothing: []
          ratio: 0.5
        text: |
          one
          two

        """)
  }

  @Test(
    "a text that another reader could take for something else is quoted",
    arguments: [
      "", "true", "No", "on", "null", "~", "1", "1e3", "0x1f", "1:30", "2026-01-31", "- a", "a: b",
      "a:", "a #b", "#a", " a", "a ", "*a", "&a", "!a", "{a}", "[a]", "'a'", "\"a\"", "%a", "@a",
      "`a`", "|", ">", "?", ".inf", "=", "<<", "a\tb", "\u{85}", "\u{2028}", "\u{1B}[31m", "é: ü",
    ])
  func quoted(text: String) throws {
    #expect(YAMLScalar.inline(text).hasPrefix("\""))
    try check(["text": .string(text), "list": [.string(text)]])
  }

  @Test(
    "plain texts stay plain", arguments: ["redis:7.0", "/var/lib/x", "default/redis", "a b-c_d"])
  func plain(text: String) throws {
    #expect(YAMLScalar.inline(text) == text)
    try check(["text": .string(text)])
  }

  @Test(
    "several lines read back, whatever they begin and end with",
    arguments: [
      "a\nb", "a\nb\n", "a\n\nb\n", "a\n\n", "\na", " a\nb", "a\n  b\n", "a\n \nb", "a\r\nb\n",
      "#!/bin/sh\nexit 0\n", "a: b\n- c\n", "\t\na\n",
    ])
  func blocks(text: String) throws {
    try check(["text": .string(text), "list": [.string(text), ["deep": .string(text)]]])
  }

  @Test("any document reads back", arguments: UInt64(1)...50)
  func random(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    for _ in 0..<20 {
      try check(["value": Self.value(&generator, depth: 0)], "seed \(seed)")
    }
  }

  private func check(_ value: JSONValue, _ comment: Comment? = nil) throws {
    let text = YAMLWriter.document(value)
    let documents = try ManifestDocument.parse(Array(text.utf8), source: "test")
    #expect(documents.map(\.value) == [value], comment)
  }

  private static func value(_ generator: inout SplitMix64, depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth < 4 ? 9 : 7), using: &generator) {
    case 0: .null
    case 1: .bool(.random(using: &generator))
    case 2: .integer(.random(in: .min ... .max, using: &generator))
    case 3: .number(Double(Int.random(in: -1000...1000, using: &generator)) / 8)
    case 4...6: .string(text(&generator))
    case 7:
      .array(
        (0..<Int.random(in: 0...3, using: &generator)).map { _ in
          value(&generator, depth: depth + 1)
        })
    default:
      .object(
        JSONObject(
          (0..<Int.random(in: 0...3, using: &generator)).map { _ in
            (text(&generator), value(&generator, depth: depth + 1))
          }))
    }
  }

  private static func text(_ generator: inout SplitMix64) -> String {
    let alphabet = Array("ab:#- \n\t\"'\\{}[]|>&*!%@`?,.0123~=é☃\u{7F}\u{1F600}".unicodeScalars)
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...8, using: &generator) {
      text.append(alphabet.randomElement(using: &generator) ?? "a")
    }
    return String(text)
  }
}
