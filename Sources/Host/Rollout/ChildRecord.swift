public import JSON
public import Model

/// What a child's object says of its part in a rollout, in an annotation that the rollout alone writes.
///
/// Written when the child's turn begins, by the same compare-and-swap that brings its spec; and once
/// more with the result, before the rollout's own state is derived from it. So a result is kept as long
/// as the child, and neither its later retries nor the moment at which somebody looks change it.
public struct ChildRecord: Sendable, Equatable {
  /// Holds the record as JSON.
  public static let annotation = "mortise.dev/rollout"
  /// Characters of an error at most.
  public static let errorLimit = 512

  /// The rollout's attempt that the turn belongs to.
  public var attempt: Int64
  /// The revision of the template that the child was given.
  public var revision: Int64
  /// In force when the attempt began.
  public var onFailure: FailurePolicy
  /// The child's own generation once it has the template: plans of earlier ones are not of this turn.
  public var generation: Int64
  /// The child's latest ended plan when the turn began, which does not count; empty = there was none.
  public var after: String
  public var startedAt: Timestamp
  /// The plan that the rollout asked to end; empty = none.
  public var stopping: String
  /// How the turn ended; nil while it goes on.
  public var result: Result?

  /// How a turn ended.
  public struct Result: Sendable, Equatable {
    /// A terminal one.
    public var state: ChildState
    /// The task that failed; empty where it was none.
    public var task: String
    public var error: String
    public var endedAt: Timestamp

    public init(_ state: ChildState, task: String = "", error: String = "", at moment: Timestamp) {
      precondition(state.isTerminal, "a turn ends in a terminal state")
      self.state = state
      self.task = task
      self.error = String(error.prefix(ChildRecord.errorLimit))
      endedAt = moment
    }
  }

  public init(
    attempt: Int64, revision: Int64, onFailure: FailurePolicy, generation: Int64, after: String,
    startedAt: Timestamp
  ) {
    self.attempt = attempt
    self.revision = revision
    self.onFailure = onFailure
    self.generation = generation
    self.after = after
    self.startedAt = startedAt
    stopping = ""
  }
}

extension ChildRecord: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    attempt = try reader.required("attempt").integer()
    revision = try reader.required("revision").integer()
    onFailure = FailurePolicy(try reader.member("onFailure")?.string() ?? "")
    generation = try reader.required("generation").integer()
    after = try reader.member("after")?.string() ?? ""
    startedAt = try reader.required("startedAt").timestamp()
    stopping = try reader.member("stopping")?.string() ?? ""
    guard let state = try reader.member("result") else { return }
    let choice = try state.choice(ChildState.self)
    guard choice.isTerminal else { throw state.fail("\(choice.rawValue) ends no turn") }
    result = Result(
      choice, task: try reader.member("task")?.string() ?? "",
      error: try reader.member("error")?.string() ?? "",
      at: try reader.required("endedAt").timestamp())
  }

  public var json: JSONValue {
    var object = JSONObject()
    object["attempt"] = .integer(attempt)
    object["revision"] = .integer(revision)
    object["onFailure"] = .string(onFailure.text)
    object["generation"] = .integer(generation)
    if !after.isEmpty { object["after"] = .string(after) }
    object["startedAt"] = .string(startedAt.description)
    if !stopping.isEmpty { object["stopping"] = .string(stopping) }
    if let result {
      object["result"] = .string(result.state.rawValue)
      if !result.task.isEmpty { object["task"] = .string(result.task) }
      if !result.error.isEmpty { object["error"] = .string(result.error) }
      object["endedAt"] = .string(result.endedAt.description)
    }
    return .object(object)
  }
}

extension ObjectMeta {
  /// The record of a child; nil where it has none, or one that can't be read: then it has had no turn.
  public var childRecord: ChildRecord? {
    get {
      guard let text = annotations.first(where: { $0.name == ChildRecord.annotation })?.value,
        let value = try? JSONValue(parsing: Array(text.utf8))
      else { return nil }
      return try? ChildRecord(JSONReader(value))
    }
    set {
      annotations.removeAll { $0.name == ChildRecord.annotation }
      guard let newValue else { return }
      annotations.append((ChildRecord.annotation, newValue.json.description))
    }
  }
}
