public import JSON

/// Something that happened to a resource or a plugin, told to people; the same again only counts.
///
/// Events are objects of the store, so they are listed, watched and kept over restarts like any
/// other. They are news, not state: nothing is ever decided by them.
public struct Event: Sendable, Equatable {
  public static let kind = "Event"

  /// Whether somebody should look.
  public enum Severity: String, Sendable, CaseIterable {
    case normal = "Normal"
    case warning = "Warning"
  }

  /// What happened.
  public enum Reason: String, Sendable, CaseIterable {
    case planStarted = "PlanStarted"
    case planComplete = "PlanComplete"
    case planFailed = "PlanFailed"
    case planCancelled = "PlanCancelled"
    case notPlannable = "NotPlannable"
    case taskRetried = "TaskRetried"
    case taskRefused = "TaskRefused"
    case taskParked = "TaskParked"
    case taskResumed = "TaskResumed"
    case outcomeUnknown = "OutcomeUnknown"
    case phaseChanged = "PhaseChanged"
    case paused = "Paused"
    case resumed = "Resumed"
    case deleting = "Deleting"
    case removeFailed = "RemoveFailed"
    case conditionChanged = "ConditionChanged"
    /// An attempt of a rollout; told once for each.
    case rolloutEnded = "RolloutEnded"
    /// What became of a resource has no room in the store.
    case statusTooLarge = "StatusTooLarge"
    case pluginCrashed = "PluginCrashed"
    case pluginQuarantined = "PluginQuarantined"
    case pluginChangeRefused = "PluginChangeRefused"
    case pluginJoined = "PluginJoined"
    case pluginLeft = "PluginLeft"
    case pluginNotAccepted = "PluginNotAccepted"
    case taskTypeShared = "TaskTypeShared"
    case intentsShared = "IntentsShared"
  }

  /// Where it is kept: the same for whatever is counted as the same.
  public let objectKey: ObjectKey
  /// The resource, or a plugin as kind "Plugin".
  public let subject: ObjectKey
  /// The resource's; empty for a plugin, which owns nothing.
  public let subjectUID: String
  public let severity: Severity
  public let reason: Reason
  public let message: String
  /// The plan it belongs to, by name, and the task; empty where there is none.
  public let plan: String
  public let task: String
  /// How often it happened.
  public var count: Int64
  public var firstAt: Timestamp
  public var lastAt: Timestamp
  /// Of the object that keeps it.
  public var uid: String
  /// The store's version of this reading.
  public var version: UInt64

  /// Characters of a message at most.
  public static let messageLimit = 1024

  /// Kind of the subject where a plugin is it.
  public static let pluginSubject = "Plugin"

  public init(
    subject: ObjectKey, subjectUID: String, severity: Severity, reason: Reason, message: String,
    plan: String = "", task: String = "", at moment: Timestamp
  ) {
    self.subject = subject
    self.subjectUID = subjectUID
    self.severity = severity
    self.reason = reason
    self.message = message
    self.plan = plan
    self.task = task
    count = 1
    firstAt = moment
    lastAt = moment
    uid = ""
    version = 0
    objectKey = Self.key(subject, subjectUID, [reason.rawValue, plan, task, message])
  }

  /// The space of the ids that tell events apart: drawn once, never to be changed.
  private static let idSpace = "b1f6f0a2-6a0e-4f6e-9d4c-5a1b8c1d2e3f"

  private static func key(_ subject: ObjectKey, _ subjectUID: String, _ news: [String])
    -> ObjectKey
  {
    let identity = [subject.kind, subjectUID] + news
    let digest = Digest.uuid5(space: idSpace, name: identity.joined(separator: "\u{0}"))
    return ObjectKey(
      kind: kind, namespace: subject.namespace, name: "\(subject.name).\(digest.prefix(13))")
  }
}

extension Event {
  /// What the store groups events by: the subject, for a plugin by its name.
  public var partition: String { subjectUID.isEmpty ? "\(subject)" : subjectUID }

  /// This one and what happened again.
  public func counting(_ later: Event) -> Event {
    var both = self
    both.count += later.count
    both.firstAt = min(firstAt, later.firstAt)
    both.lastAt = max(lastAt, later.lastAt)
    return both
  }
}

/// Stored like every object, with its news in members of their own beside the metadata.
extension Event: JSONWritable {
  public init(_ reader: JSONReader) throws(MappingError) {
    let metadata = try reader.required("metadata")
    uid = try metadata.member("uid")?.string() ?? ""
    let subject = try reader.required("regarding")
    self.subject = try ObjectKey(subject)
    subjectUID = try subject.member("uid")?.string() ?? ""
    severity = try reader.required("type").choice(Severity.self)
    reason = try reader.required("reason").choice(Reason.self)
    message = try reader.member("message")?.string() ?? ""
    plan = try reader.member("plan")?.string() ?? ""
    task = try reader.member("task")?.string() ?? ""
    count = try reader.required("count").integer()
    firstAt = try reader.required("firstTimestamp").timestamp()
    lastAt = try reader.required("lastTimestamp").timestamp()
    version = 0
    objectKey = Self.key(self.subject, subjectUID, [reason.rawValue, plan, task, message])
  }

  public func writeMembers(to object: inout JSONMembers) {
    object.put("apiVersion", APIVersion.current)
    object.put("kind", Self.kind)
    object.put("metadata") { metadata in
      metadata.put("name", objectKey.name)
      metadata.put("namespace", objectKey.namespace)
      metadata.set("uid", uid)
    }
    object.put("regarding") { regarding in
      subject.writeMembers(to: &regarding)
      regarding.set("uid", subjectUID)
    }
    object.put("type", severity.rawValue)
    object.put("reason", reason.rawValue)
    object.set("message", message)
    object.set("plan", plan)
    object.set("task", task)
    object.set("count", count)
    object.set("firstTimestamp", firstAt)
    object.set("lastTimestamp", lastAt)
  }

  /// - Throws: `MappingError` where the store holds something else.
  public init(_ stored: StoredObject) throws(MappingError) {
    try self.init(JSONReader(JSONValue.stored(stored)))
    version = stored.version
  }

  public var stored: StoredObject {
    StoredObject(
      key: objectKey, uid: uid, version: version, owner: subjectUID, partition: partition,
      body: serialized(expectedBytes: 512))
  }
}
