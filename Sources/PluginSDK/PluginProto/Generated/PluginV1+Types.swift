// Generated from proto/mortise/plugin/v1/types.proto by `make protos`; do not edit.
// swift-format-ignore-file

import CPluginProto
import CProtobufC

extension PluginV1 {
  /// `mortise.plugin.v1.IntentState`.
  public enum IntentState: RawRepresentable, Sendable, Hashable {
    case unspecified
    case pending
    case committed
    case commitFailed
    case deletePending
    case removeFailed
    /// A value of a newer protocol, kept as it came.
    case unrecognized(Int32)

    public init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unspecified
      case 1: self = .pending
      case 2: self = .committed
      case 3: self = .commitFailed
      case 4: self = .deletePending
      case 5: self = .removeFailed
      default: self = .unrecognized(rawValue)
      }
    }

    public var rawValue: Int32 {
      switch self {
      case .unspecified: 0
      case .pending: 1
      case .committed: 2
      case .commitFailed: 3
      case .deletePending: 4
      case .removeFailed: 5
      case .unrecognized(let value): value
      }
    }
  }

  /// `mortise.plugin.v1.ClauseTest`.
  public enum ClauseTest: RawRepresentable, Sendable, Hashable {
    case unspecified
    /// The driver confirmed the present spec.
    case committed
    /// The intent is gone.
    case absent
    /// The observed value at `path` equals `value`.
    case equals
    /// The observed number at `path` is at least `value`.
    case atLeast
    /// Nothing is left to do: committed, or gone.
    case settled
    /// A value of a newer protocol, kept as it came.
    case unrecognized(Int32)

    public init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unspecified
      case 1: self = .committed
      case 2: self = .absent
      case 3: self = .equals
      case 4: self = .atLeast
      case 5: self = .settled
      default: self = .unrecognized(rawValue)
      }
    }

    public var rawValue: Int32 {
      switch self {
      case .unspecified: 0
      case .committed: 1
      case .absent: 2
      case .equals: 3
      case .atLeast: 4
      case .settled: 5
      case .unrecognized(let value): value
      }
    }
  }

  /// Carried by every request after Handshake.
  public struct CallContext: ProtoMessage, WireMessage {
    /// Milliseconds since the Unix epoch; 0 = none. The envelope's timeout counts too: the smaller wins.
    public var deadlineUnixMS: Int64 = 0
    /// Rises with every start of a host on its store; a plugin refuses one lower than it has seen.
    public var hostEpoch: UInt64 = 0
    /// W3C traceparent; empty = none.
    public var traceparent: String = ""

    public init() {}

    public init(deadlineUnixMS: Int64 = 0, hostEpoch: UInt64 = 0, traceparent: String = "") {
      self.deadlineUnixMS = deadlineUnixMS
      self.hostEpoch = hostEpoch
      self.traceparent = traceparent
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.CallContext" }
    static var unpackC: Unpack<Mortise__Plugin__V1__CallContext> { mortise__plugin__v1__call_context__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__CallContext> { mortise__plugin__v1__call_context__init }

    init(_ c: Mortise__Plugin__V1__CallContext) throws(ProtoDecodingError) {
      self.deadlineUnixMS = c.deadline_unix_ms
      self.hostEpoch = c.host_epoch
      self.traceparent = try Self.string(c.traceparent, "traceparent")
    }

    func fill(_ c: inout Mortise__Plugin__V1__CallContext, in arena: Arena) {
      c.deadline_unix_ms = self.deadlineUnixMS
      c.host_epoch = self.hostEpoch
      if !self.traceparent.isEmpty { c.traceparent = arena.string(self.traceparent) }
    }
  }

  /// Which resource a task works for.
  public struct ResourceRef: ProtoMessage, WireMessage {
    public var kind: String = ""
    public var namespace: String = ""
    public var name: String = ""
    public var uid: String = ""

    public init() {}

    public init(kind: String = "", namespace: String = "", name: String = "", uid: String = "") {
      self.kind = kind
      self.namespace = namespace
      self.name = name
      self.uid = uid
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.ResourceRef" }
    static var unpackC: Unpack<Mortise__Plugin__V1__ResourceRef> { mortise__plugin__v1__resource_ref__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__ResourceRef> { mortise__plugin__v1__resource_ref__init }

    init(_ c: Mortise__Plugin__V1__ResourceRef) throws(ProtoDecodingError) {
      self.kind = try Self.string(c.kind, "kind")
      self.namespace = try Self.string(c.namespace_, "namespace")
      self.name = try Self.string(c.name, "name")
      self.uid = try Self.string(c.uid, "uid")
    }

    func fill(_ c: inout Mortise__Plugin__V1__ResourceRef, in arena: Arena) {
      if !self.kind.isEmpty { c.kind = arena.string(self.kind) }
      if !self.namespace.isEmpty { c.namespace_ = arena.string(self.namespace) }
      if !self.name.isEmpty { c.name = arena.string(self.name) }
      if !self.uid.isEmpty { c.uid = arena.string(self.uid) }
    }
  }

  /// Names an intent: unique in the host's store.
  public struct IntentKey: ProtoMessage, WireMessage {
    public var target: String = ""
    public var kind: String = ""
    /// Unique for kind and target; by convention NAMESPACE/NAME.
    public var key: String = ""

    public init() {}

    public init(target: String = "", kind: String = "", key: String = "") {
      self.target = target
      self.kind = kind
      self.key = key
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.IntentKey" }
    static var unpackC: Unpack<Mortise__Plugin__V1__IntentKey> { mortise__plugin__v1__intent_key__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__IntentKey> { mortise__plugin__v1__intent_key__init }

    init(_ c: Mortise__Plugin__V1__IntentKey) throws(ProtoDecodingError) {
      self.target = try Self.string(c.target, "target")
      self.kind = try Self.string(c.kind, "kind")
      self.key = try Self.string(c.key, "key")
    }

    func fill(_ c: inout Mortise__Plugin__V1__IntentKey, in arena: Arena) {
      if !self.target.isEmpty { c.target = arena.string(self.target) }
      if !self.kind.isEmpty { c.kind = arena.string(self.kind) }
      if !self.key.isEmpty { c.key = arena.string(self.key) }
    }
  }

  /// An intent as the host knows it.
  public struct Intent: ProtoMessage, WireMessage {
    public var id: PluginV1.IntentKey? = nil
    public var spec: [UInt8] = []
    public var specVersion: UInt32 = 0
    /// Rises with every change of spec; a driver reports it back as observedGeneration.
    public var generation: UInt64 = 0
    public var state: PluginV1.IntentState = .unspecified
    /// What the driver said last; empty before the first verification.
    public var observed: [UInt8] = []
    public var verifiedUnixMS: Int64 = 0
    public var error: String = ""
    public var owner: PluginV1.ResourceRef? = nil

    public init() {}

    public init(id: PluginV1.IntentKey? = nil, spec: [UInt8] = [], specVersion: UInt32 = 0, generation: UInt64 = 0, state: PluginV1.IntentState = .unspecified, observed: [UInt8] = [], verifiedUnixMS: Int64 = 0, error: String = "", owner: PluginV1.ResourceRef? = nil) {
      self.id = id
      self.spec = spec
      self.specVersion = specVersion
      self.generation = generation
      self.state = state
      self.observed = observed
      self.verifiedUnixMS = verifiedUnixMS
      self.error = error
      self.owner = owner
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.Intent" }
    static var unpackC: Unpack<Mortise__Plugin__V1__Intent> { mortise__plugin__v1__intent__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__Intent> { mortise__plugin__v1__intent__init }

    init(_ c: Mortise__Plugin__V1__Intent) throws(ProtoDecodingError) {
      self.id = try Self.message(c.id)
      self.spec = Self.bytes(c.spec)
      self.specVersion = c.spec_version
      self.generation = c.generation
      self.state = PluginV1.IntentState(rawValue: Int32(bitPattern: c.state.rawValue))
      self.observed = Self.bytes(c.observed)
      self.verifiedUnixMS = c.verified_unix_ms
      self.error = try Self.string(c.error, "error")
      self.owner = try Self.message(c.owner)
    }

    func fill(_ c: inout Mortise__Plugin__V1__Intent, in arena: Arena) {
      if let value = self.id { c.id = value.makeC(in: arena) }
      c.spec = arena.bytes(self.spec)
      c.spec_version = self.specVersion
      c.generation = self.generation
      c.state = Mortise__Plugin__V1__IntentState(rawValue: UInt32(bitPattern: self.state.rawValue))
      c.observed = arena.bytes(self.observed)
      c.verified_unix_ms = self.verifiedUnixMS
      if !self.error.isEmpty { c.error = arena.string(self.error) }
      if let value = self.owner { c.owner = value.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.IntentWrite`.
  public struct IntentWrite: ProtoMessage, WireMessage {
    public var id: PluginV1.IntentKey? = nil
    public var spec: [UInt8] = []
    public var specVersion: UInt32 = 0
    /// Intents that this one needs; they are not removed while it stands.
    public var references: [PluginV1.IntentKey] = []

    public init() {}

    public init(id: PluginV1.IntentKey? = nil, spec: [UInt8] = [], specVersion: UInt32 = 0, references: [PluginV1.IntentKey] = []) {
      self.id = id
      self.spec = spec
      self.specVersion = specVersion
      self.references = references
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.IntentWrite" }
    static var unpackC: Unpack<Mortise__Plugin__V1__IntentWrite> { mortise__plugin__v1__intent_write__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__IntentWrite> { mortise__plugin__v1__intent_write__init }

    init(_ c: Mortise__Plugin__V1__IntentWrite) throws(ProtoDecodingError) {
      self.id = try Self.message(c.id)
      self.spec = Self.bytes(c.spec)
      self.specVersion = c.spec_version
      self.references = try Self.array(c.references, c.n_references) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__IntentWrite, in arena: Arena) {
      if let value = self.id { c.id = value.makeC(in: arena) }
      c.spec = arena.bytes(self.spec)
      c.spec_version = self.specVersion
      c.n_references = self.references.count
      c.references = arena.array(self.references) { $0.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.GateClause`.
  public struct GateClause: ProtoMessage, WireMessage {
    public var intent: PluginV1.IntentKey? = nil
    public var test: PluginV1.ClauseTest = .unspecified
    /// Dotted path into the intent's observed JSON: "status.replicas", "pods[0].uid".
    public var path: String = ""
    /// JSON.
    public var value: [UInt8] = []

    public init() {}

    public init(intent: PluginV1.IntentKey? = nil, test: PluginV1.ClauseTest = .unspecified, path: String = "", value: [UInt8] = []) {
      self.intent = intent
      self.test = test
      self.path = path
      self.value = value
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.GateClause" }
    static var unpackC: Unpack<Mortise__Plugin__V1__GateClause> { mortise__plugin__v1__gate_clause__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__GateClause> { mortise__plugin__v1__gate_clause__init }

    init(_ c: Mortise__Plugin__V1__GateClause) throws(ProtoDecodingError) {
      self.intent = try Self.message(c.intent)
      self.test = PluginV1.ClauseTest(rawValue: Int32(bitPattern: c.test.rawValue))
      self.path = try Self.string(c.path, "path")
      self.value = Self.bytes(c.value)
    }

    func fill(_ c: inout Mortise__Plugin__V1__GateClause, in arena: Arena) {
      if let value = self.intent { c.intent = value.makeC(in: arena) }
      c.test = Mortise__Plugin__V1__ClauseTest(rawValue: UInt32(bitPattern: self.test.rawValue))
      if !self.path.isEmpty { c.path = arena.string(self.path) }
      c.value = arena.bytes(self.value)
    }
  }

  /// All clauses must hold, on state verified after the gate was registered.
  public struct Gate: ProtoMessage, WireMessage {
    public var clauses: [PluginV1.GateClause] = []

    public init() {}

    public init(clauses: [PluginV1.GateClause] = []) {
      self.clauses = clauses
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.Gate" }
    static var unpackC: Unpack<Mortise__Plugin__V1__Gate> { mortise__plugin__v1__gate__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__Gate> { mortise__plugin__v1__gate__init }

    init(_ c: Mortise__Plugin__V1__Gate) throws(ProtoDecodingError) {
      self.clauses = try Self.array(c.clauses, c.n_clauses) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__Gate, in arena: Arena) {
      c.n_clauses = self.clauses.count
      c.clauses = arena.array(self.clauses) { $0.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.Progress`.
  public struct Progress: ProtoMessage, WireMessage {
    public var message: String = ""
    /// 0 to 100.
    public var percent: UInt32 = 0

    public init() {}

    public init(message: String = "", percent: UInt32 = 0) {
      self.message = message
      self.percent = percent
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.Progress" }
    static var unpackC: Unpack<Mortise__Plugin__V1__Progress> { mortise__plugin__v1__progress__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__Progress> { mortise__plugin__v1__progress__init }

    init(_ c: Mortise__Plugin__V1__Progress) throws(ProtoDecodingError) {
      self.message = try Self.string(c.message, "message")
      self.percent = c.percent
    }

    func fill(_ c: inout Mortise__Plugin__V1__Progress, in arena: Arena) {
      if !self.message.isEmpty { c.message = arena.string(self.message) }
      c.percent = self.percent
    }
  }
}
