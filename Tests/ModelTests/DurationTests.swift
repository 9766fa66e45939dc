import JSON
import Testing

@testable import Model

@Suite("Lengths of time are read as people write them")
struct DurationTests {
  @Test(
    "a number and a unit make a length of time",
    arguments: [
      ("250ms", 250), ("0s", 0), ("30s", 30_000), ("5m", 300_000), ("1h", 3_600_000),
      ("8784h", 31_622_400_000),
    ] as [(String, Int64)])
  func read(_ text: String, _ milliseconds: Int64) throws {
    #expect(try JSONReader(.string(text)).duration().count == milliseconds)
  }

  @Test(
    "anything else is refused, and so is what would overflow a moment",
    arguments: [
      "", "s", "30", "-5s", "1.5s", "5 s", "5d", "8785h", "9223372036854775807ms",
      "9223372036854775807h", "99999999999999999999s",
    ])
  func refused(_ text: String) {
    #expect(throws: MappingError.self) { try JSONReader(.string(text)).duration() }
  }
}
