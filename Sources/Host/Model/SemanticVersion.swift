/// A version as Semantic Versioning 2.0 orders it: `1.4.0`, `1.4.0-rc.1`. Build metadata is not kept.
public struct SemanticVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var major: Int
  public var minor: Int
  public var patch: Int
  /// The identifiers after the hyphen; empty for a release.
  public var prerelease: [String]

  public init(_ major: Int, _ minor: Int, _ patch: Int, prerelease: [String] = []) {
    self.major = major
    self.minor = minor
    self.patch = patch
    self.prerelease = prerelease
  }

  /// Nil where the text is no version with all of its three numbers.
  public init?(_ text: String) { self.init(text[...]) }

  /// As above.
  public init?(_ text: Substring) {
    let withoutBuild = text.prefix { $0 != "+" }
    let parts = withoutBuild.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let numbers = parts[0].split(separator: ".", omittingEmptySubsequences: false)
      .map(Self.number)
    guard numbers.count == 3, let major = numbers[0], let minor = numbers[1],
      let patch = numbers[2]
    else { return nil }
    self.init(major, minor, patch)
    if parts.count == 2 {
      prerelease = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        .map(String.init)
      if prerelease.contains("") { return nil }
    }
  }

  /// Digits of one number: so many can be counted on by one without harm.
  private static let digitsMax = 9

  /// Digits alone: what else `Int` takes, a sign above all, is in no version.
  static func number(_ digits: Substring) -> Int? {
    digits.utf8.count <= digitsMax
      && digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      ? Int(digits) : nil
  }

  public static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
    let (a, b) = ([left.major, left.minor, left.patch], [right.major, right.minor, right.patch])
    if a != b { return a.lexicographicallyPrecedes(b) }
    // A release comes after all that led to it.
    if left.prerelease.isEmpty || right.prerelease.isEmpty {
      return !left.prerelease.isEmpty && right.prerelease.isEmpty
    }
    return left.prerelease.lexicographicallyPrecedes(right.prerelease, by: precedes)
  }

  /// Numbers come before words; numbers by value, words by their characters.
  private static func precedes(_ left: String, _ right: String) -> Bool {
    switch (number(left[...]), number(right[...])) {
    case (let a?, let b?): a < b
    case (_?, nil): true
    case (nil, _?): false
    case (nil, nil): Array(left.utf8).lexicographicallyPrecedes(Array(right.utf8))
    }
  }

  public var description: String {
    "\(major).\(minor).\(patch)"
      + (prerelease.isEmpty ? "" : "-" + prerelease.joined(separator: "."))
  }
}
