// Generated from proto/mortise/host/v1/host.proto by `make protos`; do not edit.
// swift-format-ignore-file

import CPluginProto
import CProtobufC

extension HostV1 {
  /// `mortise.host.v1.ApplyAction`.
  public enum ApplyAction: RawRepresentable, Sendable, Hashable {
    case unspecified
    case created
    case configured
    case unchanged
    /// A value of a newer protocol, kept as it came.
    case unrecognized(Int32)

    public init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unspecified
      case 1: self = .created
      case 2: self = .configured
      case 3: self = .unchanged
      default: self = .unrecognized(rawValue)
      }
    }

    public var rawValue: Int32 {
      switch self {
      case .unspecified: 0
      case .created: 1
      case .configured: 2
      case .unchanged: 3
      case .unrecognized(let value): value
      }
    }
  }

  /// `mortise.host.v1.ChangeType`.
  public enum ChangeType: RawRepresentable, Sendable, Hashable {
    case unspecified
    case added
    case modified
    case deleted
    /// A value of a newer protocol, kept as it came.
    case unrecognized(Int32)

    public init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unspecified
      case 1: self = .added
      case 2: self = .modified
      case 3: self = .deleted
      default: self = .unrecognized(rawValue)
      }
    }

    public var rawValue: Int32 {
      switch self {
      case .unspecified: 0
      case .added: 1
      case .modified: 2
      case .deleted: 3
      case .unrecognized(let value): value
      }
    }
  }

  /// `mortise.host.v1.RolloutAction`.
  public enum RolloutAction: RawRepresentable, Sendable, Hashable {
    case unspecified
    /// Another attempt over the unfinished children of one that ended.
    case retry
    /// Lifts a pause, lets the others follow the canaries, or goes on after the policy "pause".
    case resume
    /// Asks for an earlier template again.
    case undo
    /// A value of a newer protocol, kept as it came.
    case unrecognized(Int32)

    public init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unspecified
      case 1: self = .retry
      case 2: self = .resume
      case 3: self = .undo
      default: self = .unrecognized(rawValue)
      }
    }

    public var rawValue: Int32 {
      switch self {
      case .unspecified: 0
      case .retry: 1
      case .resume: 2
      case .undo: 3
      case .unrecognized(let value): value
      }
    }
  }

  /// `mortise.host.v1.PluginAction`.
  public enum PluginAction: RawRepresentable, Sendable, Hashable {
    case unspecified
    /// End its process and start it again, by what plugin.yaml and executable are now.
    case restart
    /// Try again what was quarantined.
    case reset
    /// Take no new tasks, and end when those that it began are done. Kept over restarts of the host.
    case drain
    /// End it whatever it does. Kept over restarts of the host.
    case disable
    /// Undo DRAIN and DISABLE.
    case enable
    /// Call whatever plugin listens at a socket, until DETACH.
    case attach
    /// Let go of an attached plugin.
    case detach
    /// A value of a newer protocol, kept as it came.
    case unrecognized(Int32)

    public init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unspecified
      case 1: self = .restart
      case 2: self = .reset
      case 3: self = .drain
      case 4: self = .disable
      case 5: self = .enable
      case 6: self = .attach
      case 7: self = .detach
      default: self = .unrecognized(rawValue)
      }
    }

    public var rawValue: Int32 {
      switch self {
      case .unspecified: 0
      case .restart: 1
      case .reset: 2
      case .drain: 3
      case .disable: 4
      case .enable: 5
      case .attach: 6
      case .detach: 7
      case .unrecognized(let value): value
      }
    }
  }

  /// `mortise.host.v1.HoldScope`.
  public enum HoldScope: RawRepresentable, Sendable, Hashable {
    case unspecified
    case all
    case plugin
    case taskType
    case task
    /// A value of a newer protocol, kept as it came.
    case unrecognized(Int32)

    public init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unspecified
      case 1: self = .all
      case 2: self = .plugin
      case 3: self = .taskType
      case 4: self = .task
      default: self = .unrecognized(rawValue)
      }
    }

    public var rawValue: Int32 {
      switch self {
      case .unspecified: 0
      case .all: 1
      case .plugin: 2
      case .taskType: 3
      case .task: 4
      case .unrecognized(let value): value
      }
    }
  }

  /// `mortise.host.v1.ObjectName`.
  public struct ObjectName: ProtoMessage, WireMessage {
    /// Case-insensitive; also plural.
    public var kind: String = ""
    /// Empty = "default".
    public var namespace: String = ""
    public var name: String = ""

    public init() {}

    public init(kind: String = "", namespace: String = "", name: String = "") {
      self.kind = kind
      self.namespace = namespace
      self.name = name
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.ObjectName" }
    static var unpackC: Unpack<Mortise__Host__V1__ObjectName> { mortise__host__v1__object_name__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__ObjectName> { mortise__host__v1__object_name__init }

    init(_ c: Mortise__Host__V1__ObjectName) throws(ProtoDecodingError) {
      self.kind = try Self.string(c.kind, "kind")
      self.namespace = try Self.string(c.namespace_, "namespace")
      self.name = try Self.string(c.name, "name")
    }

    func fill(_ c: inout Mortise__Host__V1__ObjectName, in arena: Arena) {
      if !self.kind.isEmpty { c.kind = arena.string(self.kind) }
      if !self.namespace.isEmpty { c.namespace_ = arena.string(self.namespace) }
      if !self.name.isEmpty { c.name = arena.string(self.name) }
    }
  }

  /// A YAML or JSON text of one or more documents.
  public struct Manifest: ProtoMessage, WireMessage {
    /// Shown in errors: a file's path, or "stdin".
    public var source: String = ""
    public var content: [UInt8] = []

    public init() {}

    public init(source: String = "", content: [UInt8] = []) {
      self.source = source
      self.content = content
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.Manifest" }
    static var unpackC: Unpack<Mortise__Host__V1__Manifest> { mortise__host__v1__manifest__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__Manifest> { mortise__host__v1__manifest__init }

    init(_ c: Mortise__Host__V1__Manifest) throws(ProtoDecodingError) {
      self.source = try Self.string(c.source, "source")
      self.content = Self.bytes(c.content)
    }

    func fill(_ c: inout Mortise__Host__V1__Manifest, in arena: Arena) {
      if !self.source.isEmpty { c.source = arena.string(self.source) }
      c.content = arena.bytes(self.content)
    }
  }

  /// `mortise.host.v1.ApplyRequest`.
  public struct ApplyRequest: ProtoMessage, WireMessage {
    public var manifests: [HostV1.Manifest] = []
    public var dryRun: Bool = false

    public init() {}

    public init(manifests: [HostV1.Manifest] = [], dryRun: Bool = false) {
      self.manifests = manifests
      self.dryRun = dryRun
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.ApplyRequest" }
    static var unpackC: Unpack<Mortise__Host__V1__ApplyRequest> { mortise__host__v1__apply_request__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__ApplyRequest> { mortise__host__v1__apply_request__init }

    init(_ c: Mortise__Host__V1__ApplyRequest) throws(ProtoDecodingError) {
      self.manifests = try Self.array(c.manifests, c.n_manifests) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
      self.dryRun = c.dry_run != 0
    }

    func fill(_ c: inout Mortise__Host__V1__ApplyRequest, in arena: Arena) {
      c.n_manifests = self.manifests.count
      c.manifests = arena.array(self.manifests) { $0.makeC(in: arena) }
      c.dry_run = self.dryRun ? 1 : 0
    }
  }

  /// `mortise.host.v1.Applied`.
  public struct Applied: ProtoMessage, WireMessage {
    public var name: HostV1.ObjectName? = nil
    public var action: HostV1.ApplyAction = .unspecified
    public var generation: UInt64 = 0

    public init() {}

    public init(name: HostV1.ObjectName? = nil, action: HostV1.ApplyAction = .unspecified, generation: UInt64 = 0) {
      self.name = name
      self.action = action
      self.generation = generation
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.Applied" }
    static var unpackC: Unpack<Mortise__Host__V1__Applied> { mortise__host__v1__applied__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__Applied> { mortise__host__v1__applied__init }

    init(_ c: Mortise__Host__V1__Applied) throws(ProtoDecodingError) {
      self.name = try Self.message(c.name)
      self.action = HostV1.ApplyAction(rawValue: Int32(bitPattern: c.action.rawValue))
      self.generation = c.generation
    }

    func fill(_ c: inout Mortise__Host__V1__Applied, in arena: Arena) {
      if let value = self.name { c.name = value.makeC(in: arena) }
      c.action = Mortise__Host__V1__ApplyAction(rawValue: UInt32(bitPattern: self.action.rawValue))
      c.generation = self.generation
    }
  }

  /// Something wrong with a manifest; line and column count from 1, 0 = unknown.
  public struct Problem: ProtoMessage, WireMessage {
    public var source: String = ""
    public var line: UInt32 = 0
    public var column: UInt32 = 0
    /// Dotted path in the document: "spec.replicas".
    public var path: String = ""
    public var message: String = ""

    public init() {}

    public init(source: String = "", line: UInt32 = 0, column: UInt32 = 0, path: String = "", message: String = "") {
      self.source = source
      self.line = line
      self.column = column
      self.path = path
      self.message = message
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.Problem" }
    static var unpackC: Unpack<Mortise__Host__V1__Problem> { mortise__host__v1__problem__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__Problem> { mortise__host__v1__problem__init }

    init(_ c: Mortise__Host__V1__Problem) throws(ProtoDecodingError) {
      self.source = try Self.string(c.source, "source")
      self.line = c.line
      self.column = c.column
      self.path = try Self.string(c.path, "path")
      self.message = try Self.string(c.message, "message")
    }

    func fill(_ c: inout Mortise__Host__V1__Problem, in arena: Arena) {
      if !self.source.isEmpty { c.source = arena.string(self.source) }
      c.line = self.line
      c.column = self.column
      if !self.path.isEmpty { c.path = arena.string(self.path) }
      if !self.message.isEmpty { c.message = arena.string(self.message) }
    }
  }

  /// With problems nothing was applied.
  public struct ApplyReply: ProtoMessage, WireMessage {
    public var applied: [HostV1.Applied] = []
    public var problems: [HostV1.Problem] = []

    public init() {}

    public init(applied: [HostV1.Applied] = [], problems: [HostV1.Problem] = []) {
      self.applied = applied
      self.problems = problems
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.ApplyReply" }
    static var unpackC: Unpack<Mortise__Host__V1__ApplyReply> { mortise__host__v1__apply_reply__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__ApplyReply> { mortise__host__v1__apply_reply__init }

    init(_ c: Mortise__Host__V1__ApplyReply) throws(ProtoDecodingError) {
      self.applied = try Self.array(c.applied, c.n_applied) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
      self.problems = try Self.array(c.problems, c.n_problems) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Mortise__Host__V1__ApplyReply, in arena: Arena) {
      c.n_applied = self.applied.count
      c.applied = arena.array(self.applied) { $0.makeC(in: arena) }
      c.n_problems = self.problems.count
      c.problems = arena.array(self.problems) { $0.makeC(in: arena) }
    }
  }

  /// `mortise.host.v1.GetRequest`.
  public struct GetRequest: ProtoMessage, WireMessage {
    public var name: HostV1.ObjectName? = nil

    public init() {}

    public init(name: HostV1.ObjectName? = nil) {
      self.name = name
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.GetRequest" }
    static var unpackC: Unpack<Mortise__Host__V1__GetRequest> { mortise__host__v1__get_request__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__GetRequest> { mortise__host__v1__get_request__init }

    init(_ c: Mortise__Host__V1__GetRequest) throws(ProtoDecodingError) {
      self.name = try Self.message(c.name)
    }

    func fill(_ c: inout Mortise__Host__V1__GetRequest, in arena: Arena) {
      if let value = self.name { c.name = value.makeC(in: arena) }
    }
  }

  /// `mortise.host.v1.GetReply`.
  public struct GetReply: ProtoMessage, WireMessage {
    public var object: [UInt8] = []

    public init() {}

    public init(object: [UInt8] = []) {
      self.object = object
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.GetReply" }
    static var unpackC: Unpack<Mortise__Host__V1__GetReply> { mortise__host__v1__get_reply__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__GetReply> { mortise__host__v1__get_reply__init }

    init(_ c: Mortise__Host__V1__GetReply) throws(ProtoDecodingError) {
      self.object = Self.bytes(c.object)
    }

    func fill(_ c: inout Mortise__Host__V1__GetReply, in arena: Arena) {
      c.object = arena.bytes(self.object)
    }
  }

  /// `mortise.host.v1.ListRequest`.
  public struct ListRequest: ProtoMessage, WireMessage {
    public var kind: String = ""
    /// Empty = all namespaces.
    public var namespace: String = ""
    /// Set: only what that object owns, of any kind when `kind` is empty.
    public var ownerUID: String = ""
    /// Of labels: "app=redis,tier!=cache,zone in (a,b),zone notin (c),debug,!draft"; empty = all.
    public var selector: String = ""
    /// Objects in one reply at most; 0 = as many as fit. A reply never exceeds a frame.
    public var limit: UInt32 = 0
    /// Of the reply before, the rest of the request unchanged; empty = from the start.
    public var continueToken: String = ""

    public init() {}

    public init(kind: String = "", namespace: String = "", ownerUID: String = "", selector: String = "", limit: UInt32 = 0, continueToken: String = "") {
      self.kind = kind
      self.namespace = namespace
      self.ownerUID = ownerUID
      self.selector = selector
      self.limit = limit
      self.continueToken = continueToken
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.ListRequest" }
    static var unpackC: Unpack<Mortise__Host__V1__ListRequest> { mortise__host__v1__list_request__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__ListRequest> { mortise__host__v1__list_request__init }

    init(_ c: Mortise__Host__V1__ListRequest) throws(ProtoDecodingError) {
      self.kind = try Self.string(c.kind, "kind")
      self.namespace = try Self.string(c.namespace_, "namespace")
      self.ownerUID = try Self.string(c.owner_uid, "owner_uid")
      self.selector = try Self.string(c.selector, "selector")
      self.limit = c.limit
      self.continueToken = try Self.string(c.continue_token, "continue_token")
    }

    func fill(_ c: inout Mortise__Host__V1__ListRequest, in arena: Arena) {
      if !self.kind.isEmpty { c.kind = arena.string(self.kind) }
      if !self.namespace.isEmpty { c.namespace_ = arena.string(self.namespace) }
      if !self.ownerUID.isEmpty { c.owner_uid = arena.string(self.ownerUID) }
      if !self.selector.isEmpty { c.selector = arena.string(self.selector) }
      c.limit = self.limit
      if !self.continueToken.isEmpty { c.continue_token = arena.string(self.continueToken) }
    }
  }

  /// `mortise.host.v1.ListReply`.
  public struct ListReply: ProtoMessage, WireMessage {
    public var objects: [[UInt8]] = []
    /// Watch from here to miss nothing; the same on every page of one list.
    public var version: UInt64 = 0
    /// Set where objects are left: ask again with it.
    public var continueToken: String = ""

    public init() {}

    public init(objects: [[UInt8]] = [], version: UInt64 = 0, continueToken: String = "") {
      self.objects = objects
      self.version = version
      self.continueToken = continueToken
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.ListReply" }
    static var unpackC: Unpack<Mortise__Host__V1__ListReply> { mortise__host__v1__list_reply__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__ListReply> { mortise__host__v1__list_reply__init }

    init(_ c: Mortise__Host__V1__ListReply) throws(ProtoDecodingError) {
      self.objects = try Self.array(c.objects, c.n_objects) {
        element throws(ProtoDecodingError) in Self.bytes(element)
      }
      self.version = c.version
      self.continueToken = try Self.string(c.continue_token, "continue_token")
    }

    func fill(_ c: inout Mortise__Host__V1__ListReply, in arena: Arena) {
      c.n_objects = self.objects.count
      c.objects = arena.array(self.objects) { arena.bytes($0) }
      c.version = self.version
      if !self.continueToken.isEmpty { c.continue_token = arena.string(self.continueToken) }
    }
  }

  /// `mortise.host.v1.WatchRequest`.
  public struct WatchRequest: ProtoMessage, WireMessage {
    public var kind: String = ""
    public var namespace: String = ""
    public var name: String = ""
    /// 0 = the present objects first. One whose changes are no longer kept is refused with
    /// OUT_OF_RANGE, VersionTooOld: list, then watch from the list's version.
    public var fromVersion: UInt64 = 0
    /// As in ListRequest. An object that changed and does not match is told as deleted, whether or
    /// not it was told before.
    public var selector: String = ""

    public init() {}

    public init(kind: String = "", namespace: String = "", name: String = "", fromVersion: UInt64 = 0, selector: String = "") {
      self.kind = kind
      self.namespace = namespace
      self.name = name
      self.fromVersion = fromVersion
      self.selector = selector
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.WatchRequest" }
    static var unpackC: Unpack<Mortise__Host__V1__WatchRequest> { mortise__host__v1__watch_request__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__WatchRequest> { mortise__host__v1__watch_request__init }

    init(_ c: Mortise__Host__V1__WatchRequest) throws(ProtoDecodingError) {
      self.kind = try Self.string(c.kind, "kind")
      self.namespace = try Self.string(c.namespace_, "namespace")
      self.name = try Self.string(c.name, "name")
      self.fromVersion = c.from_version
      self.selector = try Self.string(c.selector, "selector")
    }

    func fill(_ c: inout Mortise__Host__V1__WatchRequest, in arena: Arena) {
      if !self.kind.isEmpty { c.kind = arena.string(self.kind) }
      if !self.namespace.isEmpty { c.namespace_ = arena.string(self.namespace) }
      if !self.name.isEmpty { c.name = arena.string(self.name) }
      c.from_version = self.fromVersion
      if !self.selector.isEmpty { c.selector = arena.string(self.selector) }
    }
  }

  /// `mortise.host.v1.WatchEvent`.
  public struct WatchEvent: ProtoMessage, WireMessage {
    public var type: HostV1.ChangeType = .unspecified
    public var object: [UInt8] = []
    public var version: UInt64 = 0

    public init() {}

    public init(type: HostV1.ChangeType = .unspecified, object: [UInt8] = [], version: UInt64 = 0) {
      self.type = type
      self.object = object
      self.version = version
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.WatchEvent" }
    static var unpackC: Unpack<Mortise__Host__V1__WatchEvent> { mortise__host__v1__watch_event__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__WatchEvent> { mortise__host__v1__watch_event__init }

    init(_ c: Mortise__Host__V1__WatchEvent) throws(ProtoDecodingError) {
      self.type = HostV1.ChangeType(rawValue: Int32(bitPattern: c.type.rawValue))
      self.object = Self.bytes(c.object)
      self.version = c.version
    }

    func fill(_ c: inout Mortise__Host__V1__WatchEvent, in arena: Arena) {
      c.type = Mortise__Host__V1__ChangeType(rawValue: UInt32(bitPattern: self.type.rawValue))
      c.object = arena.bytes(self.object)
      c.version = self.version
    }
  }

  /// `mortise.host.v1.DeleteRequest`.
  public struct DeleteRequest: ProtoMessage, WireMessage {
    public var name: HostV1.ObjectName? = nil

    public init() {}

    public init(name: HostV1.ObjectName? = nil) {
      self.name = name
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.DeleteRequest" }
    static var unpackC: Unpack<Mortise__Host__V1__DeleteRequest> { mortise__host__v1__delete_request__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__DeleteRequest> { mortise__host__v1__delete_request__init }

    init(_ c: Mortise__Host__V1__DeleteRequest) throws(ProtoDecodingError) {
      self.name = try Self.message(c.name)
    }

    func fill(_ c: inout Mortise__Host__V1__DeleteRequest, in arena: Arena) {
      if let value = self.name { c.name = value.makeC(in: arena) }
    }
  }

  /// `mortise.host.v1.DeleteReply`.
  public struct DeleteReply: ProtoMessage, WireMessage {

    public init() {}

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.DeleteReply" }
    static var unpackC: Unpack<Mortise__Host__V1__DeleteReply> { mortise__host__v1__delete_reply__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__DeleteReply> { mortise__host__v1__delete_reply__init }

    init(_ c: Mortise__Host__V1__DeleteReply) throws(ProtoDecodingError) {
    }

    func fill(_ c: inout Mortise__Host__V1__DeleteReply, in arena: Arena) {
    }
  }

  /// `mortise.host.v1.PlanRequest`.
  public struct PlanRequest: ProtoMessage, WireMessage {
    public var manifests: [HostV1.Manifest] = []

    public init() {}

    public init(manifests: [HostV1.Manifest] = []) {
      self.manifests = manifests
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.PlanRequest" }
    static var unpackC: Unpack<Mortise__Host__V1__PlanRequest> { mortise__host__v1__plan_request__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__PlanRequest> { mortise__host__v1__plan_request__init }

    init(_ c: Mortise__Host__V1__PlanRequest) throws(ProtoDecodingError) {
      self.manifests = try Self.array(c.manifests, c.n_manifests) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Mortise__Host__V1__PlanRequest, in arena: Arena) {
      c.n_manifests = self.manifests.count
      c.manifests = arena.array(self.manifests) { $0.makeC(in: arena) }
    }
  }

  /// `mortise.host.v1.PlanReply`.
  public struct PlanReply: ProtoMessage, WireMessage {
    /// JSON: {"resources": [...]}, see docs/cli.md; nothing is stored.
    public var preview: [UInt8] = []
    public var problems: [HostV1.Problem] = []

    public init() {}

    public init(preview: [UInt8] = [], problems: [HostV1.Problem] = []) {
      self.preview = preview
      self.problems = problems
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.PlanReply" }
    static var unpackC: Unpack<Mortise__Host__V1__PlanReply> { mortise__host__v1__plan_reply__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__PlanReply> { mortise__host__v1__plan_reply__init }

    init(_ c: Mortise__Host__V1__PlanReply) throws(ProtoDecodingError) {
      self.preview = Self.bytes(c.preview)
      self.problems = try Self.array(c.problems, c.n_problems) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Mortise__Host__V1__PlanReply, in arena: Arena) {
      c.preview = arena.bytes(self.preview)
      c.n_problems = self.problems.count
      c.problems = arena.array(self.problems) { $0.makeC(in: arena) }
    }
  }

  /// `mortise.host.v1.WhyRequest`.
  public struct WhyRequest: ProtoMessage, WireMessage {
    public var name: HostV1.ObjectName? = nil

    public init() {}

    public init(name: HostV1.ObjectName? = nil) {
      self.name = name
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.WhyRequest" }
    static var unpackC: Unpack<Mortise__Host__V1__WhyRequest> { mortise__host__v1__why_request__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__WhyRequest> { mortise__host__v1__why_request__init }

    init(_ c: Mortise__Host__V1__WhyRequest) throws(ProtoDecodingError) {
      self.name = try Self.message(c.name)
    }

    func fill(_ c: inout Mortise__Host__V1__WhyRequest, in arena: Arena) {
      if let value = self.name { c.name = value.makeC(in: arena) }
    }
  }

  /// `mortise.host.v1.WhyReply`.
  public struct WhyReply: ProtoMessage, WireMessage {
    /// JSON: state, summary, waits, failure, nextSteps.
    public var explanation: [UInt8] = []

    public init() {}

    public init(explanation: [UInt8] = []) {
      self.explanation = explanation
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.WhyReply" }
    static var unpackC: Unpack<Mortise__Host__V1__WhyReply> { mortise__host__v1__why_reply__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__WhyReply> { mortise__host__v1__why_reply__init }

    init(_ c: Mortise__Host__V1__WhyReply) throws(ProtoDecodingError) {
      self.explanation = Self.bytes(c.explanation)
    }

    func fill(_ c: inout Mortise__Host__V1__WhyReply, in arena: Arena) {
      c.explanation = arena.bytes(self.explanation)
    }
  }

  /// `mortise.host.v1.ResourceRequest`.
  public struct ResourceRequest: ProtoMessage, WireMessage {
    public var name: HostV1.ObjectName? = nil

    public init() {}

    public init(name: HostV1.ObjectName? = nil) {
      self.name = name
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.ResourceRequest" }
    static var unpackC: Unpack<Mortise__Host__V1__ResourceRequest> { mortise__host__v1__resource_request__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__ResourceRequest> { mortise__host__v1__resource_request__init }

    init(_ c: Mortise__Host__V1__ResourceRequest) throws(ProtoDecodingError) {
      self.name = try Self.message(c.name)
    }

    func fill(_ c: inout Mortise__Host__V1__ResourceRequest, in arena: Arena) {
      if let value = self.name { c.name = value.makeC(in: arena) }
    }
  }

  /// `mortise.host.v1.ResourceReply`.
  public struct ResourceReply: ProtoMessage, WireMessage {
    public var object: [UInt8] = []

    public init() {}

    public init(object: [UInt8] = []) {
      self.object = object
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.ResourceReply" }
    static var unpackC: Unpack<Mortise__Host__V1__ResourceReply> { mortise__host__v1__resource_reply__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__ResourceReply> { mortise__host__v1__resource_reply__init }

    init(_ c: Mortise__Host__V1__ResourceReply) throws(ProtoDecodingError) {
      self.object = Self.bytes(c.object)
    }

    func fill(_ c: inout Mortise__Host__V1__ResourceReply, in arena: Arena) {
      c.object = arena.bytes(self.object)
    }
  }

  /// `mortise.host.v1.RunTaskRequest`.
  public struct RunTaskRequest: ProtoMessage, WireMessage {
    /// Empty = "default".
    public var namespace: String = ""
    public var type: String = ""
    /// JSON; empty = no params.
    public var params: [UInt8] = []
    /// Who asks: a live run is joined by who gives the same one.
    public var externalID: String = ""
    /// Where intents converge that the task sets without naming a target.
    public var target: String = ""
    /// Seconds from the end of the run until it is deleted; 0 = it is kept.
    public var ttlSeconds: UInt64 = 0

    public init() {}

    public init(namespace: String = "", type: String = "", params: [UInt8] = [], externalID: String = "", target: String = "", ttlSeconds: UInt64 = 0) {
      self.namespace = namespace
      self.type = type
      self.params = params
      self.externalID = externalID
      self.target = target
      self.ttlSeconds = ttlSeconds
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.RunTaskRequest" }
    static var unpackC: Unpack<Mortise__Host__V1__RunTaskRequest> { mortise__host__v1__run_task_request__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__RunTaskRequest> { mortise__host__v1__run_task_request__init }

    init(_ c: Mortise__Host__V1__RunTaskRequest) throws(ProtoDecodingError) {
      self.namespace = try Self.string(c.namespace_, "namespace")
      self.type = try Self.string(c.type, "type")
      self.params = Self.bytes(c.params)
      self.externalID = try Self.string(c.external_id, "external_id")
      self.target = try Self.string(c.target, "target")
      self.ttlSeconds = c.ttl_seconds
    }

    func fill(_ c: inout Mortise__Host__V1__RunTaskRequest, in arena: Arena) {
      if !self.namespace.isEmpty { c.namespace_ = arena.string(self.namespace) }
      if !self.type.isEmpty { c.type = arena.string(self.type) }
      c.params = arena.bytes(self.params)
      if !self.externalID.isEmpty { c.external_id = arena.string(self.externalID) }
      if !self.target.isEmpty { c.target = arena.string(self.target) }
      c.ttl_seconds = self.ttlSeconds
    }
  }

  /// `mortise.host.v1.RunTaskReply`.
  public struct RunTaskReply: ProtoMessage, WireMessage {
    public var object: [UInt8] = []
    /// It was live already, and nothing was changed.
    public var joined: Bool = false

    public init() {}

    public init(object: [UInt8] = [], joined: Bool = false) {
      self.object = object
      self.joined = joined
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.RunTaskReply" }
    static var unpackC: Unpack<Mortise__Host__V1__RunTaskReply> { mortise__host__v1__run_task_reply__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__RunTaskReply> { mortise__host__v1__run_task_reply__init }

    init(_ c: Mortise__Host__V1__RunTaskReply) throws(ProtoDecodingError) {
      self.object = Self.bytes(c.object)
      self.joined = c.joined != 0
    }

    func fill(_ c: inout Mortise__Host__V1__RunTaskReply, in arena: Arena) {
      c.object = arena.bytes(self.object)
      c.joined = self.joined ? 1 : 0
    }
  }

  /// `mortise.host.v1.ControlRolloutRequest`.
  public struct ControlRolloutRequest: ProtoMessage, WireMessage {
    /// Its kind may be left out.
    public var name: HostV1.ObjectName? = nil
    public var action: HostV1.RolloutAction = .unspecified
    /// Of UNDO; 0 = the one before.
    public var revision: Int64 = 0

    public init() {}

    public init(name: HostV1.ObjectName? = nil, action: HostV1.RolloutAction = .unspecified, revision: Int64 = 0) {
      self.name = name
      self.action = action
      self.revision = revision
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.ControlRolloutRequest" }
    static var unpackC: Unpack<Mortise__Host__V1__ControlRolloutRequest> { mortise__host__v1__control_rollout_request__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__ControlRolloutRequest> { mortise__host__v1__control_rollout_request__init }

    init(_ c: Mortise__Host__V1__ControlRolloutRequest) throws(ProtoDecodingError) {
      self.name = try Self.message(c.name)
      self.action = HostV1.RolloutAction(rawValue: Int32(bitPattern: c.action.rawValue))
      self.revision = c.revision
    }

    func fill(_ c: inout Mortise__Host__V1__ControlRolloutRequest, in arena: Arena) {
      if let value = self.name { c.name = value.makeC(in: arena) }
      c.action = Mortise__Host__V1__RolloutAction(rawValue: UInt32(bitPattern: self.action.rawValue))
      c.revision = self.revision
    }
  }

  /// Whose log: a plugin's, a task's (what its plugin wrote for it), or that of a resource's processes.
  public struct LogsRequest: ProtoMessage, WireMessage {
    /// The resource; not set for a plugin's log.
    public var name: HostV1.ObjectName? = nil
    public var follow: Bool = false
    /// 0 = from the oldest line that is kept.
    public var sinceUnixMS: Int64 = 0
    /// Of a plugin, by its name.
    public var plugin: String = ""
    /// A task of the resource by name or type: of its plan, else of the last plan that had it.
    public var task: String = ""
    /// "POD/CONTAINER" or the part of it that tells it apart; empty, and no task = all processes.
    public var process: String = ""

    public init() {}

    public init(name: HostV1.ObjectName? = nil, follow: Bool = false, sinceUnixMS: Int64 = 0, plugin: String = "", task: String = "", process: String = "") {
      self.name = name
      self.follow = follow
      self.sinceUnixMS = sinceUnixMS
      self.plugin = plugin
      self.task = task
      self.process = process
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.LogsRequest" }
    static var unpackC: Unpack<Mortise__Host__V1__LogsRequest> { mortise__host__v1__logs_request__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__LogsRequest> { mortise__host__v1__logs_request__init }

    init(_ c: Mortise__Host__V1__LogsRequest) throws(ProtoDecodingError) {
      self.name = try Self.message(c.name)
      self.follow = c.follow != 0
      self.sinceUnixMS = c.since_unix_ms
      self.plugin = try Self.string(c.plugin, "plugin")
      self.task = try Self.string(c.task, "task")
      self.process = try Self.string(c.process, "process")
    }

    func fill(_ c: inout Mortise__Host__V1__LogsRequest, in arena: Arena) {
      if let value = self.name { c.name = value.makeC(in: arena) }
      c.follow = self.follow ? 1 : 0
      c.since_unix_ms = self.sinceUnixMS
      if !self.plugin.isEmpty { c.plugin = arena.string(self.plugin) }
      if !self.task.isEmpty { c.task = arena.string(self.task) }
      if !self.process.isEmpty { c.process = arena.string(self.process) }
    }
  }

  /// `mortise.host.v1.LogChunk`.
  public struct LogChunk: ProtoMessage, WireMessage {
    /// Whole lines, each with its end.
    public var text: [UInt8] = []
    /// Whose lines: "POD/CONTAINER", or a plugin's version where the log is of several.
    public var source: String = ""

    public init() {}

    public init(text: [UInt8] = [], source: String = "") {
      self.text = text
      self.source = source
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.LogChunk" }
    static var unpackC: Unpack<Mortise__Host__V1__LogChunk> { mortise__host__v1__log_chunk__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__LogChunk> { mortise__host__v1__log_chunk__init }

    init(_ c: Mortise__Host__V1__LogChunk) throws(ProtoDecodingError) {
      self.text = Self.bytes(c.text)
      self.source = try Self.string(c.source, "source")
    }

    func fill(_ c: inout Mortise__Host__V1__LogChunk, in arena: Arena) {
      c.text = arena.bytes(self.text)
      if !self.source.isEmpty { c.source = arena.string(self.source) }
    }
  }

  /// `mortise.host.v1.PluginsRequest`.
  public struct PluginsRequest: ProtoMessage, WireMessage {

    public init() {}

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.PluginsRequest" }
    static var unpackC: Unpack<Mortise__Host__V1__PluginsRequest> { mortise__host__v1__plugins_request__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__PluginsRequest> { mortise__host__v1__plugins_request__init }

    init(_ c: Mortise__Host__V1__PluginsRequest) throws(ProtoDecodingError) {
    }

    func fill(_ c: inout Mortise__Host__V1__PluginsRequest, in arena: Arena) {
    }
  }

  /// `mortise.host.v1.PluginStatus`.
  public struct PluginStatus: ProtoMessage, WireMessage {
    public var name: String = ""
    public var version: String = ""
    public var digest: String = ""
    public var state: String = ""
    public var pid: UInt32 = 0
    public var startedUnixMS: Int64 = 0
    public var restarts: UInt32 = 0
    public var inFlight: UInt32 = 0
    public var taskTypes: [String] = []
    public var intentKinds: [String] = []
    public var message: String = ""
    /// Tasks of stored plans that this version began and that have not ended.
    public var references: UInt32 = 0
    /// New work goes to this version.
    public var serving: Bool = false
    /// "Draining" or "Disabled" by an operator's order; else empty.
    public var hold: String = ""
    /// The name of its folder: NAME or NAME@VERSION.
    public var place: String = ""
    /// Of calls that were answered since the host started, in microseconds, rounded up by at most a
    /// quarter; 0 = none was.
    public var p50Us: UInt64 = 0
    public var p99Us: UInt64 = 0
    public var calls: UInt64 = 0

    public init() {}

    public init(name: String = "", version: String = "", digest: String = "", state: String = "", pid: UInt32 = 0, startedUnixMS: Int64 = 0, restarts: UInt32 = 0, inFlight: UInt32 = 0, taskTypes: [String] = [], intentKinds: [String] = [], message: String = "", references: UInt32 = 0, serving: Bool = false, hold: String = "", place: String = "", p50Us: UInt64 = 0, p99Us: UInt64 = 0, calls: UInt64 = 0) {
      self.name = name
      self.version = version
      self.digest = digest
      self.state = state
      self.pid = pid
      self.startedUnixMS = startedUnixMS
      self.restarts = restarts
      self.inFlight = inFlight
      self.taskTypes = taskTypes
      self.intentKinds = intentKinds
      self.message = message
      self.references = references
      self.serving = serving
      self.hold = hold
      self.place = place
      self.p50Us = p50Us
      self.p99Us = p99Us
      self.calls = calls
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.PluginStatus" }
    static var unpackC: Unpack<Mortise__Host__V1__PluginStatus> { mortise__host__v1__plugin_status__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__PluginStatus> { mortise__host__v1__plugin_status__init }

    init(_ c: Mortise__Host__V1__PluginStatus) throws(ProtoDecodingError) {
      self.name = try Self.string(c.name, "name")
      self.version = try Self.string(c.version, "version")
      self.digest = try Self.string(c.digest, "digest")
      self.state = try Self.string(c.state, "state")
      self.pid = c.pid
      self.startedUnixMS = c.started_unix_ms
      self.restarts = c.restarts
      self.inFlight = c.in_flight
      self.taskTypes = try Self.array(c.task_types, c.n_task_types) {
        element throws(ProtoDecodingError) in try Self.string(element, "task_types")
      }
      self.intentKinds = try Self.array(c.intent_kinds, c.n_intent_kinds) {
        element throws(ProtoDecodingError) in try Self.string(element, "intent_kinds")
      }
      self.message = try Self.string(c.message, "message")
      self.references = c.references
      self.serving = c.serving != 0
      self.hold = try Self.string(c.hold, "hold")
      self.place = try Self.string(c.place, "place")
      self.p50Us = c.p50_us
      self.p99Us = c.p99_us
      self.calls = c.calls
    }

    func fill(_ c: inout Mortise__Host__V1__PluginStatus, in arena: Arena) {
      if !self.name.isEmpty { c.name = arena.string(self.name) }
      if !self.version.isEmpty { c.version = arena.string(self.version) }
      if !self.digest.isEmpty { c.digest = arena.string(self.digest) }
      if !self.state.isEmpty { c.state = arena.string(self.state) }
      c.pid = self.pid
      c.started_unix_ms = self.startedUnixMS
      c.restarts = self.restarts
      c.in_flight = self.inFlight
      c.n_task_types = self.taskTypes.count
      c.task_types = arena.array(self.taskTypes) { arena.string($0) }
      c.n_intent_kinds = self.intentKinds.count
      c.intent_kinds = arena.array(self.intentKinds) { arena.string($0) }
      if !self.message.isEmpty { c.message = arena.string(self.message) }
      c.references = self.references
      c.serving = self.serving ? 1 : 0
      if !self.hold.isEmpty { c.hold = arena.string(self.hold) }
      if !self.place.isEmpty { c.place = arena.string(self.place) }
      c.p50_us = self.p50Us
      c.p99_us = self.p99Us
      c.calls = self.calls
    }
  }

  /// `mortise.host.v1.PluginsReply`.
  public struct PluginsReply: ProtoMessage, WireMessage {
    public var plugins: [HostV1.PluginStatus] = []

    public init() {}

    public init(plugins: [HostV1.PluginStatus] = []) {
      self.plugins = plugins
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.PluginsReply" }
    static var unpackC: Unpack<Mortise__Host__V1__PluginsReply> { mortise__host__v1__plugins_reply__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__PluginsReply> { mortise__host__v1__plugins_reply__init }

    init(_ c: Mortise__Host__V1__PluginsReply) throws(ProtoDecodingError) {
      self.plugins = try Self.array(c.plugins, c.n_plugins) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Mortise__Host__V1__PluginsReply, in arena: Arena) {
      c.n_plugins = self.plugins.count
      c.plugins = arena.array(self.plugins) { $0.makeC(in: arena) }
    }
  }

  /// `mortise.host.v1.DescribePluginRequest`.
  public struct DescribePluginRequest: ProtoMessage, WireMessage {
    /// NAME or NAME@VERSION.
    public var plugin: String = ""

    public init() {}

    public init(plugin: String = "") {
      self.plugin = plugin
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.DescribePluginRequest" }
    static var unpackC: Unpack<Mortise__Host__V1__DescribePluginRequest> { mortise__host__v1__describe_plugin_request__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__DescribePluginRequest> { mortise__host__v1__describe_plugin_request__init }

    init(_ c: Mortise__Host__V1__DescribePluginRequest) throws(ProtoDecodingError) {
      self.plugin = try Self.string(c.plugin, "plugin")
    }

    func fill(_ c: inout Mortise__Host__V1__DescribePluginRequest, in arena: Arena) {
      if !self.plugin.isEmpty { c.plugin = arena.string(self.plugin) }
    }
  }

  /// `mortise.host.v1.DescribePluginReply`.
  public struct DescribePluginReply: ProtoMessage, WireMessage {
    public var plugins: [HostV1.PluginStatus] = []
    /// Of each of them, JSON: what plugin.yaml grants and limits, and what Describe answered.
    public var details: [[UInt8]] = []

    public init() {}

    public init(plugins: [HostV1.PluginStatus] = [], details: [[UInt8]] = []) {
      self.plugins = plugins
      self.details = details
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.DescribePluginReply" }
    static var unpackC: Unpack<Mortise__Host__V1__DescribePluginReply> { mortise__host__v1__describe_plugin_reply__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__DescribePluginReply> { mortise__host__v1__describe_plugin_reply__init }

    init(_ c: Mortise__Host__V1__DescribePluginReply) throws(ProtoDecodingError) {
      self.plugins = try Self.array(c.plugins, c.n_plugins) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
      self.details = try Self.array(c.details, c.n_details) {
        element throws(ProtoDecodingError) in Self.bytes(element)
      }
    }

    func fill(_ c: inout Mortise__Host__V1__DescribePluginReply, in arena: Arena) {
      c.n_plugins = self.plugins.count
      c.plugins = arena.array(self.plugins) { $0.makeC(in: arena) }
      c.n_details = self.details.count
      c.details = arena.array(self.details) { arena.bytes($0) }
    }
  }

  /// `mortise.host.v1.ControlPluginRequest`.
  public struct ControlPluginRequest: ProtoMessage, WireMessage {
    /// NAME or NAME@VERSION; for ATTACH the absolute path of a socket.
    public var plugin: String = ""
    public var action: HostV1.PluginAction = .unspecified
    /// Why, for people; kept with DRAIN and DISABLE.
    public var note: String = ""

    public init() {}

    public init(plugin: String = "", action: HostV1.PluginAction = .unspecified, note: String = "") {
      self.plugin = plugin
      self.action = action
      self.note = note
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.ControlPluginRequest" }
    static var unpackC: Unpack<Mortise__Host__V1__ControlPluginRequest> { mortise__host__v1__control_plugin_request__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__ControlPluginRequest> { mortise__host__v1__control_plugin_request__init }

    init(_ c: Mortise__Host__V1__ControlPluginRequest) throws(ProtoDecodingError) {
      self.plugin = try Self.string(c.plugin, "plugin")
      self.action = HostV1.PluginAction(rawValue: Int32(bitPattern: c.action.rawValue))
      self.note = try Self.string(c.note, "note")
    }

    func fill(_ c: inout Mortise__Host__V1__ControlPluginRequest, in arena: Arena) {
      if !self.plugin.isEmpty { c.plugin = arena.string(self.plugin) }
      c.action = Mortise__Host__V1__PluginAction(rawValue: UInt32(bitPattern: self.action.rawValue))
      if !self.note.isEmpty { c.note = arena.string(self.note) }
    }
  }

  /// `mortise.host.v1.ParkRequest`.
  public struct ParkRequest: ProtoMessage, WireMessage {
    public var scope: HostV1.HoldScope = .unspecified
    /// A plugin (NAME or NAME@VERSION), a task type, or a task's name in its plan.
    public var subject: String = ""
    /// Whose task; for HOLD_SCOPE_TASK.
    public var resource: HostV1.ObjectName? = nil
    /// False = lift the hold.
    public var held: Bool = false
    /// Why, for people.
    public var note: String = ""

    public init() {}

    public init(scope: HostV1.HoldScope = .unspecified, subject: String = "", resource: HostV1.ObjectName? = nil, held: Bool = false, note: String = "") {
      self.scope = scope
      self.subject = subject
      self.resource = resource
      self.held = held
      self.note = note
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.ParkRequest" }
    static var unpackC: Unpack<Mortise__Host__V1__ParkRequest> { mortise__host__v1__park_request__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__ParkRequest> { mortise__host__v1__park_request__init }

    init(_ c: Mortise__Host__V1__ParkRequest) throws(ProtoDecodingError) {
      self.scope = HostV1.HoldScope(rawValue: Int32(bitPattern: c.scope.rawValue))
      self.subject = try Self.string(c.subject, "subject")
      self.resource = try Self.message(c.resource)
      self.held = c.held != 0
      self.note = try Self.string(c.note, "note")
    }

    func fill(_ c: inout Mortise__Host__V1__ParkRequest, in arena: Arena) {
      c.scope = Mortise__Host__V1__HoldScope(rawValue: UInt32(bitPattern: self.scope.rawValue))
      if !self.subject.isEmpty { c.subject = arena.string(self.subject) }
      if let value = self.resource { c.resource = value.makeC(in: arena) }
      c.held = self.held ? 1 : 0
      if !self.note.isEmpty { c.note = arena.string(self.note) }
    }
  }

  /// `mortise.host.v1.HoldsRequest`.
  public struct HoldsRequest: ProtoMessage, WireMessage {

    public init() {}

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.HoldsRequest" }
    static var unpackC: Unpack<Mortise__Host__V1__HoldsRequest> { mortise__host__v1__holds_request__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__HoldsRequest> { mortise__host__v1__holds_request__init }

    init(_ c: Mortise__Host__V1__HoldsRequest) throws(ProtoDecodingError) {
    }

    func fill(_ c: inout Mortise__Host__V1__HoldsRequest, in arena: Arena) {
    }
  }

  /// `mortise.host.v1.HoldStatus`.
  public struct HoldStatus: ProtoMessage, WireMessage {
    /// "Park", "Drain", "Disable" or "Attach".
    public var action: String = ""
    public var scope: HostV1.HoldScope = .unspecified
    /// As in ParkRequest; of a task "Kind/namespace/name/task".
    public var subject: String = ""
    public var note: String = ""
    public var sinceUnixMS: Int64 = 0

    public init() {}

    public init(action: String = "", scope: HostV1.HoldScope = .unspecified, subject: String = "", note: String = "", sinceUnixMS: Int64 = 0) {
      self.action = action
      self.scope = scope
      self.subject = subject
      self.note = note
      self.sinceUnixMS = sinceUnixMS
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.HoldStatus" }
    static var unpackC: Unpack<Mortise__Host__V1__HoldStatus> { mortise__host__v1__hold_status__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__HoldStatus> { mortise__host__v1__hold_status__init }

    init(_ c: Mortise__Host__V1__HoldStatus) throws(ProtoDecodingError) {
      self.action = try Self.string(c.action, "action")
      self.scope = HostV1.HoldScope(rawValue: Int32(bitPattern: c.scope.rawValue))
      self.subject = try Self.string(c.subject, "subject")
      self.note = try Self.string(c.note, "note")
      self.sinceUnixMS = c.since_unix_ms
    }

    func fill(_ c: inout Mortise__Host__V1__HoldStatus, in arena: Arena) {
      if !self.action.isEmpty { c.action = arena.string(self.action) }
      c.scope = Mortise__Host__V1__HoldScope(rawValue: UInt32(bitPattern: self.scope.rawValue))
      if !self.subject.isEmpty { c.subject = arena.string(self.subject) }
      if !self.note.isEmpty { c.note = arena.string(self.note) }
      c.since_unix_ms = self.sinceUnixMS
    }
  }

  /// `mortise.host.v1.HoldsReply`.
  public struct HoldsReply: ProtoMessage, WireMessage {
    public var holds: [HostV1.HoldStatus] = []

    public init() {}

    public init(holds: [HostV1.HoldStatus] = []) {
      self.holds = holds
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.HoldsReply" }
    static var unpackC: Unpack<Mortise__Host__V1__HoldsReply> { mortise__host__v1__holds_reply__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__HoldsReply> { mortise__host__v1__holds_reply__init }

    init(_ c: Mortise__Host__V1__HoldsReply) throws(ProtoDecodingError) {
      self.holds = try Self.array(c.holds, c.n_holds) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Mortise__Host__V1__HoldsReply, in arena: Arena) {
      c.n_holds = self.holds.count
      c.holds = arena.array(self.holds) { $0.makeC(in: arena) }
    }
  }

  /// `mortise.host.v1.VersionRequest`.
  public struct VersionRequest: ProtoMessage, WireMessage {

    public init() {}

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.VersionRequest" }
    static var unpackC: Unpack<Mortise__Host__V1__VersionRequest> { mortise__host__v1__version_request__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__VersionRequest> { mortise__host__v1__version_request__init }

    init(_ c: Mortise__Host__V1__VersionRequest) throws(ProtoDecodingError) {
    }

    func fill(_ c: inout Mortise__Host__V1__VersionRequest, in arena: Arena) {
    }
  }

  /// `mortise.host.v1.VersionReply`.
  public struct VersionReply: ProtoMessage, WireMessage {
    public var version: String = ""
    public var startedUnixMS: Int64 = 0

    public init() {}

    public init(version: String = "", startedUnixMS: Int64 = 0) {
      self.version = version
      self.startedUnixMS = startedUnixMS
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.host.v1.VersionReply" }
    static var unpackC: Unpack<Mortise__Host__V1__VersionReply> { mortise__host__v1__version_reply__unpack }
    static var initializeC: Initialize<Mortise__Host__V1__VersionReply> { mortise__host__v1__version_reply__init }

    init(_ c: Mortise__Host__V1__VersionReply) throws(ProtoDecodingError) {
      self.version = try Self.string(c.version, "version")
      self.startedUnixMS = c.started_unix_ms
    }

    func fill(_ c: inout Mortise__Host__V1__VersionReply, in arena: Arena) {
      if !self.version.isEmpty { c.version = arena.string(self.version) }
      c.started_unix_ms = self.startedUnixMS
    }
  }

  /// Service `mortise.host.v1.Host`.
  public enum Host {
    /// Full name of the service, by which calls are routed.
    public static let name = "mortise.host.v1.Host"
    public static let apply =
      Method<HostV1.ApplyRequest, HostV1.ApplyReply>(service: name, name: "Apply")
    public static let get =
      Method<HostV1.GetRequest, HostV1.GetReply>(service: name, name: "Get")
    public static let list =
      Method<HostV1.ListRequest, HostV1.ListReply>(service: name, name: "List")
    /// Answers with a stream.
    public static let watch =
      Method<HostV1.WatchRequest, HostV1.WatchEvent>(service: name, name: "Watch")
    public static let delete =
      Method<HostV1.DeleteRequest, HostV1.DeleteReply>(service: name, name: "Delete")
    public static let plan =
      Method<HostV1.PlanRequest, HostV1.PlanReply>(service: name, name: "Plan")
    public static let why =
      Method<HostV1.WhyRequest, HostV1.WhyReply>(service: name, name: "Why")
    public static let cancel =
      Method<HostV1.ResourceRequest, HostV1.ResourceReply>(service: name, name: "Cancel")
    /// Makes a TaskRun of a type and params, joins the one that is live, or runs one again that ended.
    public static let runTask =
      Method<HostV1.RunTaskRequest, HostV1.RunTaskReply>(service: name, name: "RunTask")
    /// Cancels the plan in flight without reverting it, so that the next pass plans anew.
    public static let replan =
      Method<HostV1.ResourceRequest, HostV1.ResourceReply>(service: name, name: "Replan")
    public static let pause =
      Method<HostV1.ResourceRequest, HostV1.ResourceReply>(service: name, name: "Pause")
    public static let resume =
      Method<HostV1.ResourceRequest, HostV1.ResourceReply>(service: name, name: "Resume")
    /// Acts on a rollout; FAILED_PRECONDITION says what state refuses it.
    public static let controlRollout =
      Method<HostV1.ControlRolloutRequest, HostV1.ResourceReply>(service: name, name: "ControlRollout")
    /// Answers with a stream.
    public static let logs =
      Method<HostV1.LogsRequest, HostV1.LogChunk>(service: name, name: "Logs")
    public static let plugins =
      Method<HostV1.PluginsRequest, HostV1.PluginsReply>(service: name, name: "Plugins")
    public static let describePlugin =
      Method<HostV1.DescribePluginRequest, HostV1.DescribePluginReply>(service: name, name: "DescribePlugin")
    /// Answers with the versions that it concerned, as they are then.
    public static let controlPlugin =
      Method<HostV1.ControlPluginRequest, HostV1.PluginsReply>(service: name, name: "ControlPlugin")
    /// Keeps tasks from being delivered, or lets them go on; answers with all holds in force.
    public static let park =
      Method<HostV1.ParkRequest, HostV1.HoldsReply>(service: name, name: "Park")
    public static let holds =
      Method<HostV1.HoldsRequest, HostV1.HoldsReply>(service: name, name: "Holds")
    public static let version =
      Method<HostV1.VersionRequest, HostV1.VersionReply>(service: name, name: "Version")
  }
}
