public import JSON
public import Model

/// One document of a YAML or JSON text, with the place of every value in it.
///
/// The places make it possible that whatever is found wrong later, by a schema or by the planner,
/// is still told by file, line and column.
public struct ManifestDocument: Sendable {
  /// What the text is called in messages: a file's path, or `(stdin)`.
  public let source: String
  public let value: JSONValue
  let positions: ManifestPositions

  /// A problem with what stands at a path such as `spec.disks[2].size`.
  ///
  /// Where nothing stands there, because it is what is missing, the nearest enclosing value's place
  /// is given.
  public func problem(at path: String, _ message: String) -> ManifestProblem {
    let position = positions.position(of: path, in: value)
    return ManifestProblem(source: source, position: position, path: path, message: message)
  }

  /// The problems that a schema found below `path`, by their places in the text.
  public func problems(_ found: [SchemaProblem], below path: String = "") -> [ManifestProblem] {
    found.map { problem in
      let separator = path.isEmpty || problem.path.isEmpty || problem.path.hasPrefix("[") ? "" : "."
      return self.problem(at: path + separator + problem.path, problem.message)
    }
  }
}

/// Line and column in a text, both from 1; columns count characters.
public struct ManifestPosition: Sendable, Equatable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}

/// Something wrong with a manifest, told so that an editor can jump to it.
public struct ManifestProblem: Sendable, Equatable, CustomStringConvertible {
  public var source: String
  /// Nil where the problem is with the whole text.
  public var position: ManifestPosition?
  public var path: String
  public var message: String

  public init(source: String, position: ManifestPosition?, path: String, message: String) {
    self.source = source
    self.position = position
    self.path = path
    self.message = message
  }

  /// `node.yaml:12:5: spec.replicas: must be an integer, is a string`
  public var description: String {
    let place = position.map { ":\($0.line):\($0.column)" } ?? ""
    return "\(source)\(place): \(path.isEmpty ? "" : path + ": ")\(message)"
  }
}

/// Why a text was refused: all that is wrong with it, in the order of the text.
public struct ManifestError: Error, Sendable, Equatable, CustomStringConvertible {
  /// At least one; at most `ManifestLimits.problems`.
  public let problems: [ManifestProblem]

  public init(problems: [ManifestProblem]) {
    self.problems = problems
  }

  public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// What a manifest may be at most; beyond it the text is refused.
public enum ManifestLimits {
  /// One text, whatever the number of its documents; it has to fit a request to the host.
  public static let textBytes = 4 << 20
  /// One document, in characters: 1 MiB of ASCII.
  public static let documentCharacters = 1 << 20
  /// Lists and objects inside one another; the limit of the JSON that documents become.
  public static let depth = JSONLimits.depth
  /// Values that the aliases of one document may stand for, all told.
  public static let aliasNodes = 10_000
  /// Bytes of text that the aliases of one document may stand for, all told.
  public static let aliasBytes = 1 << 20
  /// Problems found after these are not told.
  public static let problems = 50
}
