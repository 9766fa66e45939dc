public import JSON

/// An operator's order that outlives the host: mostly that something does not go on.
public struct Hold: Sendable, Equatable {
  public static let kind = "Hold"

  /// What is held.
  public enum Scope: String, Sendable, CaseIterable {
    /// Every task.
    case all = "All"
    /// All tasks that a plugin, or one version of it, would carry out.
    case plugin = "Plugin"
    case taskType = "TaskType"
    /// One task of one resource, in this plan and in those that come.
    case task = "Task"
  }

  /// What is ordered.
  public enum Action: String, Sendable, CaseIterable {
    /// Tasks are not delivered. What a plugin works on already goes on.
    case park = "Park"
    /// The plugin takes no new tasks, and ends when those that it began are done.
    case drain = "Drain"
    /// The plugin does not run.
    case disable = "Disable"
    /// Whatever plugin listens at a socket, the subject, is called.
    case attach = "Attach"
  }

  public var scope: Scope
  /// `name` or `name@version`, a task type, or `Kind/namespace/name/task`; empty for all.
  public var subject: String
  public var action: Action
  /// Why, in the operator's words; may be empty.
  public var note: String
  public var since: Timestamp
  public var uid: String
  /// The store's version of this reading.
  public var version: UInt64

  public init(
    _ action: Action, _ scope: Scope, subject: String = "", note: String = "", since: Timestamp,
    uid: String
  ) {
    self.action = action
    self.scope = scope
    self.subject = subject
    self.note = note
    self.since = since
    self.uid = uid
    version = 0
  }

  /// The subject of a task's hold.
  public static func subject(of task: String, in resource: ObjectKey) -> String {
    "\(resource.kind)/\(resource.namespace)/\(resource.name)/\(task)"
  }

  /// Whether it keeps this task from being delivered.
  ///
  /// - Parameter provider: who would carry it out, as `name@version`; empty where nobody does.
  public func parks(_ task: PlannedTask, of resource: ObjectKey, provider: String) -> Bool {
    guard action == .park else { return false }
    switch scope {
    case .all: return true
    case .plugin: return provider == subject || provider.hasPrefix(subject + "@")
    case .taskType: return task.type == subject
    case .task: return subject == Self.subject(of: task.name, in: resource)
    }
  }

  /// Where it is kept: one for each order about one subject.
  public var objectKey: ObjectKey {
    let words = [action.rawValue, scope.rawValue, subject].filter { !$0.isEmpty }
    return ObjectKey(kind: Self.kind, namespace: "default", name: words.joined(separator: "."))
  }
}

extension Hold: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    uid = try reader.required("metadata").member("uid")?.string() ?? ""
    let spec = try reader.required("spec")
    action = try spec.required("action").choice(Action.self)
    scope = try spec.required("scope").choice(Scope.self)
    subject = try spec.member("subject")?.string() ?? ""
    note = try spec.member("note")?.string() ?? ""
    since = try spec.required("since").timestamp()
    version = 0
  }

  public var json: JSONValue {
    let key = objectKey
    var spec = JSONObject()
    spec["action"] = .string(action.rawValue)
    spec["scope"] = .string(scope.rawValue)
    spec.set("subject", subject)
    spec.set("note", note)
    spec.set("since", since)
    return [
      "apiVersion": .string(APIVersion.current), "kind": .string(Self.kind),
      "metadata": [
        "name": .string(key.name), "namespace": .string(key.namespace), "uid": .string(uid),
      ], "spec": .object(spec),
    ]
  }

  /// - Throws: `MappingError` where the store holds something else.
  public init(_ stored: StoredObject) throws(MappingError) {
    try self.init(JSONReader(JSONValue.stored(stored)))
    version = stored.version
  }

  public var stored: StoredObject {
    StoredObject(key: objectKey, uid: uid, version: version, body: json.serialized())
  }
}
