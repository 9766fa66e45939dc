public import JSON

/// A kind of work that a plugin carries out, under a name that blueprints use.
///
/// Conform to `IntentTask` where the work is done by setting intents, to `ExternalTask` where the task
/// touches the world itself. One value serves every call of the type, so it holds no state of a task.
public protocol TaskType: Sendable {
  /// What the blueprint passes in; `JSONValue` takes it as it comes.
  associatedtype Params: Codable & Sendable
  /// What the task hands to the blueprint's outputs; `NoOutputs` where there are none.
  associatedtype Outputs: Codable & Sendable

  /// The type's name, unique in the host: "ensure-data-pvc".
  static var name: String { get }
  /// Semantic version of the type; blueprints may ask for a range.
  static var version: String { get }
  /// JSON schema that the host checks params against before it calls; by default any object.
  static var paramsSchema: JSONValue { get }
  /// JSON schema that the host checks outputs against; by default any object.
  static var outputsSchema: JSONValue { get }
  /// Deadline of one call; nil leaves it to the host.
  static var timeout: Duration? { get }
  /// Most calls of this type at once; nil where the type has no limit of its own.
  static var maxConcurrent: Int? { get }
}

extension TaskType {
  public static var paramsSchema: JSONValue { .anyObjectSchema }
  public static var outputsSchema: JSONValue { .anyObjectSchema }
  public static var timeout: Duration? { nil }
  public static var maxConcurrent: Int? { nil }
}

/// The outputs of a task that has none.
public struct NoOutputs: Codable, Sendable, Equatable {
  public init() {}
}

extension JSONValue {
  /// The schema of every object: in the host's subset of JSON Schema what is not named is refused.
  public static let anyObjectSchema: JSONValue = ["type": "object", "additionalProperties": true]
}
