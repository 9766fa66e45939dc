public import JSON

/// What would happen if manifests were applied: what `mortise plan` shows. Nothing is stored.
public struct PlanPreview: Sendable, Equatable {
  public var resources: [ResourcePreview]

  public init(resources: [ResourcePreview]) {
    self.resources = resources
  }
}

/// What would happen to one resource.
public struct ResourcePreview: Sendable, Equatable {
  /// What applying would do to the object itself.
  public enum Action: String, Sendable, CaseIterable {
    case create = "Create"
    case configure = "Configure"
    case unchanged = "Unchanged"
  }

  public var resource: ObjectKey
  public var action: Action
  /// The blueprint's plan that would be stamped; empty = none applies.
  public var plan: String
  /// Why that plan, or why none, in words: "spec.image is app:8, observed app:7".
  public var because: String
  /// Where its intents would converge; empty where there is no plan.
  public var target: String
  public var tasks: [TaskPreview]

  public init(
    resource: ObjectKey, action: Action, plan: String = "", because: String, target: String = "",
    tasks: [TaskPreview] = []
  ) {
    self.resource = resource
    self.action = action
    self.plan = plan
    self.because = because
    self.target = target
    self.tasks = tasks
  }
}

/// What one step would do.
public struct TaskPreview: Sendable, Equatable {
  public var name: String
  public var type: String
  /// `name@version` of the plugin that would do it; empty = none that is ready, so it would park.
  public var plugin: String
  /// False where it acts externally and its type has no Revert.
  public var isRevertible: Bool
  /// References to outputs of earlier tasks are left in it.
  public var params: JSONValue
  /// Changes that its first call asks for; known only where the type acts through intents and
  /// offers dry runs.
  public var intents: [IntentPreview]
  /// What is not known before it runs and why, or what would fail; may be empty.
  public var note: String

  public init(
    name: String, type: String, plugin: String = "", isRevertible: Bool = true,
    params: JSONValue = .null, intents: [IntentPreview] = [], note: String = ""
  ) {
    self.name = name
    self.type = type
    self.plugin = plugin
    self.isRevertible = isRevertible
    self.params = params
    self.intents = intents
    self.note = note
  }
}

/// What would become of one intent.
public struct IntentPreview: Sendable, Equatable {
  /// What the task asks for, held against what the host holds.
  public enum Action: String, Sendable, CaseIterable {
    case create = "Create"
    case change = "Change"
    case remove = "Remove"
    case unchanged = "Unchanged"
  }

  /// A value in the intent's spec that would be another; null = absent.
  public struct Difference: Sendable, Equatable {
    public var path: String
    public var present: JSONValue
    public var planned: JSONValue

    public init(path: String, present: JSONValue, planned: JSONValue) {
      self.path = path
      self.present = present
      self.planned = planned
    }
  }

  public var key: IntentKey
  public var action: Action
  /// Of a changed one.
  public var differences: [Difference]

  public init(key: IntentKey, action: Action, differences: [Difference] = []) {
    self.key = key
    self.action = action
    self.differences = differences
  }
}
