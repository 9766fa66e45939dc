public import JSON

/// A conjunction over intents that a task waits on; the host evaluates it.
public struct Gate: Sendable, Equatable {
  public var clauses: [GateClause]

  public init(clauses: [GateClause]) {
    self.clauses = clauses
  }
}

/// What has to hold of one intent.
public struct GateClause: Sendable, Equatable {
  /// Equals and AtLeast are about what is observed of the intent, the others about itself.
  public enum Test: String, Sendable, CaseIterable {
    case committed = "Committed"
    case absent = "Absent"
    case equals = "Equals"
    case atLeast = "AtLeast"
    /// Nothing is left to do: committed, or gone.
    case settled = "Settled"
  }

  public var intent: IntentKey
  public var test: Test
  /// Into the observed state; used by Equals and AtLeast.
  public var path: JSONPath
  public var value: JSONValue

  public init(intent: IntentKey, test: Test, path: JSONPath = JSONPath(), value: JSONValue = .null)
  {
    self.intent = intent
    self.test = test
    self.path = path
    self.value = value
  }
}

/// What the host found when it evaluated a gate.
public enum GateVerdict: Sendable, Equatable {
  case met
  /// Names the first clause that does not hold, with what was observed.
  case unmet(String)
  /// Nothing can be said yet: what was asked for is being done, or looked at, and will tell by
  /// itself. Nothing of it is written down.
  case unsettled
  case unreachable(String)
  /// An awaited intent was given up on.
  case failed(TaskError)
}

/// A desired change of an intent, as a task's Wait asks for it.
public struct IntentWrite: Sendable, Equatable {
  public var key: IntentKey
  public var spec: JSONValue
  public var specVersion: Int64
  public var references: [IntentKey]

  public init(key: IntentKey, spec: JSONValue, specVersion: Int64, references: [IntentKey] = []) {
    self.key = key
    self.spec = spec
    self.specVersion = specVersion
    self.references = references
  }
}

/// What a task asks of the host before its next step: changes of intents, and when to go on.
public struct Wish: Sendable, Equatable {
  public var set: [IntentWrite]
  public var remove: [IntentKey]
  /// Removed unless another intent that stays references them.
  public var release: [IntentKey]
  /// Of a revert, which no plugin asks for: put back as they were before the plan that is reverted.
  public var undo: [IntentKey]
  public var gate: Gate

  public init(
    set: [IntentWrite] = [], remove: [IntentKey] = [], release: [IntentKey] = [],
    undo: [IntentKey] = [], gate: Gate
  ) {
    self.set = set
    self.remove = remove
    self.release = release
    self.undo = undo
    self.gate = gate
  }

  /// All intents that it may change.
  public var keys: [IntentKey] { self.set.map(\.key) + remove + release + undo }
}

/// A task's Wait as it is persisted before any of it is carried out.
public struct PendingWait: Sendable, Equatable {
  public var wish: Wish
  /// The gate resolves only on state verified from here on.
  public var since: Timestamp

  public init(_ wish: Wish, since: Timestamp) {
    self.wish = wish
    self.since = since
  }
}

extension Gate: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    clauses = try reader.list("clauses", of: GateClause.self)
  }

  public var json: JSONValue { ["clauses": .array(clauses.map(\.json))] }
}

extension GateClause: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    intent = try IntentKey(try reader.required("intent"))
    test = try reader.required("test").choice(Test.self)
    path = try reader.member("path")?.jsonPath() ?? JSONPath()
    value = try reader.member("value")?.value ?? .null
  }

  public var json: JSONValue {
    var object = JSONObject()
    object["intent"] = intent.json
    object["test"] = .string(test.rawValue)
    object.set("path", path.description)
    if !value.isNull { object["value"] = value }
    return .object(object)
  }
}

extension IntentWrite: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    key = try IntentKey(try reader.required("key"))
    spec = try reader.member("spec")?.value ?? .null
    specVersion = try reader.member("specVersion")?.integer() ?? 0
    references = try reader.list("references", of: IntentKey.self)
  }

  public var json: JSONValue {
    var object = JSONObject()
    object["key"] = key.json
    object["spec"] = spec
    object.set("specVersion", specVersion)
    object.set("references", references)
    return .object(object)
  }
}

extension PendingWait: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    wish = Wish(
      set: try reader.list("set", of: IntentWrite.self),
      remove: try reader.list("remove", of: IntentKey.self),
      release: try reader.list("release", of: IntentKey.self),
      undo: try reader.list("undo", of: IntentKey.self),
      gate: try Gate(try reader.required("gate")))
    since = try reader.required("since").timestamp()
  }

  public var json: JSONValue {
    var object = JSONObject()
    object.set("set", wish.set)
    object.set("remove", wish.remove)
    object.set("release", wish.release)
    object.set("undo", wish.undo)
    object["gate"] = wish.gate.json
    object.set("since", since)
    return .object(object)
  }
}
