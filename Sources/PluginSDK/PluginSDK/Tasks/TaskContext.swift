public import JSON

/// What a task knows about the call that it answers.
public struct TaskContext: Sendable {
  /// With `attempt` the idempotency key: the same for every repetition of the same work.
  public var taskID: String
  /// Rises only after a known failure; counts from 1.
  public var attempt: Int
  /// 1 for the first call of an attempt, one more after each `Wait`.
  public var step: Int
  /// Which phase of an `ExpandableTask`; empty for any other.
  public var phase: String
  /// The resource that the task works for.
  public var resource: ResourceReference
  /// Where intents converge that the task sets without naming a target.
  public var target: String
  /// The resource's intents of the kinds that the type declares, as verified last.
  public var intents: [Intent]
  /// Only what would be done is asked; true for `IntentTask`s alone.
  public var isDryRun: Bool
  /// Milliseconds since the Unix epoch at which the host gives the call up; nil where it never does.
  public var deadlineUnixMS: Int64?
  /// W3C traceparent; empty where there is no trace.
  public var traceparent: String
  /// The `config` of plugin.yaml.
  public var config: JSONValue
  /// A directory of the plugin's own that outlives it; its names must not begin with "journal".
  public var stateDirectory: String
  /// Reports progress and ends tasks that answered `running`.
  public var updates: TaskUpdates
  /// Writes to the plugin's log, tagged with this task.
  public var log: PluginLog
  /// Waits, or throws `CancellationError` as soon as the task is cancelled. A test replaces it.
  public var sleep: @Sendable (Duration) async throws -> Void

  /// Every part has a default, so that a test names only what matters to it.
  public init(
    taskID: String = "task", attempt: Int = 1, step: Int = 1, phase: String = "",
    resource: ResourceReference = ResourceReference(), target: String = "", intents: [Intent] = [],
    isDryRun: Bool = false, deadlineUnixMS: Int64? = nil, traceparent: String = "",
    config: JSONValue = [:], stateDirectory: String = "", updates: TaskUpdates = TaskUpdates(),
    log: PluginLog = PluginLog(),
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.taskID = taskID
    self.attempt = attempt
    self.step = step
    self.phase = phase
    self.resource = resource
    self.target = target
    self.intents = intents
    self.isDryRun = isDryRun
    self.deadlineUnixMS = deadlineUnixMS
    self.traceparent = traceparent
    self.config = config
    self.stateDirectory = stateDirectory
    self.updates = updates
    self.log = log
    self.sleep = sleep
  }

  /// The intent of that kind and key on the task's target; nil where the host holds none.
  public func intent(_ kind: String, _ key: String) -> Intent? {
    intents.first {
      $0.key.kind == kind && $0.key.key == key && (target.isEmpty || $0.key.target == target)
    }
  }
}

/// Names the resource that a task or an intent belongs to.
public struct ResourceReference: Sendable, Hashable {
  public var kind: String
  public var namespace: String
  public var name: String
  public var uid: String

  public init(kind: String = "", namespace: String = "", name: String = "", uid: String = "") {
    self.kind = kind
    self.namespace = namespace
    self.name = name
    self.uid = uid
  }
}
