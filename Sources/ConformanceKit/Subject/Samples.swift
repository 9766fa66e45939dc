public import JSON

/// What conformance.yaml says: params that the kit can't guess.
///
/// In every text `${scratch}` stands for an empty directory of the case, `${id}` for a name that no
/// other use has, and `${NAME}` for a variable.
///
/// - SeeAlso: docs/conformance.md.
public struct Samples: Sendable {
  /// Samples of one task type.
  public struct TaskType: Sendable {
    /// Params with which a task ends well, by itself.
    public var good: JSONValue?
    /// Other good ones, for the same id with other params.
    public var other: JSONValue?
    /// Params that the type refuses.
    public var bad: [JSONValue]
    /// Params with which a task goes on until it is cancelled.
    public var slow: JSONValue?
    /// Params with which a task writes a lot to its log, and ends well.
    public var chatty: JSONValue?
    /// How to count what the good params did; nil where it can't be seen.
    public var effect: Effect?
  }

  /// How often something was done, as a number that a file tells.
  public enum Effect: Sendable, Equatable {
    /// Lines of a file, one for each effect.
    case lines(String)
    /// Entries of a directory, one for each effect.
    case entries(String)
  }

  /// An intent to try a driver with.
  public struct Intent: Sendable {
    public var kind: String
    public var key: String
    public var spec: JSONValue
  }

  public var tasks: [String: TaskType] = [:]
  /// The driver's target; empty = the first that it names.
  public var target = ""
  public var intents: [Intent] = []
  public var variables: [String: String] = [:]
  /// For Configure, instead of plugin.yaml's.
  public var config: JSONValue?
  /// Added to the process's environment.
  public var environment: [String: String] = [:]

  public init() {}

  /// Takes the variables in place of those of the same name.
  public mutating func set(_ variables: [String: String]) {
    self.variables.merge(variables) { $1 }
  }
}

/// Why conformance.yaml can't be used: where, and what to do.
public struct SamplesError: Error, Sendable, CustomStringConvertible {
  /// "tasks.notify.effect: …".
  public let description: String
}
