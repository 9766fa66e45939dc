public import JSON

/// Names an intent: a kind of thing, on a target, by a key (by convention NAMESPACE/NAME).
public struct IntentKey: Hashable, Sendable, CustomStringConvertible {
  public var target: String
  public var kind: String
  public var key: String

  public init(target: String, kind: String, key: String) {
    self.target = target
    self.kind = kind
    self.key = key
  }

  public var description: String { "\(kind) \(key) on \(target)" }

  /// Where the store keeps it.
  public var objectKey: ObjectKey {
    ObjectKey(kind: Intent.kind, namespace: target, name: "\(kind)/\(key)")
  }
}

/// Where an intent stands between what is wanted and what is there.
///
/// Legal transitions: pending → committed, commitFailed, deletePending; committed → pending (another
/// spec, or drift), deletePending; commitFailed → pending, committed, deletePending; deletePending →
/// removed, removeFailed, pending (wanted again); removeFailed → deletePending (asked again), pending;
/// removed → pending (wanted again), or its object goes.
public enum IntentState: String, Sendable, CaseIterable {
  case pending
  case committed
  case commitFailed
  case deletePending
  case removeFailed
  /// A tombstone: it is gone, and stays in the store while a plan remembers what it was.
  case removed
}

/// A desired-state item that the host holds durably and a driver converges.
public struct Intent: Sendable, Equatable {
  public static let kind = "Intent"

  public var key: IntentKey
  public var uid: String
  public var spec: JSONValue
  public var specVersion: Int64
  /// Rises with every change of spec.
  public var generation: Int64
  public var state: IntentState
  public var owner: IntentOwner
  /// Intents that this one needs: they are not removed while it stands.
  public var references: [IntentKey]
  /// Delivery that wrote it last: the same one writes it no second time.
  public var writer: IntentWriter
  public var observed: JSONValue
  public var verifiedAt: Timestamp?
  public var error: TaskError?
  /// Failed applies or removes in a row, for the back-off.
  public var failures: Int64
  /// Not tried again before; unset = at once.
  public var notBefore: Timestamp?
  /// Of live plans, in the order of their first changes.
  public var touches: [Touch]
  /// Of a removal: it is off where another intent comes to need this one.
  public var isReleased: Bool
  /// The store's version of this reading.
  public var version: UInt64

  public init(write: IntentWrite, uid: String, owner: IntentOwner, writer: IntentWriter) {
    key = write.key
    self.uid = uid
    spec = write.spec
    specVersion = write.specVersion
    generation = 1
    state = .pending
    self.owner = owner
    references = write.references
    self.writer = writer
    observed = .null
    failures = 0
    touches = []
    isReleased = false
    version = 0
  }
}

/// The resource on whose behalf an intent stands.
public struct IntentOwner: Sendable, Equatable {
  public var resource: ObjectKey
  public var uid: String

  public init(resource: ObjectKey, uid: String) {
    self.resource = resource
    self.uid = uid
  }
}

extension IntentOwner {
  /// Whose intents TaskRuns set: nobody's. They stay when a run has ended, every run may change them, and
  /// no resource may.
  public static let shared = IntentOwner(
    resource: ObjectKey(kind: "", namespace: "", name: ""), uid: "shared")

  public var isShared: Bool { uid == Self.shared.uid }
}

/// One delivery of a task: what makes a write of an intent recognisable as done already.
public struct IntentWriter: Sendable, Equatable {
  public var taskID: String
  public var attempt: Int64
  public var step: Int64

  public init(taskID: String, attempt: Int64, step: Int64) {
    self.taskID = taskID
    self.attempt = attempt
    self.step = step
  }
}

extension IntentKey: JSONWritable {
  public init(_ reader: JSONReader) throws(MappingError) {
    target = try reader.required("target").string()
    kind = try reader.required("kind").string()
    key = try reader.required("key").string()
  }

  public func writeMembers(to object: inout JSONMembers) {
    object.put("target", target)
    object.put("kind", kind)
    object.put("key", key)
  }
}

extension IntentOwner: JSONWritable {
  public init(_ reader: JSONReader) throws(MappingError) {
    resource = try ObjectKey(reader)
    uid = try reader.required("uid").string()
  }

  public func writeMembers(to object: inout JSONMembers) {
    resource.writeMembers(to: &object)
    object.put("uid", uid)
  }
}

extension IntentWriter: JSONWritable {
  public init(_ reader: JSONReader) throws(MappingError) {
    taskID = try reader.required("taskID").string()
    attempt = try reader.required("attempt").integer()
    step = try reader.required("step").integer()
  }

  public func writeMembers(to object: inout JSONMembers) {
    object.put("taskID", taskID)
    object.set("attempt", attempt)
    object.set("step", step)
  }
}
