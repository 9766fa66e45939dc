/// Which versions are accepted: comparisons that must all hold, such as `>=1.2 <2`.
///
/// A version may be shortened from the right, and stands for all that begin so: `1.2` accepts
/// 1.2.0 and 1.2.7, `<2` nothing of 2. A bare version is a comparison for equality.
public struct VersionRange: Sendable, Equatable, CustomStringConvertible {
  private enum Operation: String {
    case atLeast = ">="
    case atMost = "<="
    case above = ">"
    case below = "<"
    case equal = "="

    /// Longest first, as they are looked for.
    static let all: [Operation] = [.atLeast, .atMost, .above, .below, .equal]
  }

  /// `lower` is the first version that it stands for, `upper` the first after them.
  private struct Comparison: Equatable {
    var operation: Operation
    var lower: SemanticVersion
    var upper: SemanticVersion?

    func accepts(_ version: SemanticVersion) -> Bool {
      switch operation {
      case .atLeast: version >= lower
      case .below: version < lower
      case .atMost: upper.map { version < $0 } ?? (version <= lower)
      case .above: upper.map { version >= $0 } ?? (version > lower)
      case .equal: upper.map { version >= lower && version < $0 } ?? (version == lower)
      }
    }
  }

  public let description: String
  private let comparisons: [Comparison]

  /// - Throws: what is wrong with the text, for whoever wrote it.
  public init(_ text: String) throws(VersionRangeError) {
    description = text
    var comparisons: [Comparison] = []
    for word in text.split(whereSeparator: { $0 == " " || $0 == "," }) {
      comparisons.append(try Self.comparison(String(word)))
    }
    guard !comparisons.isEmpty else {
      throw VersionRangeError(message: "a version range has comparisons, such as \">=1.2 <2\"")
    }
    self.comparisons = comparisons
  }

  /// Whether all comparisons hold.
  public func accepts(_ version: SemanticVersion) -> Bool {
    comparisons.allSatisfy { $0.accepts(version) }
  }

  private static func comparison(_ word: String) throws(VersionRangeError) -> Comparison {
    let operation = Operation.all.first { word.hasPrefix($0.rawValue) }
    let text = word.dropFirst(operation?.rawValue.count ?? 0)
    if let version = SemanticVersion(text) {
      return Comparison(operation: operation ?? .equal, lower: version, upper: nil)
    }
    let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
      .map(SemanticVersion.number)
    guard (1...2).contains(numbers.count), let major = numbers[0] else {
      throw VersionRangeError(
        message: "\"\(word)\" is no comparison of a version, such as >=1.2, <2 or 1.4.0")
    }
    guard numbers.count == 2 else {
      return Comparison(
        operation: operation ?? .equal, lower: SemanticVersion(major, 0, 0),
        upper: SemanticVersion(major + 1, 0, 0))
    }
    guard let minor = numbers[1] else {
      throw VersionRangeError(message: "\"\(word)\" is no comparison of a version: \(text)")
    }
    return Comparison(
      operation: operation ?? .equal, lower: SemanticVersion(major, minor, 0),
      upper: SemanticVersion(major, minor + 1, 0))
  }
}

/// Why a text is no version range.
public struct VersionRangeError: Error, Equatable {
  public let message: String
}
