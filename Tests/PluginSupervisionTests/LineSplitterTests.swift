import Testing

@testable import PluginSupervision

@Suite("line splitter")
struct LineSplitterTests {
  private let limit = 16

  private func lines(of pieces: [[UInt8]]) -> [String] {
    var splitter = LineSplitter(limit: limit)
    var lines = pieces.flatMap { splitter.lines(in: $0) }
    if let rest = splitter.finish() { lines.append(rest) }
    return lines
  }

  @Test("a text split at each byte gives the same lines")
  func splitAnywhere() {
    let long = String(repeating: "ü€😀x", count: 20)
    let text = Array("first\n\nthird ü\n\(long)\nlast".utf8)
    let whole = lines(of: [text])
    #expect(whole.count > 15)
    #expect(whole.joined().utf8.count == text.count - 4)
    for cut in text.indices {
      #expect(lines(of: [Array(text[..<cut]), Array(text[cut...])]) == whole)
    }
  }

  @Test("a line longer than the limit is cut between characters", arguments: 0..<4)
  func cutsBetweenCharacters(shift: Int) {
    let text = String(repeating: "x", count: shift) + String(repeating: "😀", count: 50)
    let lines = lines(of: [Array(text.utf8)])
    #expect(lines.joined() == text)
    #expect(lines.allSatisfy { $0.utf8.count <= limit })
    #expect(lines.count == 13)
  }

  @Test("bytes that are no UTF-8 become a line nonetheless")
  func repairs() {
    #expect(lines(of: [[0xFF, 0x41, 0x0A]]) == ["\u{FFFD}A"])
    #expect(lines(of: [[UInt8](repeating: 0x80, count: limit + 1)]).count == 2)
  }

  @Test("only the latest lines are kept")
  func recent() {
    var recent = RecentLines()
    for number in 1...(RecentLines.limit + 3) { recent.append("\(number)") }
    #expect(recent.lines.count == RecentLines.limit)
    #expect(recent.lines.first == "4")
  }
}
