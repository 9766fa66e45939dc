// Generated from proto/mortise/plugin/v1/plugin.proto by `make protos`; do not edit.
// swift-format-ignore-file

import CPluginProto
import CProtobufC

extension PluginV1 {
  /// `mortise.plugin.v1.Acts`.
  public enum Acts: RawRepresentable, Sendable, Hashable {
    case unspecified
    /// Only through intents that the host writes.
    case throughIntents
    /// On the world itself; the type must implement Recover.
    case externally
    /// A value of a newer protocol, kept as it came.
    case unrecognized(Int32)

    public init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unspecified
      case 1: self = .throughIntents
      case 2: self = .externally
      default: self = .unrecognized(rawValue)
      }
    }

    public var rawValue: Int32 {
      switch self {
      case .unspecified: 0
      case .throughIntents: 1
      case .externally: 2
      case .unrecognized(let value): value
      }
    }
  }

  /// `mortise.plugin.v1.HealthStatus`.
  public enum HealthStatus: RawRepresentable, Sendable, Hashable {
    case unspecified
    case serving
    /// Alive, but something that it needs is not there.
    case degraded
    /// A value of a newer protocol, kept as it came.
    case unrecognized(Int32)

    public init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unspecified
      case 1: self = .serving
      case 2: self = .degraded
      default: self = .unrecognized(rawValue)
      }
    }

    public var rawValue: Int32 {
      switch self {
      case .unspecified: 0
      case .serving: 1
      case .degraded: 2
      case .unrecognized(let value): value
      }
    }
  }

  /// `mortise.plugin.v1.HandshakeRequest`.
  public struct HandshakeRequest: ProtoMessage, WireMessage {
    /// Majors of mortise.plugin that the host speaks.
    public var protocolMajors: [UInt32] = []
    public var hostInstance: String = ""
    public var hostEpoch: UInt64 = 0
    /// Echoed, so that an answer can't be mistaken for another connection's.
    public var nonce: String = ""
    public var features: [String] = []

    public init() {}

    public init(protocolMajors: [UInt32] = [], hostInstance: String = "", hostEpoch: UInt64 = 0, nonce: String = "", features: [String] = []) {
      self.protocolMajors = protocolMajors
      self.hostInstance = hostInstance
      self.hostEpoch = hostEpoch
      self.nonce = nonce
      self.features = features
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.HandshakeRequest" }
    static var unpackC: Unpack<Mortise__Plugin__V1__HandshakeRequest> { mortise__plugin__v1__handshake_request__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__HandshakeRequest> { mortise__plugin__v1__handshake_request__init }

    init(_ c: Mortise__Plugin__V1__HandshakeRequest) throws(ProtoDecodingError) {
      self.protocolMajors = try Self.array(c.protocol_majors, c.n_protocol_majors) {
        element throws(ProtoDecodingError) in element
      }
      self.hostInstance = try Self.string(c.host_instance, "host_instance")
      self.hostEpoch = c.host_epoch
      self.nonce = try Self.string(c.nonce, "nonce")
      self.features = try Self.array(c.features, c.n_features) {
        element throws(ProtoDecodingError) in try Self.string(element, "features")
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__HandshakeRequest, in arena: Arena) {
      c.n_protocol_majors = self.protocolMajors.count
      c.protocol_majors = arena.array(self.protocolMajors) { $0 }
      if !self.hostInstance.isEmpty { c.host_instance = arena.string(self.hostInstance) }
      c.host_epoch = self.hostEpoch
      if !self.nonce.isEmpty { c.nonce = arena.string(self.nonce) }
      c.n_features = self.features.count
      c.features = arena.array(self.features) { arena.string($0) }
    }
  }

  /// `mortise.plugin.v1.HandshakeReply`.
  public struct HandshakeReply: ProtoMessage, WireMessage {
    /// The highest common major.
    public var protocolMajor: UInt32 = 0
    public var pluginInstance: String = ""
    public var nonce: String = ""
    public var features: [String] = []

    public init() {}

    public init(protocolMajor: UInt32 = 0, pluginInstance: String = "", nonce: String = "", features: [String] = []) {
      self.protocolMajor = protocolMajor
      self.pluginInstance = pluginInstance
      self.nonce = nonce
      self.features = features
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.HandshakeReply" }
    static var unpackC: Unpack<Mortise__Plugin__V1__HandshakeReply> { mortise__plugin__v1__handshake_reply__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__HandshakeReply> { mortise__plugin__v1__handshake_reply__init }

    init(_ c: Mortise__Plugin__V1__HandshakeReply) throws(ProtoDecodingError) {
      self.protocolMajor = c.protocol_major
      self.pluginInstance = try Self.string(c.plugin_instance, "plugin_instance")
      self.nonce = try Self.string(c.nonce, "nonce")
      self.features = try Self.array(c.features, c.n_features) {
        element throws(ProtoDecodingError) in try Self.string(element, "features")
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__HandshakeReply, in arena: Arena) {
      c.protocol_major = self.protocolMajor
      if !self.pluginInstance.isEmpty { c.plugin_instance = arena.string(self.pluginInstance) }
      if !self.nonce.isEmpty { c.nonce = arena.string(self.nonce) }
      c.n_features = self.features.count
      c.features = arena.array(self.features) { arena.string($0) }
    }
  }

  /// `mortise.plugin.v1.DescribeRequest`.
  public struct DescribeRequest: ProtoMessage, WireMessage {
    public var call: PluginV1.CallContext? = nil

    public init() {}

    public init(call: PluginV1.CallContext? = nil) {
      self.call = call
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.DescribeRequest" }
    static var unpackC: Unpack<Mortise__Plugin__V1__DescribeRequest> { mortise__plugin__v1__describe_request__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__DescribeRequest> { mortise__plugin__v1__describe_request__init }

    init(_ c: Mortise__Plugin__V1__DescribeRequest) throws(ProtoDecodingError) {
      self.call = try Self.message(c.call)
    }

    func fill(_ c: inout Mortise__Plugin__V1__DescribeRequest, in arena: Arena) {
      if let value = self.call { c.call = value.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.DescribeReply`.
  public struct DescribeReply: ProtoMessage, WireMessage {
    public var name: String = ""
    /// Semantic version of the plugin.
    public var version: String = ""
    public var taskTypes: [PluginV1.TaskTypeDescription] = []
    /// Present where the plugin is a driver.
    public var driver: PluginV1.DriverDescription? = nil

    public init() {}

    public init(name: String = "", version: String = "", taskTypes: [PluginV1.TaskTypeDescription] = [], driver: PluginV1.DriverDescription? = nil) {
      self.name = name
      self.version = version
      self.taskTypes = taskTypes
      self.driver = driver
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.DescribeReply" }
    static var unpackC: Unpack<Mortise__Plugin__V1__DescribeReply> { mortise__plugin__v1__describe_reply__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__DescribeReply> { mortise__plugin__v1__describe_reply__init }

    init(_ c: Mortise__Plugin__V1__DescribeReply) throws(ProtoDecodingError) {
      self.name = try Self.string(c.name, "name")
      self.version = try Self.string(c.version, "version")
      self.taskTypes = try Self.array(c.task_types, c.n_task_types) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
      self.driver = try Self.message(c.driver)
    }

    func fill(_ c: inout Mortise__Plugin__V1__DescribeReply, in arena: Arena) {
      if !self.name.isEmpty { c.name = arena.string(self.name) }
      if !self.version.isEmpty { c.version = arena.string(self.version) }
      c.n_task_types = self.taskTypes.count
      c.task_types = arena.array(self.taskTypes) { $0.makeC(in: arena) }
      if let value = self.driver { c.driver = value.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.TaskTypeDescription`.
  public struct TaskTypeDescription: ProtoMessage, WireMessage {
    public var type: String = ""
    public var version: String = ""
    /// JSON schemas, the structural subset of docs/blueprints.md.
    public var paramsSchema: [UInt8] = []
    public var outputsSchema: [UInt8] = []
    public var acts: PluginV1.Acts = .unspecified
    /// Kinds of the owner's intents that Execute receives.
    public var intentKinds: [String] = []
    public var idempotent: Bool = false
    /// Deadline of one Execute call; 0 = the host's default.
    public var timeoutMS: UInt32 = 0
    /// Calls at once; 0 = no limit of the type's own.
    public var maxConcurrent: UInt32 = 0
    /// "revert", "dryRun", "expand", "cancel", "validate".
    public var capabilities: [String] = []

    public init() {}

    public init(type: String = "", version: String = "", paramsSchema: [UInt8] = [], outputsSchema: [UInt8] = [], acts: PluginV1.Acts = .unspecified, intentKinds: [String] = [], idempotent: Bool = false, timeoutMS: UInt32 = 0, maxConcurrent: UInt32 = 0, capabilities: [String] = []) {
      self.type = type
      self.version = version
      self.paramsSchema = paramsSchema
      self.outputsSchema = outputsSchema
      self.acts = acts
      self.intentKinds = intentKinds
      self.idempotent = idempotent
      self.timeoutMS = timeoutMS
      self.maxConcurrent = maxConcurrent
      self.capabilities = capabilities
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.TaskTypeDescription" }
    static var unpackC: Unpack<Mortise__Plugin__V1__TaskTypeDescription> { mortise__plugin__v1__task_type_description__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__TaskTypeDescription> { mortise__plugin__v1__task_type_description__init }

    init(_ c: Mortise__Plugin__V1__TaskTypeDescription) throws(ProtoDecodingError) {
      self.type = try Self.string(c.type, "type")
      self.version = try Self.string(c.version, "version")
      self.paramsSchema = Self.bytes(c.params_schema)
      self.outputsSchema = Self.bytes(c.outputs_schema)
      self.acts = PluginV1.Acts(rawValue: Int32(bitPattern: c.acts.rawValue))
      self.intentKinds = try Self.array(c.intent_kinds, c.n_intent_kinds) {
        element throws(ProtoDecodingError) in try Self.string(element, "intent_kinds")
      }
      self.idempotent = c.idempotent != 0
      self.timeoutMS = c.timeout_ms
      self.maxConcurrent = c.max_concurrent
      self.capabilities = try Self.array(c.capabilities, c.n_capabilities) {
        element throws(ProtoDecodingError) in try Self.string(element, "capabilities")
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__TaskTypeDescription, in arena: Arena) {
      if !self.type.isEmpty { c.type = arena.string(self.type) }
      if !self.version.isEmpty { c.version = arena.string(self.version) }
      c.params_schema = arena.bytes(self.paramsSchema)
      c.outputs_schema = arena.bytes(self.outputsSchema)
      c.acts = Mortise__Plugin__V1__Acts(rawValue: UInt32(bitPattern: self.acts.rawValue))
      c.n_intent_kinds = self.intentKinds.count
      c.intent_kinds = arena.array(self.intentKinds) { arena.string($0) }
      c.idempotent = self.idempotent ? 1 : 0
      c.timeout_ms = self.timeoutMS
      c.max_concurrent = self.maxConcurrent
      c.n_capabilities = self.capabilities.count
      c.capabilities = arena.array(self.capabilities) { arena.string($0) }
    }
  }

  /// `mortise.plugin.v1.DriverDescription`.
  public struct DriverDescription: ProtoMessage, WireMessage {
    public var kinds: [PluginV1.IntentKindDescription] = []

    public init() {}

    public init(kinds: [PluginV1.IntentKindDescription] = []) {
      self.kinds = kinds
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.DriverDescription" }
    static var unpackC: Unpack<Mortise__Plugin__V1__DriverDescription> { mortise__plugin__v1__driver_description__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__DriverDescription> { mortise__plugin__v1__driver_description__init }

    init(_ c: Mortise__Plugin__V1__DriverDescription) throws(ProtoDecodingError) {
      self.kinds = try Self.array(c.kinds, c.n_kinds) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__DriverDescription, in arena: Arena) {
      c.n_kinds = self.kinds.count
      c.kinds = arena.array(self.kinds) { $0.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.IntentKindDescription`.
  public struct IntentKindDescription: ProtoMessage, WireMessage {
    public var kind: String = ""
    /// Applies go in rising bands, removes in falling ones.
    public var band: UInt32 = 0
    public var specSchema: [UInt8] = []

    public init() {}

    public init(kind: String = "", band: UInt32 = 0, specSchema: [UInt8] = []) {
      self.kind = kind
      self.band = band
      self.specSchema = specSchema
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.IntentKindDescription" }
    static var unpackC: Unpack<Mortise__Plugin__V1__IntentKindDescription> { mortise__plugin__v1__intent_kind_description__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__IntentKindDescription> { mortise__plugin__v1__intent_kind_description__init }

    init(_ c: Mortise__Plugin__V1__IntentKindDescription) throws(ProtoDecodingError) {
      self.kind = try Self.string(c.kind, "kind")
      self.band = c.band
      self.specSchema = Self.bytes(c.spec_schema)
    }

    func fill(_ c: inout Mortise__Plugin__V1__IntentKindDescription, in arena: Arena) {
      if !self.kind.isEmpty { c.kind = arena.string(self.kind) }
      c.band = self.band
      c.spec_schema = arena.bytes(self.specSchema)
    }
  }

  /// `mortise.plugin.v1.ConfigureRequest`.
  public struct ConfigureRequest: ProtoMessage, WireMessage {
    public var call: PluginV1.CallContext? = nil
    /// The `config` of plugin.yaml as JSON, secrets resolved.
    public var config: [UInt8] = []
    /// A directory of the plugin's own, kept over restarts (the journal lives here).
    public var stateDirectory: String = ""

    public init() {}

    public init(call: PluginV1.CallContext? = nil, config: [UInt8] = [], stateDirectory: String = "") {
      self.call = call
      self.config = config
      self.stateDirectory = stateDirectory
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.ConfigureRequest" }
    static var unpackC: Unpack<Mortise__Plugin__V1__ConfigureRequest> { mortise__plugin__v1__configure_request__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__ConfigureRequest> { mortise__plugin__v1__configure_request__init }

    init(_ c: Mortise__Plugin__V1__ConfigureRequest) throws(ProtoDecodingError) {
      self.call = try Self.message(c.call)
      self.config = Self.bytes(c.config)
      self.stateDirectory = try Self.string(c.state_directory, "state_directory")
    }

    func fill(_ c: inout Mortise__Plugin__V1__ConfigureRequest, in arena: Arena) {
      if let value = self.call { c.call = value.makeC(in: arena) }
      c.config = arena.bytes(self.config)
      if !self.stateDirectory.isEmpty { c.state_directory = arena.string(self.stateDirectory) }
    }
  }

  /// `mortise.plugin.v1.ConfigureReply`.
  public struct ConfigureReply: ProtoMessage, WireMessage {

    public init() {}

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.ConfigureReply" }
    static var unpackC: Unpack<Mortise__Plugin__V1__ConfigureReply> { mortise__plugin__v1__configure_reply__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__ConfigureReply> { mortise__plugin__v1__configure_reply__init }

    init(_ c: Mortise__Plugin__V1__ConfigureReply) throws(ProtoDecodingError) {
    }

    func fill(_ c: inout Mortise__Plugin__V1__ConfigureReply, in arena: Arena) {
    }
  }

  /// `mortise.plugin.v1.HealthRequest`.
  public struct HealthRequest: ProtoMessage, WireMessage {
    public var call: PluginV1.CallContext? = nil

    public init() {}

    public init(call: PluginV1.CallContext? = nil) {
      self.call = call
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.HealthRequest" }
    static var unpackC: Unpack<Mortise__Plugin__V1__HealthRequest> { mortise__plugin__v1__health_request__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__HealthRequest> { mortise__plugin__v1__health_request__init }

    init(_ c: Mortise__Plugin__V1__HealthRequest) throws(ProtoDecodingError) {
      self.call = try Self.message(c.call)
    }

    func fill(_ c: inout Mortise__Plugin__V1__HealthRequest, in arena: Arena) {
      if let value = self.call { c.call = value.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.HealthReply`.
  public struct HealthReply: ProtoMessage, WireMessage {
    public var status: PluginV1.HealthStatus = .unspecified
    public var message: String = ""

    public init() {}

    public init(status: PluginV1.HealthStatus = .unspecified, message: String = "") {
      self.status = status
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

    static var wireName: String { "mortise.plugin.v1.HealthReply" }
    static var unpackC: Unpack<Mortise__Plugin__V1__HealthReply> { mortise__plugin__v1__health_reply__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__HealthReply> { mortise__plugin__v1__health_reply__init }

    init(_ c: Mortise__Plugin__V1__HealthReply) throws(ProtoDecodingError) {
      self.status = PluginV1.HealthStatus(rawValue: Int32(bitPattern: c.status.rawValue))
      self.message = try Self.string(c.message, "message")
    }

    func fill(_ c: inout Mortise__Plugin__V1__HealthReply, in arena: Arena) {
      c.status = Mortise__Plugin__V1__HealthStatus(rawValue: UInt32(bitPattern: self.status.rawValue))
      if !self.message.isEmpty { c.message = arena.string(self.message) }
    }
  }

  /// `mortise.plugin.v1.UpdatesRequest`.
  public struct UpdatesRequest: ProtoMessage, WireMessage {
    public var call: PluginV1.CallContext? = nil
    /// 0 = from the start of this process.
    public var cursor: UInt64 = 0
    public var waitMS: UInt32 = 0

    public init() {}

    public init(call: PluginV1.CallContext? = nil, cursor: UInt64 = 0, waitMS: UInt32 = 0) {
      self.call = call
      self.cursor = cursor
      self.waitMS = waitMS
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.UpdatesRequest" }
    static var unpackC: Unpack<Mortise__Plugin__V1__UpdatesRequest> { mortise__plugin__v1__updates_request__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__UpdatesRequest> { mortise__plugin__v1__updates_request__init }

    init(_ c: Mortise__Plugin__V1__UpdatesRequest) throws(ProtoDecodingError) {
      self.call = try Self.message(c.call)
      self.cursor = c.cursor
      self.waitMS = c.wait_ms
    }

    func fill(_ c: inout Mortise__Plugin__V1__UpdatesRequest, in arena: Arena) {
      if let value = self.call { c.call = value.makeC(in: arena) }
      c.cursor = self.cursor
      c.wait_ms = self.waitMS
    }
  }

  /// `mortise.plugin.v1.UpdatesReply`.
  public struct UpdatesReply: ProtoMessage, WireMessage {
    public var cursor: UInt64 = 0
    /// The cursor was too old or of another process: treat everything as changed.
    public var reset: Bool = false
    public var tasks: [PluginV1.TaskUpdate] = []
    public var targets: [PluginV1.TargetChange] = []

    public init() {}

    public init(cursor: UInt64 = 0, reset: Bool = false, tasks: [PluginV1.TaskUpdate] = [], targets: [PluginV1.TargetChange] = []) {
      self.cursor = cursor
      self.reset = reset
      self.tasks = tasks
      self.targets = targets
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.UpdatesReply" }
    static var unpackC: Unpack<Mortise__Plugin__V1__UpdatesReply> { mortise__plugin__v1__updates_reply__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__UpdatesReply> { mortise__plugin__v1__updates_reply__init }

    init(_ c: Mortise__Plugin__V1__UpdatesReply) throws(ProtoDecodingError) {
      self.cursor = c.cursor
      self.reset = c.reset != 0
      self.tasks = try Self.array(c.tasks, c.n_tasks) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
      self.targets = try Self.array(c.targets, c.n_targets) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__UpdatesReply, in arena: Arena) {
      c.cursor = self.cursor
      c.reset = self.reset ? 1 : 0
      c.n_tasks = self.tasks.count
      c.tasks = arena.array(self.tasks) { $0.makeC(in: arena) }
      c.n_targets = self.targets.count
      c.targets = arena.array(self.targets) { $0.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.TaskUpdate`.
  public struct TaskUpdate: ProtoMessage, WireMessage {
    public var taskID: String = ""
    public var attempt: UInt32 = 0
    public var reply: PluginV1.TaskReply? = nil
    /// The step that the reply is of; 0 = not told.
    public var step: UInt32 = 0

    public init() {}

    public init(taskID: String = "", attempt: UInt32 = 0, reply: PluginV1.TaskReply? = nil, step: UInt32 = 0) {
      self.taskID = taskID
      self.attempt = attempt
      self.reply = reply
      self.step = step
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.TaskUpdate" }
    static var unpackC: Unpack<Mortise__Plugin__V1__TaskUpdate> { mortise__plugin__v1__task_update__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__TaskUpdate> { mortise__plugin__v1__task_update__init }

    init(_ c: Mortise__Plugin__V1__TaskUpdate) throws(ProtoDecodingError) {
      self.taskID = try Self.string(c.task_id, "task_id")
      self.attempt = c.attempt
      self.reply = try Self.message(c.reply)
      self.step = c.step
    }

    func fill(_ c: inout Mortise__Plugin__V1__TaskUpdate, in arena: Arena) {
      if !self.taskID.isEmpty { c.task_id = arena.string(self.taskID) }
      c.attempt = self.attempt
      if let value = self.reply { c.reply = value.makeC(in: arena) }
      c.step = self.step
    }
  }

  /// `mortise.plugin.v1.TargetChange`.
  public struct TargetChange: ProtoMessage, WireMessage {
    public var target: PluginV1.TargetState? = nil
    /// Intents whose observed state may have changed; empty = the target's reachability alone.
    public var changed: [PluginV1.IntentKey] = []

    public init() {}

    public init(target: PluginV1.TargetState? = nil, changed: [PluginV1.IntentKey] = []) {
      self.target = target
      self.changed = changed
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.TargetChange" }
    static var unpackC: Unpack<Mortise__Plugin__V1__TargetChange> { mortise__plugin__v1__target_change__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__TargetChange> { mortise__plugin__v1__target_change__init }

    init(_ c: Mortise__Plugin__V1__TargetChange) throws(ProtoDecodingError) {
      self.target = try Self.message(c.target)
      self.changed = try Self.array(c.changed, c.n_changed) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__TargetChange, in arena: Arena) {
      if let value = self.target { c.target = value.makeC(in: arena) }
      c.n_changed = self.changed.count
      c.changed = arena.array(self.changed) { $0.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.TargetState`.
  public struct TargetState: ProtoMessage, WireMessage {
    public var name: String = ""
    public var reachable: Bool = false
    public var message: String = ""
    /// It is gone for good: what was to be true there is dropped, and nothing waits for it.
    public var removed: Bool = false

    public init() {}

    public init(name: String = "", reachable: Bool = false, message: String = "", removed: Bool = false) {
      self.name = name
      self.reachable = reachable
      self.message = message
      self.removed = removed
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.TargetState" }
    static var unpackC: Unpack<Mortise__Plugin__V1__TargetState> { mortise__plugin__v1__target_state__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__TargetState> { mortise__plugin__v1__target_state__init }

    init(_ c: Mortise__Plugin__V1__TargetState) throws(ProtoDecodingError) {
      self.name = try Self.string(c.name, "name")
      self.reachable = c.reachable != 0
      self.message = try Self.string(c.message, "message")
      self.removed = c.removed != 0
    }

    func fill(_ c: inout Mortise__Plugin__V1__TargetState, in arena: Arena) {
      if !self.name.isEmpty { c.name = arena.string(self.name) }
      c.reachable = self.reachable ? 1 : 0
      if !self.message.isEmpty { c.message = arena.string(self.message) }
      c.removed = self.removed ? 1 : 0
    }
  }

  /// `mortise.plugin.v1.ShutdownRequest`.
  public struct ShutdownRequest: ProtoMessage, WireMessage {
    public var call: PluginV1.CallContext? = nil
    public var graceMS: UInt32 = 0

    public init() {}

    public init(call: PluginV1.CallContext? = nil, graceMS: UInt32 = 0) {
      self.call = call
      self.graceMS = graceMS
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.ShutdownRequest" }
    static var unpackC: Unpack<Mortise__Plugin__V1__ShutdownRequest> { mortise__plugin__v1__shutdown_request__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__ShutdownRequest> { mortise__plugin__v1__shutdown_request__init }

    init(_ c: Mortise__Plugin__V1__ShutdownRequest) throws(ProtoDecodingError) {
      self.call = try Self.message(c.call)
      self.graceMS = c.grace_ms
    }

    func fill(_ c: inout Mortise__Plugin__V1__ShutdownRequest, in arena: Arena) {
      if let value = self.call { c.call = value.makeC(in: arena) }
      c.grace_ms = self.graceMS
    }
  }

  /// `mortise.plugin.v1.ShutdownReply`.
  public struct ShutdownReply: ProtoMessage, WireMessage {

    public init() {}

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.ShutdownReply" }
    static var unpackC: Unpack<Mortise__Plugin__V1__ShutdownReply> { mortise__plugin__v1__shutdown_reply__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__ShutdownReply> { mortise__plugin__v1__shutdown_reply__init }

    init(_ c: Mortise__Plugin__V1__ShutdownReply) throws(ProtoDecodingError) {
    }

    func fill(_ c: inout Mortise__Plugin__V1__ShutdownReply, in arena: Arena) {
    }
  }

  /// Service `mortise.plugin.v1.Plugin`.
  public enum Plugin {
    /// Full name of the service, by which calls are routed.
    public static let name = "mortise.plugin.v1.Plugin"
    /// First call on every connection; any other before it is refused with FAILED_PRECONDITION.
    public static let handshake =
      Method<PluginV1.HandshakeRequest, PluginV1.HandshakeReply>(service: name, name: "Handshake")
    public static let describe =
      Method<PluginV1.DescribeRequest, PluginV1.DescribeReply>(service: name, name: "Describe")
    /// Once per process, after Describe and before any task.
    public static let configure =
      Method<PluginV1.ConfigureRequest, PluginV1.ConfigureReply>(service: name, name: "Configure")
    public static let health =
      Method<PluginV1.HealthRequest, PluginV1.HealthReply>(service: name, name: "Health")
    /// Long poll: answers as soon as something changed after the cursor, or when `wait_ms` is over.
    public static let updates =
      Method<PluginV1.UpdatesRequest, PluginV1.UpdatesReply>(service: name, name: "Updates")
    /// Finish or hand over what is in flight, answer, exit within the grace.
    public static let shutdown =
      Method<PluginV1.ShutdownRequest, PluginV1.ShutdownReply>(service: name, name: "Shutdown")
  }
}
