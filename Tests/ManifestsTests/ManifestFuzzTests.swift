import JSON
import SeededRandom
import Testing

@testable import Manifests

@Suite("No text traps the manifest reader")
struct ManifestFuzzTests {
  private static let pieces = [
    "a", "b: ", "- ", "\n", "\n  ", "{", "}", "[", "]", ", ", "&x ", "*x", "!!str ", "!t ", "\"",
    "'", "|\n", ">-\n", "---\n", "...\n", "# c\n", "? ", ": ", "0", "1.5", "é", "\u{1F600}", "\t",
    "\\", "\\ud83d\\ude00", "%YAML 1.2\n", "<<: ", "~", "@", "`", "\u{0}", "\u{FEFF}", "\r\n",
  ]

  @Test("texts made of YAML's own pieces end in documents or in placed problems", arguments: 0..<8)
  func pieces(_ seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    for _ in 0..<500 {
      let count = Int.random(in: 0..<40, using: &generator)
      let text = (0..<count).map { _ in Self.pieces.randomElement(using: &generator)! }.joined()
      check(Array(text.utf8), seed)
    }
  }

  @Test("a good text with bytes changed, lost or doubled does not trap", arguments: 0..<8)
  func mutations(_ seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let original = Array(ManifestPositionTests.text.utf8)
    for _ in 0..<500 {
      var text = original
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let index = Int.random(in: 0..<text.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: text[index] = UInt8.random(in: 0...255, using: &generator)
        case 1: text.remove(at: index)
        default: text.insert(text[index], at: index)
        }
      }
      check(text, seed)
    }
  }

  @Test("every prefix of a good text ends in documents or in placed problems")
  func prefixes() {
    let text = Array(ManifestPositionTests.text.utf8)
    for end in 0...text.count { check(Array(text[..<end]), 0) }
  }

  /// What was read must be readable in full: each value has a place, and writes as JSON.
  private func check(_ text: [UInt8], _ seed: UInt64) {
    do {
      for document in try ManifestDocument.parse(text, source: "fuzz") {
        #expect(document.positions.nodes.count == count(document.value), "seed \(seed)")
        #expect(
          throws: Never.self, "seed \(seed): \(String(decoding: text, as: UTF8.self))"
        ) { try JSONValue(parsing: document.value.serialized()) }
      }
    } catch {
      #expect(!error.problems.isEmpty && error.problems.allSatisfy { $0.position != nil })
    }
  }

  private func count(_ value: JSONValue) -> Int {
    switch value {
    case .array(let elements): elements.reduce(1) { $0 + count($1) }
    case .object(let object): object.members.reduce(1) { $0 + count($1.value) }
    default: 1
    }
  }
}
