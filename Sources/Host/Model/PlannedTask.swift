public import JSON

/// Where a task stands.
///
/// Legal transitions: Pending → Running, Waiting, Complete, Failed; Running → Waiting, Complete,
/// Failed, Pending (next attempt); Waiting → Running, Complete, Failed, Pending; any of the three →
/// Cancelled with its plan. Complete, Failed and Cancelled are final.
public enum TaskState: String, Sendable, CaseIterable {
  /// Not begun, or to be begun again: see `nextAttemptAt`, `outcomeUnknown`, `park`.
  case pending = "Pending"
  /// The plugin works on it and will tell.
  case running = "Running"
  /// Its intents are to be written and its gate to be met.
  case waiting = "Waiting"
  case complete = "Complete"
  case failed = "Failed"
  case cancelled = "Cancelled"
}

/// One step of a plan.
///
/// - Invariant: `id` depends on plan, index and type alone, so every delivery of one attempt of one
///   step carries the same key (guarded by `PlannerTests`).
public struct PlannedTask: Sendable, Equatable {
  public var id: String
  /// Unique in the plan; outputs are referred to by it.
  public var name: String
  public var type: String
  /// Range of task type versions that the blueprint accepts; empty = any.
  public var versionRange: String
  /// `name@version` and digest of the plugin that is to carry it out, durable before it is given the
  /// task; from then on no other version gets it. Empty = not named yet.
  public var plugin: String
  public var pluginDigest: String
  /// As a template: only references to outputs of earlier tasks are left in it.
  public var params: JSONValue
  /// Which output goes to which status path.
  public var outputPaths: [(name: String, value: String)]
  public var state: TaskState
  /// Rises after a known failure only.
  public var attempt: Int64
  /// Of Execute within the attempt; rises with each Wait that was met.
  public var step: Int64
  public var retriesLeft: Int64
  public var timeout: Milliseconds
  public var submittedAt: Timestamp?
  public var deadline: Timestamp?
  public var nextAttemptAt: Timestamp?
  /// Deliveries of this attempt that were not accepted, for the back-off.
  public var refusals: Int64
  /// The last delivery's outcome was lost: Recover comes before anything else.
  public var outcomeUnknown: Bool
  public var park: Park?
  public var progress: TaskProgress?
  public var handle: TaskHandle?
  public var wait: PendingWait?
  public var outputs: JSONValue
  public var error: TaskError?
  public var endedAt: Timestamp?
  /// Of an expanded task; nil = the task is no part of another.
  public var phase: TaskPhase?
  /// Who can undo it, as its plugin described its type when it was named; nil = none was named.
  public var revertMeans: RevertMeans?
  /// What it undoes; nil = it goes forward.
  public var reverts: RevertedTask?

  public init(
    id: String, name: String, type: String, versionRange: String = "", params: JSONValue,
    outputPaths: [(name: String, value: String)] = [], maxRetries: Int64 = 0,
    timeout: Milliseconds
  ) {
    self.id = id
    self.name = name
    self.type = type
    self.versionRange = versionRange
    plugin = ""
    pluginDigest = ""
    self.params = params
    self.outputPaths = outputPaths
    state = .pending
    attempt = 1
    step = 1
    retriesLeft = maxRetries
    self.timeout = timeout
    refusals = 0
    outcomeUnknown = false
    outputs = .null
  }

  public static func == (left: PlannedTask, right: PlannedTask) -> Bool {
    left.json == right.json
  }
}

/// Why a task waits without failing and without polling.
public struct Park: Sendable, Equatable {
  /// What has to change before the task can go on.
  public enum Reason: String, Sendable, CaseIterable {
    case pluginUnavailable = "PluginUnavailable"
    /// It has as many calls in flight as it, its type or the host allows.
    case pluginBusy = "PluginBusy"
    /// Another resource holds an exclusive key that its plan needs.
    case keyHeld = "KeyHeld"
    /// An operator holds the task, its type, its plugin or all.
    case operatorHold = "OperatorHold"
    case targetUnreachable = "TargetUnreachable"
    case preconditionFailed = "PreconditionFailed"
    /// Nobody can tell whether the task was done, and doing it twice is not safe: a person decides.
    case outcomeUnknown = "OutcomeUnknown"
  }

  public var reason: Reason
  public var message: String
  public var since: Timestamp

  public init(reason: Reason, message: String, since: Timestamp) {
    self.reason = reason
    self.message = message
    self.since = since
  }
}

/// How far a task is, in words and a number, as its plugin tells.
public struct TaskProgress: Sendable, Equatable {
  public var message: String
  /// 0 to 100.
  public var percent: Int64

  public init(message: String, percent: Int64) {
    self.message = message
    self.percent = percent
  }
}

/// What a plugin gave to find a running task again: opaque, and of a version of its own.
public struct TaskHandle: Sendable, Equatable {
  /// Lowercase hex.
  public var data: String
  public var version: Int64

  public init(data: String, version: Int64) {
    self.data = data
    self.version = version
  }
}

/// Why something failed: a stable reason for programs, a message for people.
public struct TaskError: Error, Sendable, Equatable {
  public var reason: String
  public var message: String

  public init(reason: String, message: String) {
    self.reason = reason
    self.message = message
  }
}
