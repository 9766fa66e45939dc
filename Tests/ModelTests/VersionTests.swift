import Testing

@testable import Model

@Suite("Versions and their ranges")
struct VersionTests {
  @Test("the order is that of Semantic Versioning's example, and of numbers by value")
  func order() throws {
    let ordered = [
      "0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
      "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.2.0", "1.10.0", "2.0.0",
    ]
    let versions = try ordered.map { try #require(SemanticVersion($0)) }
    for (left, lower) in versions.enumerated() {
      for (right, upper) in versions.enumerated() {
        #expect((lower < upper) == (left < right), "\(lower) and \(upper)")
      }
    }
  }

  @Test("build metadata does not count", arguments: ["1.0.0+a", "1.0.0+b.c"])
  func build(text: String) { #expect(SemanticVersion(text) == SemanticVersion(1, 0, 0)) }

  @Test(
    "what is no version is refused",
    arguments: ["", "1", "1.2", "1.2.x", "+1.0.0", "1.0.0-", "1.0.-1"])
  func refused(text: String) { #expect(SemanticVersion(text) == nil) }

  @Test(
    "a range accepts what all of its comparisons accept",
    arguments: [
      (">=1.0.0 <2.0.0", ["1.0.0", "1.9.9"], ["0.9.9", "2.0.0", "1.0.0-rc.1"]),
      (">=1.2, <2", ["1.2.0", "1.99.0"], ["1.1.9", "2.0.0", "2.1.0"]),
      ("1.2", ["1.2.0", "1.2.7"], ["1.3.0", "1.1.0"]),
      ("1", ["1.0.0", "1.7.3"], ["2.0.0", "0.9.0"]),
      ("=1.2.3", ["1.2.3"], ["1.2.4"]),
      (">1", ["2.0.0"], ["1.9.0"]),
      ("<=1.1", ["1.1.9", "1.0.0"], ["1.2.0"]),
      (">1.0.0", ["1.0.1"], ["1.0.0"]),
    ])
  func ranges(text: String, accepted: [String], refused: [String]) throws {
    let range = try VersionRange(text)
    for version in accepted { #expect(range.accepts(try #require(SemanticVersion(version)))) }
    for version in refused { #expect(!range.accepts(try #require(SemanticVersion(version)))) }
  }

  @Test("what is no range says so", arguments: ["", "latest", ">=", ">=1.x", "1.2.3.4", "~1.2"])
  func noRange(text: String) {
    #expect(throws: VersionRangeError.self) { try VersionRange(text) }
  }
}
