/// Names an object in the store.
public struct ObjectKey: Hashable, Sendable, CustomStringConvertible {
  public var kind: String
  public var namespace: String
  public var name: String

  public init(kind: String, namespace: String, name: String) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  public var description: String { "\(kind) \(namespace)/\(name)" }
}

/// An object as the store keeps it: its identity, what it is looked up by, and its JSON.
public struct StoredObject: Sendable, Equatable {
  public var key: ObjectKey
  public var uid: String
  /// Rises store-wide with every write; 0 before the first. Compared on update and delete.
  public var version: UInt64
  /// Uid of the object that controls this one; empty = none.
  public var owner: String
  /// What objects of one kind are grouped by: an Intent's target; else empty.
  public var partition: String
  /// UTF-8 JSON without the version, which is the store's own.
  public var body: [UInt8]

  public init(
    key: ObjectKey, uid: String, version: UInt64 = 0, owner: String = "", partition: String = "",
    body: [UInt8]
  ) {
    self.key = key
    self.uid = uid
    self.version = version
    self.owner = owner
    self.partition = partition
    self.body = body
  }
}

/// Which objects a list answers with; unset members do not restrict.
public struct ObjectFilter: Sendable {
  public var kind: String?
  public var namespace: String?
  public var owner: String?
  public var partition: String?

  public init(
    kind: String? = nil, namespace: String? = nil, owner: String? = nil, partition: String? = nil
  ) {
    self.kind = kind
    self.namespace = namespace
    self.owner = owner
    self.partition = partition
  }

  /// Stores and watchers decide membership here and nowhere else.
  public func matches(_ object: StoredObject) -> Bool {
    (kind == nil || kind == object.key.kind)
      && (namespace == nil || namespace == object.key.namespace)
      && (owner == nil || owner == object.owner)
      && (partition == nil || partition == object.partition)
  }
}

/// One write, as watchers see it.
public struct ObjectChange: Sendable, Equatable {
  /// Which write it was.
  public enum Kind: Sendable { case created, updated, deleted }

  public var kind: Kind
  /// After the write; for `deleted`, as it was before, with the version of the deletion.
  public var object: StoredObject

  public init(kind: Kind, object: StoredObject) {
    self.kind = kind
    self.object = object
  }
}

/// Why the store refused or could not do something.
public enum StoreError: Error, Sendable, Equatable {
  /// Another writer was first: read again and decide anew.
  case conflict(ObjectKey, expected: UInt64, actual: UInt64)
  case notFound(ObjectKey)
  case alreadyExists(ObjectKey)
  /// A watch can't be continued from there: list again and watch from the list's version.
  case compacted(oldest: UInt64)
  /// The object can't be stored as it is, now or later; the message says why.
  case refused(String)
  /// The disk, the file or another process is in the way; the message says what to do.
  case unavailable(String)
}

extension StoreError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .conflict(let key, let expected, let actual):
      "\(key) was changed by another writer (expected version \(expected), found \(actual))"
    case .notFound(let key): "\(key) not found"
    case .alreadyExists(let key): "\(key) already exists"
    case .compacted(let oldest): "changes before version \(oldest) are no longer kept; list again"
    case .refused(let message), .unavailable(let message): message
    }
  }
}

/// Everything that the host remembers, by single-object compare-and-swap.
///
/// The engine never needs a write of more than one object: stores without transactions serve it
/// as well (DESIGN section 11).
///
/// - Invariant: a write has returned only when it is durable (guarded by the store's own tests).
/// - Isolation: callable from any executor; the caller resumes on its own.
/// - Cancellation: a write that was begun is not undone; its outcome is what a read then shows.
public protocol ObjectStore: Sendable {
  func get(_ key: ObjectKey) async throws(StoreError) -> StoredObject?

  /// The objects in order of namespace and name, and the version from which a watch misses nothing.
  func list(_ filter: ObjectFilter) async throws(StoreError) -> ObjectList

  /// A part of a list, for who can't hold all of it: at most `limit` objects behind `key`, each part
  /// as of its own moment.
  func list(_ filter: ObjectFilter, after key: ObjectKey?, limit: Int) async throws(StoreError)
    -> ObjectList

  /// Returns the new version. Throws `alreadyExists`, and `refused` as `update` does.
  func create(_ object: StoredObject) async throws(StoreError) -> UInt64

  /// Replaces the object whose present version is `object.version`; returns the new version.
  ///
  /// - Throws: `conflict`, `notFound`; `refused` where the object is larger than the store keeps.
  func update(_ object: StoredObject) async throws(StoreError) -> UInt64

  /// Deletes the object if its present version is `version`.
  func delete(_ key: ObjectKey, version: UInt64) async throws(StoreError)

  /// Every change after `version` that the filter matches, in order.
  func watch(_ filter: ObjectFilter, after version: UInt64) async throws(StoreError)
    -> any ObjectWatch
}

/// What a list answers with.
public struct ObjectList: Sendable {
  public var objects: [StoredObject]
  public var version: UInt64

  public init(objects: [StoredObject], version: UInt64) {
    self.objects = objects
    self.version = version
  }
}

/// A stream of changes; dropped when its last reference goes.
public protocol ObjectWatch: Sendable {
  /// All that has come since the last call, at least one change, in order; waits for the first.
  ///
  /// - Throws: `compacted` where this watcher was too slow: list again.
  /// - Cancellation: throws `unavailable`; nothing is lost for a later watch.
  func next() async throws(StoreError) -> [ObjectChange]
}
