import FoundationEssentials
import JSON
import Testing

@Suite struct JSONCodableTests {
  private struct Holder: Codable, Equatable {
    var name: String
    var raw: JSONValue
  }

  @Test("a Codable type keeps a part of itself as JSON")
  func holder() throws {
    let raw: JSONValue = [
      "a": [1, 2.5, "x", true, .null], "big": .integer(.max), "o": ["b": [], "a": [:]],
    ]
    let holder = Holder(name: "n", raw: raw)
    let data = try JSONEncoder().encode(holder)
    #expect(try JSONDecoder().decode(Holder.self, from: data) == holder)
    #expect(try JSONValue(parsing: data) == ["name": "n", "raw": raw])
  }
}
