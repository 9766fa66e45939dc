// Generated from proto/mortise/plugin/v1/drivers.proto by `make protos`; do not edit.
// swift-format-ignore-file

import CPluginProto
import CProtobufC

extension PluginV1 {
  /// `mortise.plugin.v1.DriverResult`.
  public enum DriverResult: RawRepresentable, Sendable, Hashable {
    case unspecified
    case done
    /// Worth trying again.
    case failedRecoverable
    /// Not without a change of the intent.
    case failedFinal
    /// A value of a newer protocol, kept as it came.
    case unrecognized(Int32)

    public init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unspecified
      case 1: self = .done
      case 2: self = .failedRecoverable
      case 3: self = .failedFinal
      default: self = .unrecognized(rawValue)
      }
    }

    public var rawValue: Int32 {
      switch self {
      case .unspecified: 0
      case .done: 1
      case .failedRecoverable: 2
      case .failedFinal: 3
      case .unrecognized(let value): value
      }
    }
  }

  /// `mortise.plugin.v1.Presence`.
  public enum Presence: RawRepresentable, Sendable, Hashable {
    case unspecified
    /// There, and as the spec says.
    case matches
    case drifted
    case absent
    /// A value of a newer protocol, kept as it came.
    case unrecognized(Int32)

    public init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unspecified
      case 1: self = .matches
      case 2: self = .drifted
      case 3: self = .absent
      default: self = .unrecognized(rawValue)
      }
    }

    public var rawValue: Int32 {
      switch self {
      case .unspecified: 0
      case .matches: 1
      case .drifted: 2
      case .absent: 3
      case .unrecognized(let value): value
      }
    }
  }

  /// `mortise.plugin.v1.DriverRequest`.
  public struct DriverRequest: ProtoMessage, WireMessage {
    public var call: PluginV1.CallContext? = nil
    public var intent: PluginV1.Intent? = nil

    public init() {}

    public init(call: PluginV1.CallContext? = nil, intent: PluginV1.Intent? = nil) {
      self.call = call
      self.intent = intent
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.DriverRequest" }
    static var unpackC: Unpack<Mortise__Plugin__V1__DriverRequest> { mortise__plugin__v1__driver_request__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__DriverRequest> { mortise__plugin__v1__driver_request__init }

    init(_ c: Mortise__Plugin__V1__DriverRequest) throws(ProtoDecodingError) {
      self.call = try Self.message(c.call)
      self.intent = try Self.message(c.intent)
    }

    func fill(_ c: inout Mortise__Plugin__V1__DriverRequest, in arena: Arena) {
      if let value = self.call { c.call = value.makeC(in: arena) }
      if let value = self.intent { c.intent = value.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.DriverReply`.
  public struct DriverReply: ProtoMessage, WireMessage {
    public var result: PluginV1.DriverResult = .unspecified
    public var observed: [UInt8] = []
    public var reason: String = ""
    public var message: String = ""

    public init() {}

    public init(result: PluginV1.DriverResult = .unspecified, observed: [UInt8] = [], reason: String = "", message: String = "") {
      self.result = result
      self.observed = observed
      self.reason = reason
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

    static var wireName: String { "mortise.plugin.v1.DriverReply" }
    static var unpackC: Unpack<Mortise__Plugin__V1__DriverReply> { mortise__plugin__v1__driver_reply__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__DriverReply> { mortise__plugin__v1__driver_reply__init }

    init(_ c: Mortise__Plugin__V1__DriverReply) throws(ProtoDecodingError) {
      self.result = PluginV1.DriverResult(rawValue: Int32(bitPattern: c.result.rawValue))
      self.observed = Self.bytes(c.observed)
      self.reason = try Self.string(c.reason, "reason")
      self.message = try Self.string(c.message, "message")
    }

    func fill(_ c: inout Mortise__Plugin__V1__DriverReply, in arena: Arena) {
      c.result = Mortise__Plugin__V1__DriverResult(rawValue: UInt32(bitPattern: self.result.rawValue))
      c.observed = arena.bytes(self.observed)
      if !self.reason.isEmpty { c.reason = arena.string(self.reason) }
      if !self.message.isEmpty { c.message = arena.string(self.message) }
    }
  }

  /// `mortise.plugin.v1.VerifyRequest`.
  public struct VerifyRequest: ProtoMessage, WireMessage {
    public var call: PluginV1.CallContext? = nil
    public var target: String = ""
    public var intents: [PluginV1.Intent] = []

    public init() {}

    public init(call: PluginV1.CallContext? = nil, target: String = "", intents: [PluginV1.Intent] = []) {
      self.call = call
      self.target = target
      self.intents = intents
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.VerifyRequest" }
    static var unpackC: Unpack<Mortise__Plugin__V1__VerifyRequest> { mortise__plugin__v1__verify_request__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__VerifyRequest> { mortise__plugin__v1__verify_request__init }

    init(_ c: Mortise__Plugin__V1__VerifyRequest) throws(ProtoDecodingError) {
      self.call = try Self.message(c.call)
      self.target = try Self.string(c.target, "target")
      self.intents = try Self.array(c.intents, c.n_intents) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__VerifyRequest, in arena: Arena) {
      if let value = self.call { c.call = value.makeC(in: arena) }
      if !self.target.isEmpty { c.target = arena.string(self.target) }
      c.n_intents = self.intents.count
      c.intents = arena.array(self.intents) { $0.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.Verification`.
  public struct Verification: ProtoMessage, WireMessage {
    public var id: PluginV1.IntentKey? = nil
    public var presence: PluginV1.Presence = .unspecified
    public var observed: [UInt8] = []

    public init() {}

    public init(id: PluginV1.IntentKey? = nil, presence: PluginV1.Presence = .unspecified, observed: [UInt8] = []) {
      self.id = id
      self.presence = presence
      self.observed = observed
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.Verification" }
    static var unpackC: Unpack<Mortise__Plugin__V1__Verification> { mortise__plugin__v1__verification__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__Verification> { mortise__plugin__v1__verification__init }

    init(_ c: Mortise__Plugin__V1__Verification) throws(ProtoDecodingError) {
      self.id = try Self.message(c.id)
      self.presence = PluginV1.Presence(rawValue: Int32(bitPattern: c.presence.rawValue))
      self.observed = Self.bytes(c.observed)
    }

    func fill(_ c: inout Mortise__Plugin__V1__Verification, in arena: Arena) {
      if let value = self.id { c.id = value.makeC(in: arena) }
      c.presence = Mortise__Plugin__V1__Presence(rawValue: UInt32(bitPattern: self.presence.rawValue))
      c.observed = arena.bytes(self.observed)
    }
  }

  /// `mortise.plugin.v1.VerifyReply`.
  public struct VerifyReply: ProtoMessage, WireMessage {
    public var target: PluginV1.TargetState? = nil
    /// One for each intent of the request, in its order.
    public var verifications: [PluginV1.Verification] = []

    public init() {}

    public init(target: PluginV1.TargetState? = nil, verifications: [PluginV1.Verification] = []) {
      self.target = target
      self.verifications = verifications
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.VerifyReply" }
    static var unpackC: Unpack<Mortise__Plugin__V1__VerifyReply> { mortise__plugin__v1__verify_reply__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__VerifyReply> { mortise__plugin__v1__verify_reply__init }

    init(_ c: Mortise__Plugin__V1__VerifyReply) throws(ProtoDecodingError) {
      self.target = try Self.message(c.target)
      self.verifications = try Self.array(c.verifications, c.n_verifications) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__VerifyReply, in arena: Arena) {
      if let value = self.target { c.target = value.makeC(in: arena) }
      c.n_verifications = self.verifications.count
      c.verifications = arena.array(self.verifications) { $0.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.CapacityRequest`.
  public struct CapacityRequest: ProtoMessage, WireMessage {
    public var call: PluginV1.CallContext? = nil
    public var target: String = ""

    public init() {}

    public init(call: PluginV1.CallContext? = nil, target: String = "") {
      self.call = call
      self.target = target
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.CapacityRequest" }
    static var unpackC: Unpack<Mortise__Plugin__V1__CapacityRequest> { mortise__plugin__v1__capacity_request__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__CapacityRequest> { mortise__plugin__v1__capacity_request__init }

    init(_ c: Mortise__Plugin__V1__CapacityRequest) throws(ProtoDecodingError) {
      self.call = try Self.message(c.call)
      self.target = try Self.string(c.target, "target")
    }

    func fill(_ c: inout Mortise__Plugin__V1__CapacityRequest, in arena: Arena) {
      if let value = self.call { c.call = value.makeC(in: arena) }
      if !self.target.isEmpty { c.target = arena.string(self.target) }
    }
  }

  /// `mortise.plugin.v1.CapacityReply`.
  public struct CapacityReply: ProtoMessage, WireMessage {
    public var kinds: [PluginV1.KindCapacity] = []

    public init() {}

    public init(kinds: [PluginV1.KindCapacity] = []) {
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

    static var wireName: String { "mortise.plugin.v1.CapacityReply" }
    static var unpackC: Unpack<Mortise__Plugin__V1__CapacityReply> { mortise__plugin__v1__capacity_reply__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__CapacityReply> { mortise__plugin__v1__capacity_reply__init }

    init(_ c: Mortise__Plugin__V1__CapacityReply) throws(ProtoDecodingError) {
      self.kinds = try Self.array(c.kinds, c.n_kinds) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__CapacityReply, in arena: Arena) {
      c.n_kinds = self.kinds.count
      c.kinds = arena.array(self.kinds) { $0.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.KindCapacity`.
  public struct KindCapacity: ProtoMessage, WireMessage {
    public var kind: String = ""
    public var total: UInt64 = 0
    public var used: UInt64 = 0

    public init() {}

    public init(kind: String = "", total: UInt64 = 0, used: UInt64 = 0) {
      self.kind = kind
      self.total = total
      self.used = used
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.KindCapacity" }
    static var unpackC: Unpack<Mortise__Plugin__V1__KindCapacity> { mortise__plugin__v1__kind_capacity__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__KindCapacity> { mortise__plugin__v1__kind_capacity__init }

    init(_ c: Mortise__Plugin__V1__KindCapacity) throws(ProtoDecodingError) {
      self.kind = try Self.string(c.kind, "kind")
      self.total = c.total
      self.used = c.used
    }

    func fill(_ c: inout Mortise__Plugin__V1__KindCapacity, in arena: Arena) {
      if !self.kind.isEmpty { c.kind = arena.string(self.kind) }
      c.total = self.total
      c.used = self.used
    }
  }

  /// `mortise.plugin.v1.TargetsRequest`.
  public struct TargetsRequest: ProtoMessage, WireMessage {
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

    static var wireName: String { "mortise.plugin.v1.TargetsRequest" }
    static var unpackC: Unpack<Mortise__Plugin__V1__TargetsRequest> { mortise__plugin__v1__targets_request__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__TargetsRequest> { mortise__plugin__v1__targets_request__init }

    init(_ c: Mortise__Plugin__V1__TargetsRequest) throws(ProtoDecodingError) {
      self.call = try Self.message(c.call)
    }

    func fill(_ c: inout Mortise__Plugin__V1__TargetsRequest, in arena: Arena) {
      if let value = self.call { c.call = value.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.TargetsReply`.
  public struct TargetsReply: ProtoMessage, WireMessage {
    public var targets: [PluginV1.TargetState] = []

    public init() {}

    public init(targets: [PluginV1.TargetState] = []) {
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

    static var wireName: String { "mortise.plugin.v1.TargetsReply" }
    static var unpackC: Unpack<Mortise__Plugin__V1__TargetsReply> { mortise__plugin__v1__targets_reply__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__TargetsReply> { mortise__plugin__v1__targets_reply__init }

    init(_ c: Mortise__Plugin__V1__TargetsReply) throws(ProtoDecodingError) {
      self.targets = try Self.array(c.targets, c.n_targets) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__TargetsReply, in arena: Arena) {
      c.n_targets = self.targets.count
      c.targets = arena.array(self.targets) { $0.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.ReadLogRequest`.
  public struct ReadLogRequest: ProtoMessage, WireMessage {
    public var call: PluginV1.CallContext? = nil
    public var id: PluginV1.IntentKey? = nil
    /// As ReadLogReply.processes names it; empty = only the names are asked for.
    public var process: String = ""
    /// Of the reply before; 0 = from the oldest byte that is kept.
    public var offset: UInt64 = 0
    public var waitMS: UInt32 = 0
    /// With offset 0: leave out what was written before, as far as the driver can tell.
    public var sinceUnixMS: Int64 = 0

    public init() {}

    public init(call: PluginV1.CallContext? = nil, id: PluginV1.IntentKey? = nil, process: String = "", offset: UInt64 = 0, waitMS: UInt32 = 0, sinceUnixMS: Int64 = 0) {
      self.call = call
      self.id = id
      self.process = process
      self.offset = offset
      self.waitMS = waitMS
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

    static var wireName: String { "mortise.plugin.v1.ReadLogRequest" }
    static var unpackC: Unpack<Mortise__Plugin__V1__ReadLogRequest> { mortise__plugin__v1__read_log_request__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__ReadLogRequest> { mortise__plugin__v1__read_log_request__init }

    init(_ c: Mortise__Plugin__V1__ReadLogRequest) throws(ProtoDecodingError) {
      self.call = try Self.message(c.call)
      self.id = try Self.message(c.id)
      self.process = try Self.string(c.process, "process")
      self.offset = c.offset
      self.waitMS = c.wait_ms
      self.sinceUnixMS = c.since_unix_ms
    }

    func fill(_ c: inout Mortise__Plugin__V1__ReadLogRequest, in arena: Arena) {
      if let value = self.call { c.call = value.makeC(in: arena) }
      if let value = self.id { c.id = value.makeC(in: arena) }
      if !self.process.isEmpty { c.process = arena.string(self.process) }
      c.offset = self.offset
      c.wait_ms = self.waitMS
      c.since_unix_ms = self.sinceUnixMS
    }
  }

  /// `mortise.plugin.v1.ReadLogReply`.
  public struct ReadLogReply: ProtoMessage, WireMessage {
    /// Whole lines where there are any; at most 256 KiB.
    public var text: [UInt8] = []
    public var nextOffset: UInt64 = 0
    /// What stood between the request's offset and the text is no longer kept.
    public var skipped: Bool = false
    /// Processes of the intent that have a log, by convention POD/CONTAINER.
    public var processes: [String] = []

    public init() {}

    public init(text: [UInt8] = [], nextOffset: UInt64 = 0, skipped: Bool = false, processes: [String] = []) {
      self.text = text
      self.nextOffset = nextOffset
      self.skipped = skipped
      self.processes = processes
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.ReadLogReply" }
    static var unpackC: Unpack<Mortise__Plugin__V1__ReadLogReply> { mortise__plugin__v1__read_log_reply__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__ReadLogReply> { mortise__plugin__v1__read_log_reply__init }

    init(_ c: Mortise__Plugin__V1__ReadLogReply) throws(ProtoDecodingError) {
      self.text = Self.bytes(c.text)
      self.nextOffset = c.next_offset
      self.skipped = c.skipped != 0
      self.processes = try Self.array(c.processes, c.n_processes) {
        element throws(ProtoDecodingError) in try Self.string(element, "processes")
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__ReadLogReply, in arena: Arena) {
      c.text = arena.bytes(self.text)
      c.next_offset = self.nextOffset
      c.skipped = self.skipped ? 1 : 0
      c.n_processes = self.processes.count
      c.processes = arena.array(self.processes) { arena.string($0) }
    }
  }

  /// Service `mortise.plugin.v1.Drivers`.
  public enum Drivers {
    /// Full name of the service, by which calls are routed.
    public static let name = "mortise.plugin.v1.Drivers"
    /// Idempotent: makes the intent's spec true, or starts to.
    public static let apply =
      Method<PluginV1.DriverRequest, PluginV1.DriverReply>(service: name, name: "Apply")
    /// Idempotent: an intent that isn't there is removed.
    public static let remove =
      Method<PluginV1.DriverRequest, PluginV1.DriverReply>(service: name, name: "Remove")
    public static let verify =
      Method<PluginV1.VerifyRequest, PluginV1.VerifyReply>(service: name, name: "Verify")
    public static let capacity =
      Method<PluginV1.CapacityRequest, PluginV1.CapacityReply>(service: name, name: "Capacity")
    public static let targets =
      Method<PluginV1.TargetsRequest, PluginV1.TargetsReply>(service: name, name: "Targets")
    /// Long poll: what a process of an intent wrote, from a position on; answers as soon as there is
    /// something, or when `wait_ms` is over.
    public static let readLog =
      Method<PluginV1.ReadLogRequest, PluginV1.ReadLogReply>(service: name, name: "ReadLog")
  }
}
