public import JSON

/// What values are allowed to look like: the structural subset of JSON Schema that Kubernetes uses.
///
/// Blueprints describe specs with it, and plugins their params and outputs. Every keyword that it
/// does not know is refused, so that no rule which somebody wrote is silently not enforced. Fields
/// that a schema does not name are refused too, unless it says otherwise.
///
/// - Invariant: reading, validating and defaulting take time linear in the value and the schema
///   (unguarded: it follows from one visit a node and the bounded `SchemaPattern`).
/// - SeeAlso: DESIGN section 4.
public struct Schema: Sendable, Equatable {
  /// Schemas nest no deeper, so that recursion over them is bounded.
  public static let maximumDepth = 32
  /// Problems found after these are not told: a person fixes the first ones first.
  public static let maximumProblems = 50

  /// The `type` keyword; a schema without it takes any value.
  public enum ValueType: String, CaseIterable, Sendable {
    case object, array, string, integer, number, boolean
  }

  /// What happens to members that `properties` does not name.
  public indirect enum AdditionalProperties: Sendable, Equatable {
    case refused
    case anything
    case schema(Schema)
  }

  /// One named member of an object.
  public struct Property: Sendable, Equatable {
    public let name: String
    public let schema: Schema
  }

  public internal(set) var type: ValueType?
  public internal(set) var isNullable = false
  /// For the reference pages that are made from schemas.
  public internal(set) var description = ""
  public internal(set) var allowedValues: [JSONValue] = []
  public internal(set) var defaultValue: JSONValue?

  public internal(set) var properties: [Property] = []
  public internal(set) var required: [String] = []
  public internal(set) var additionalProperties = AdditionalProperties.refused

  /// Empty or one: an array, because a struct can't hold itself.
  var itemSchemas: [Schema] = []
  public internal(set) var minItems: Int?
  public internal(set) var maxItems: Int?

  public internal(set) var minLength: Int?
  public internal(set) var maxLength: Int?
  public internal(set) var pattern: SchemaPattern?
  public internal(set) var format: SchemaFormat?

  public internal(set) var minimum: JSONValue?
  public internal(set) var maximum: JSONValue?

  /// Where each property stands in `properties`.
  var propertyIndex: [String: Int] = [:]

  /// A schema that takes every value.
  init() {}

  /// The schema of an array's elements; nil = anything.
  public var items: Schema? { itemSchemas.first }

  /// The schema of the member of that name; nil where none is declared.
  public func property(_ name: String) -> Schema? {
    propertyIndex[name].map { properties[$0].schema }
  }
}

/// One thing that is wrong, and where: `spec.disks[2].size`; an empty path is the whole document.
public struct SchemaProblem: Sendable, Equatable, CustomStringConvertible {
  public var path: String
  public var message: String

  public init(path: String, message: String) {
    self.path = path
    self.message = message
  }

  public var description: String { "\(path.isEmpty ? "(document)" : path): \(message)" }
}

/// A schema that can't be used.
public struct SchemaError: Error, Sendable, Equatable, CustomStringConvertible {
  /// At least one, with paths inside the schema: `properties.size.minimum`.
  public let problems: [SchemaProblem]

  public var path: String { problems[0].path }
  public var message: String { problems[0].message }
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}
