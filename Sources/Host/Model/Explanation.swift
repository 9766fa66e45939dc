public import JSON

/// Why a resource is where it is: what `mortise why` shows.
///
/// The host makes it of what it knows at one moment and stores it nowhere; the command line renders
/// it, and scripts read its JSON.
public struct Explanation: Sendable, Equatable {
  /// What is to be said of the resource as a whole.
  public enum State: String, Sendable, CaseIterable {
    /// Nothing to do: no plan applies.
    case steady = "Steady"
    /// A plan goes on, and nothing is in its way.
    case running = "Running"
    /// Something else has to happen first: see `waits`.
    case waiting = "Waiting"
    /// The last plan failed: see `failure`; `waits` says whether it is tried again.
    case failed = "Failed"
    case paused = "Paused"
    case deleting = "Deleting"
    /// The host has no blueprint for the kind, or none of its references' values.
    case stuck = "Stuck"
  }

  public var resource: ObjectKey
  public var state: State
  public var phase: String
  /// One sentence without an end mark: "task apply waits for Volume default/a".
  public var summary: String
  /// Since when the resource is in this state; nil where nothing tells.
  public var since: Timestamp?
  /// The plan in flight, else empty.
  public var plan: String
  /// All that has to happen before it can go on; empty where nothing is in its way.
  public var waits: [Waiting]
  public var failure: Failure?
  /// Command lines for a person, the most likely one first; empty where nobody need do anything.
  public var nextSteps: [String]

  public init(
    resource: ObjectKey, state: State, phase: String, summary: String, since: Timestamp? = nil,
    plan: String = "", waits: [Waiting] = [], failure: Failure? = nil, nextSteps: [String] = []
  ) {
    self.resource = resource
    self.state = state
    self.phase = phase
    self.summary = summary
    self.since = since
    self.plan = plan
    self.waits = waits
    self.failure = failure
    self.nextSteps = nextSteps
  }
}

extension Explanation {
  /// One thing that a resource waits for.
  public struct Waiting: Sendable, Equatable {
    /// What kind of thing it is.
    public enum Cause: String, Sendable, CaseIterable {
      /// A clause of the task's gate does not hold yet.
      case gate = "Gate"
      /// The target can't be reached.
      case target = "Target"
      /// No plugin that is ready serves the task type or the intent.
      case plugin = "Plugin"
      /// The plugin works on the task, or has it and must be asked what became of it.
      case task = "Task"
      /// The plugin asked to be called again when something has changed.
      case precondition = "Precondition"
      /// Until a moment: a failed plan, attempt, delivery or intent is tried again then.
      case backoff = "BackOff"
      /// A person paused it.
      case hold = "Hold"
      /// Another plan holds an exclusive key.
      case claim = "Claim"
      /// Of a rollout: a child's turn goes on.
      case child = "Child"
      /// Intents are to be removed before the object goes.
      case removal = "Removal"
      /// Only a person can decide, or change what was asked for.
      case person = "Person"
    }

    public var cause: Cause
    /// What is waited for by name: an intent, a target, a plugin, a task, a claim's key.
    public var subject: String
    /// What it has to be, in words, and what it is: "status.readyReplicas is 0, wants at least 1".
    public var message: String
    /// What was seen last where the message names a value; null = nothing was seen.
    public var observed: JSONValue
    /// Who has it: of a claim its plan, of a running task its plugin; empty where nobody does.
    public var holder: String
    public var since: Timestamp?
    /// The moment at which it is over by itself; nil = not by time alone.
    public var until: Timestamp?
    /// What wakes the resource: "a change of Volume default/a on local".
    public var wakes: String

    public init(
      _ cause: Cause, subject: String, message: String, observed: JSONValue = .null,
      holder: String = "", since: Timestamp? = nil, until: Timestamp? = nil, wakes: String
    ) {
      self.cause = cause
      self.subject = subject
      self.message = message
      self.observed = observed
      self.holder = holder
      self.since = since
      self.until = until
      self.wakes = wakes
    }
  }

  /// What failed last.
  public struct Failure: Sendable, Equatable {
    /// Of a rollout, as the command line takes it; empty where the resource itself failed.
    public var child: String
    /// Empty where it was no plan of the resource's own.
    public var plan: String
    /// By name; empty where the plan failed before its first task.
    public var task: String
    public var error: TaskError
    public var at: Timestamp?

    public init(
      child: String = "", plan: String, task: String, error: TaskError, at: Timestamp?
    ) {
      self.child = child
      self.plan = plan
      self.task = task
      self.error = error
      self.at = at
    }
  }
}

extension Explanation: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    resource = try ObjectKey(try reader.required("resource"))
    state = try reader.required("state").choice(State.self)
    phase = try reader.member("phase")?.string() ?? ""
    summary = try reader.member("summary")?.string() ?? ""
    since = try reader.member("since")?.timestamp()
    plan = try reader.member("plan")?.string() ?? ""
    waits = try reader.list("waits", of: Waiting.self)
    failure = try reader.member("failure").map { failure throws(MappingError) in
      try Failure(failure)
    }
    nextSteps = try reader.strings("nextSteps")
  }

  public var json: JSONValue {
    var object = JSONObject()
    object["resource"] = resource.json
    object["state"] = .string(state.rawValue)
    object.set("phase", phase)
    object.set("summary", summary)
    object.set("since", since)
    object.set("plan", plan)
    object.set("waits", waits)
    object.set("failure", failure)
    object.set("nextSteps", nextSteps)
    return .object(object)
  }
}

extension Explanation.Waiting: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    cause = try reader.required("cause").choice(Cause.self)
    subject = try reader.member("subject")?.string() ?? ""
    message = try reader.member("message")?.string() ?? ""
    observed = try reader.member("observed")?.value ?? .null
    holder = try reader.member("holder")?.string() ?? ""
    since = try reader.member("since")?.timestamp()
    until = try reader.member("until")?.timestamp()
    wakes = try reader.member("wakes")?.string() ?? ""
  }

  public var json: JSONValue {
    var object = JSONObject()
    object["cause"] = .string(cause.rawValue)
    object.set("subject", subject)
    object.set("message", message)
    if !observed.isNull { object["observed"] = observed }
    object.set("holder", holder)
    object.set("since", since)
    object.set("until", until)
    object.set("wakes", wakes)
    return .object(object)
  }
}

extension Explanation.Failure: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    child = try reader.member("child")?.string() ?? ""
    plan = try reader.member("plan")?.string() ?? ""
    task = try reader.member("task")?.string() ?? ""
    error = try TaskError(try reader.required("error"))
    at = try reader.member("at")?.timestamp()
  }

  public var json: JSONValue {
    var object = JSONObject()
    object.set("child", child)
    object.set("plan", plan)
    object.set("task", task)
    object["error"] = error.json
    object.set("at", at)
    return .object(object)
  }
}
