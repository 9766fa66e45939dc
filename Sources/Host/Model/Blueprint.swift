public import JSON

/// What teaches the planner a kind: data, never host code.
public struct Blueprint: Sendable {
  public static let kind = "Blueprint"

  public var resourceKind: String
  public var plural: String
  /// Of a resource that has none yet.
  public var initialPhase: String
  /// Where intents converge; overridden by the resource's value at `targetPath`, where set.
  public var target: String
  public var targetPath: JSONPath?
  public var schema: Schema
  public var printerColumns: [PrinterColumn]
  /// The first that applies is stamped.
  public var plans: [PlanTemplate]
  public var conditions: [ConditionRule]
}

/// A column of `get`: a title and where its value stands in the resource.
public struct PrinterColumn: Sendable {
  public var name: String
  public var path: JSONPath
}

/// A plan as the blueprint writes it.
public struct PlanTemplate: Sendable {
  public var name: String
  public var when: PlanTrigger
  public var activePhase: String
  public var targetPhase: String
  public var failedPhase: String
  public var onFailure: FailureAction
  public var condition: PlanCondition?
  public var tasks: [TaskTemplate]
  /// Carried out behind an undo, so that what came back takes effect: they know the status of before.
  public var restore: [TaskTemplate]
}

/// What becomes of what a plan did when it fails.
public enum FailureAction: String, Sendable, CaseIterable {
  /// It stays, and the plan is tried again or the resource is in its failed phase.
  case keep = "Keep"
  /// It is undone, and the plan is not made again until the spec changes or a person asks for it.
  case rollback = "Rollback"
}

/// When a plan applies: all parts that are given must hold.
public struct PlanTrigger: Sendable {
  /// Where one value is asked for, and where it is observed.
  public struct Drift: Sendable {
    public var desired: JSONPath
    public var observed: JSONPath
  }

  /// What a condition has to be.
  public struct ConditionMatch: Sendable {
    public var type: String
    public var status: Condition.Status
    /// Empty = any.
    public var reason: String
  }

  public var phases: [String]
  /// At least one pair differs; an observed value that is not set is not drift.
  public var drift: [Drift]
  public var condition: ConditionMatch?
}

/// A task as the blueprint writes it: references are still in its params.
public struct TaskTemplate: Sendable {
  public var name: String
  public var type: String
  public var versionRange: String
  public var params: JSONValue
  /// Of the resource's fields, those that `params` can't do without, in the order of the text.
  public let neededPaths: [JSONPath]
  /// The task is stamped only where this path is present in the resource; nil = always.
  public var whenPresent: JSONPath?
  public var maxRetries: Int64
  public var timeout: Milliseconds
  /// Which output goes to which status path.
  public var outputs: [(name: String, value: String)]

  public static let defaultTimeout = Milliseconds.seconds(300)
}

/// A condition that follows from what is observed of one of the resource's intents.
public struct ConditionRule: Sendable {
  /// What one observed value means.
  public struct Value: Sendable {
    public var equals: JSONValue
    public var status: Condition.Status
    public var reason: String
  }

  public var type: String
  public var intentKind: String
  /// May hold references to metadata and spec.
  public var intentKey: String
  public var path: JSONPath
  /// None that equals = Unknown.
  public var values: [Value]
}
