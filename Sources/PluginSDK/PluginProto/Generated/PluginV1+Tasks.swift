// Generated from proto/mortise/plugin/v1/tasks.proto by `make protos`; do not edit.
// swift-format-ignore-file

import CPluginProto
import CProtobufC

extension PluginV1 {
  /// `mortise.plugin.v1.RecoveredState`.
  public enum RecoveredState: RawRepresentable, Sendable, Hashable {
    /// The plugin can't tell: the host decides by the type's `idempotent`.
    case unknown
    case notStarted
    case running
    case finished
    /// A value of a newer protocol, kept as it came.
    case unrecognized(Int32)

    public init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unknown
      case 1: self = .notStarted
      case 2: self = .running
      case 3: self = .finished
      default: self = .unrecognized(rawValue)
      }
    }

    public var rawValue: Int32 {
      switch self {
      case .unknown: 0
      case .notStarted: 1
      case .running: 2
      case .finished: 3
      case .unrecognized(let value): value
      }
    }
  }

  /// `mortise.plugin.v1.ValidateRequest`.
  public struct ValidateRequest: ProtoMessage, WireMessage {
    public var call: PluginV1.CallContext? = nil
    public var type: String = ""
    public var typeVersion: String = ""
    public var params: [UInt8] = []

    public init() {}

    public init(call: PluginV1.CallContext? = nil, type: String = "", typeVersion: String = "", params: [UInt8] = []) {
      self.call = call
      self.type = type
      self.typeVersion = typeVersion
      self.params = params
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.ValidateRequest" }
    static var unpackC: Unpack<Mortise__Plugin__V1__ValidateRequest> { mortise__plugin__v1__validate_request__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__ValidateRequest> { mortise__plugin__v1__validate_request__init }

    init(_ c: Mortise__Plugin__V1__ValidateRequest) throws(ProtoDecodingError) {
      self.call = try Self.message(c.call)
      self.type = try Self.string(c.type, "type")
      self.typeVersion = try Self.string(c.type_version, "type_version")
      self.params = Self.bytes(c.params)
    }

    func fill(_ c: inout Mortise__Plugin__V1__ValidateRequest, in arena: Arena) {
      if let value = self.call { c.call = value.makeC(in: arena) }
      if !self.type.isEmpty { c.type = arena.string(self.type) }
      if !self.typeVersion.isEmpty { c.type_version = arena.string(self.typeVersion) }
      c.params = arena.bytes(self.params)
    }
  }

  /// `mortise.plugin.v1.ValidateReply`.
  public struct ValidateReply: ProtoMessage, WireMessage {
    public var problems: [String] = []

    public init() {}

    public init(problems: [String] = []) {
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

    static var wireName: String { "mortise.plugin.v1.ValidateReply" }
    static var unpackC: Unpack<Mortise__Plugin__V1__ValidateReply> { mortise__plugin__v1__validate_reply__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__ValidateReply> { mortise__plugin__v1__validate_reply__init }

    init(_ c: Mortise__Plugin__V1__ValidateReply) throws(ProtoDecodingError) {
      self.problems = try Self.array(c.problems, c.n_problems) {
        element throws(ProtoDecodingError) in try Self.string(element, "problems")
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__ValidateReply, in arena: Arena) {
      c.n_problems = self.problems.count
      c.problems = arena.array(self.problems) { arena.string($0) }
    }
  }

  /// `mortise.plugin.v1.ExpandRequest`.
  public struct ExpandRequest: ProtoMessage, WireMessage {
    public var call: PluginV1.CallContext? = nil
    public var type: String = ""
    public var typeVersion: String = ""
    public var params: [UInt8] = []
    public var resource: PluginV1.ResourceRef? = nil

    public init() {}

    public init(call: PluginV1.CallContext? = nil, type: String = "", typeVersion: String = "", params: [UInt8] = [], resource: PluginV1.ResourceRef? = nil) {
      self.call = call
      self.type = type
      self.typeVersion = typeVersion
      self.params = params
      self.resource = resource
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.ExpandRequest" }
    static var unpackC: Unpack<Mortise__Plugin__V1__ExpandRequest> { mortise__plugin__v1__expand_request__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__ExpandRequest> { mortise__plugin__v1__expand_request__init }

    init(_ c: Mortise__Plugin__V1__ExpandRequest) throws(ProtoDecodingError) {
      self.call = try Self.message(c.call)
      self.type = try Self.string(c.type, "type")
      self.typeVersion = try Self.string(c.type_version, "type_version")
      self.params = Self.bytes(c.params)
      self.resource = try Self.message(c.resource)
    }

    func fill(_ c: inout Mortise__Plugin__V1__ExpandRequest, in arena: Arena) {
      if let value = self.call { c.call = value.makeC(in: arena) }
      if !self.type.isEmpty { c.type = arena.string(self.type) }
      if !self.typeVersion.isEmpty { c.type_version = arena.string(self.typeVersion) }
      c.params = arena.bytes(self.params)
      if let value = self.resource { c.resource = value.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.ExpandReply`.
  public struct ExpandReply: ProtoMessage, WireMessage {
    public var phases: [PluginV1.TaskPhase] = []

    public init() {}

    public init(phases: [PluginV1.TaskPhase] = []) {
      self.phases = phases
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.ExpandReply" }
    static var unpackC: Unpack<Mortise__Plugin__V1__ExpandReply> { mortise__plugin__v1__expand_reply__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__ExpandReply> { mortise__plugin__v1__expand_reply__init }

    init(_ c: Mortise__Plugin__V1__ExpandReply) throws(ProtoDecodingError) {
      self.phases = try Self.array(c.phases, c.n_phases) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__ExpandReply, in arena: Arena) {
      c.n_phases = self.phases.count
      c.phases = arena.array(self.phases) { $0.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.TaskPhase`.
  public struct TaskPhase: ProtoMessage, WireMessage {
    public var name: String = ""
    public var revertible: Bool = false
    public var exclusiveKeys: [String] = []
    /// From the moment at which this phase is reached, nothing is reverted any more.
    public var pointOfNoReturn: Bool = false
    /// Intents that may be there afterwards and need room on their targets: held against the drivers'
    /// capacity before the first phase. What the intents say is derived when the phase runs.
    public var adds: [PluginV1.IntentKey] = []

    public init() {}

    public init(name: String = "", revertible: Bool = false, exclusiveKeys: [String] = [], pointOfNoReturn: Bool = false, adds: [PluginV1.IntentKey] = []) {
      self.name = name
      self.revertible = revertible
      self.exclusiveKeys = exclusiveKeys
      self.pointOfNoReturn = pointOfNoReturn
      self.adds = adds
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.TaskPhase" }
    static var unpackC: Unpack<Mortise__Plugin__V1__TaskPhase> { mortise__plugin__v1__task_phase__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__TaskPhase> { mortise__plugin__v1__task_phase__init }

    init(_ c: Mortise__Plugin__V1__TaskPhase) throws(ProtoDecodingError) {
      self.name = try Self.string(c.name, "name")
      self.revertible = c.revertible != 0
      self.exclusiveKeys = try Self.array(c.exclusive_keys, c.n_exclusive_keys) {
        element throws(ProtoDecodingError) in try Self.string(element, "exclusive_keys")
      }
      self.pointOfNoReturn = c.point_of_no_return != 0
      self.adds = try Self.array(c.adds, c.n_adds) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__TaskPhase, in arena: Arena) {
      if !self.name.isEmpty { c.name = arena.string(self.name) }
      c.revertible = self.revertible ? 1 : 0
      c.n_exclusive_keys = self.exclusiveKeys.count
      c.exclusive_keys = arena.array(self.exclusiveKeys) { arena.string($0) }
      c.point_of_no_return = self.pointOfNoReturn ? 1 : 0
      c.n_adds = self.adds.count
      c.adds = arena.array(self.adds) { $0.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.ExecuteRequest`.
  public struct ExecuteRequest: ProtoMessage, WireMessage {
    public var call: PluginV1.CallContext? = nil
    public var taskID: String = ""
    public var attempt: UInt32 = 0
    /// 1 for the first call of an attempt, one more after each Wait.
    public var step: UInt32 = 0
    public var type: String = ""
    public var typeVersion: String = ""
    public var params: [UInt8] = []
    /// The owner's intents of the kinds that the type reads, as verified last.
    public var intents: [PluginV1.Intent] = []
    public var resource: PluginV1.ResourceRef? = nil
    /// Where intents that the task sets are to converge.
    public var target: String = ""
    public var dryRun: Bool = false
    /// Of an expanded task: which of its phases; the task id is that phase's.
    public var phase: String = ""

    public init() {}

    public init(call: PluginV1.CallContext? = nil, taskID: String = "", attempt: UInt32 = 0, step: UInt32 = 0, type: String = "", typeVersion: String = "", params: [UInt8] = [], intents: [PluginV1.Intent] = [], resource: PluginV1.ResourceRef? = nil, target: String = "", dryRun: Bool = false, phase: String = "") {
      self.call = call
      self.taskID = taskID
      self.attempt = attempt
      self.step = step
      self.type = type
      self.typeVersion = typeVersion
      self.params = params
      self.intents = intents
      self.resource = resource
      self.target = target
      self.dryRun = dryRun
      self.phase = phase
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.ExecuteRequest" }
    static var unpackC: Unpack<Mortise__Plugin__V1__ExecuteRequest> { mortise__plugin__v1__execute_request__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__ExecuteRequest> { mortise__plugin__v1__execute_request__init }

    init(_ c: Mortise__Plugin__V1__ExecuteRequest) throws(ProtoDecodingError) {
      self.call = try Self.message(c.call)
      self.taskID = try Self.string(c.task_id, "task_id")
      self.attempt = c.attempt
      self.step = c.step
      self.type = try Self.string(c.type, "type")
      self.typeVersion = try Self.string(c.type_version, "type_version")
      self.params = Self.bytes(c.params)
      self.intents = try Self.array(c.intents, c.n_intents) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
      self.resource = try Self.message(c.resource)
      self.target = try Self.string(c.target, "target")
      self.dryRun = c.dry_run != 0
      self.phase = try Self.string(c.phase, "phase")
    }

    func fill(_ c: inout Mortise__Plugin__V1__ExecuteRequest, in arena: Arena) {
      if let value = self.call { c.call = value.makeC(in: arena) }
      if !self.taskID.isEmpty { c.task_id = arena.string(self.taskID) }
      c.attempt = self.attempt
      c.step = self.step
      if !self.type.isEmpty { c.type = arena.string(self.type) }
      if !self.typeVersion.isEmpty { c.type_version = arena.string(self.typeVersion) }
      c.params = arena.bytes(self.params)
      c.n_intents = self.intents.count
      c.intents = arena.array(self.intents) { $0.makeC(in: arena) }
      if let value = self.resource { c.resource = value.makeC(in: arena) }
      if !self.target.isEmpty { c.target = arena.string(self.target) }
      c.dry_run = self.dryRun ? 1 : 0
      if !self.phase.isEmpty { c.phase = arena.string(self.phase) }
    }
  }

  /// Exactly one outcome; none is an error of the plugin's.
  public struct TaskReply: ProtoMessage, WireMessage {
    /// Exactly one of these, or nil where the sender set none.
    public enum Outcome: Sendable, Equatable {
      case complete(PluginV1.Complete)
      case running(PluginV1.Running)
      case wait(PluginV1.Wait)
      case failed(PluginV1.Failed)
    }
    public var outcome: Outcome? = nil

    public init() {}

    public init(outcome: Outcome? = nil) {
      self.outcome = outcome
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.TaskReply" }
    static var unpackC: Unpack<Mortise__Plugin__V1__TaskReply> { mortise__plugin__v1__task_reply__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__TaskReply> { mortise__plugin__v1__task_reply__init }

    init(_ c: Mortise__Plugin__V1__TaskReply) throws(ProtoDecodingError) {
      switch c.outcome_case {
      case MORTISE__PLUGIN__V1__TASK_REPLY__OUTCOME_COMPLETE:
        self.outcome = .complete(try Self.element(c.complete))
      case MORTISE__PLUGIN__V1__TASK_REPLY__OUTCOME_RUNNING:
        self.outcome = .running(try Self.element(c.running))
      case MORTISE__PLUGIN__V1__TASK_REPLY__OUTCOME_WAIT:
        self.outcome = .wait(try Self.element(c.wait))
      case MORTISE__PLUGIN__V1__TASK_REPLY__OUTCOME_FAILED:
        self.outcome = .failed(try Self.element(c.failed))
      default: self.outcome = nil
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__TaskReply, in arena: Arena) {
      switch self.outcome {
      case .complete(let value)?:
        c.outcome_case = MORTISE__PLUGIN__V1__TASK_REPLY__OUTCOME_COMPLETE
        c.complete = value.makeC(in: arena)
      case .running(let value)?:
        c.outcome_case = MORTISE__PLUGIN__V1__TASK_REPLY__OUTCOME_RUNNING
        c.running = value.makeC(in: arena)
      case .wait(let value)?:
        c.outcome_case = MORTISE__PLUGIN__V1__TASK_REPLY__OUTCOME_WAIT
        c.wait = value.makeC(in: arena)
      case .failed(let value)?:
        c.outcome_case = MORTISE__PLUGIN__V1__TASK_REPLY__OUTCOME_FAILED
        c.failed = value.makeC(in: arena)
      case nil: break
      }
    }
  }

  /// `mortise.plugin.v1.Complete`.
  public struct Complete: ProtoMessage, WireMessage {
    public var outputs: [UInt8] = []
    /// In a dry run of a type that acts externally: what would be done, for people.
    public var preview: String = ""

    public init() {}

    public init(outputs: [UInt8] = [], preview: String = "") {
      self.outputs = outputs
      self.preview = preview
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.Complete" }
    static var unpackC: Unpack<Mortise__Plugin__V1__Complete> { mortise__plugin__v1__complete__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__Complete> { mortise__plugin__v1__complete__init }

    init(_ c: Mortise__Plugin__V1__Complete) throws(ProtoDecodingError) {
      self.outputs = Self.bytes(c.outputs)
      self.preview = try Self.string(c.preview, "preview")
    }

    func fill(_ c: inout Mortise__Plugin__V1__Complete, in arena: Arena) {
      c.outputs = arena.bytes(self.outputs)
      if !self.preview.isEmpty { c.preview = arena.string(self.preview) }
    }
  }

  /// The task goes on in the plugin; its end comes through Updates.
  public struct Running: ProtoMessage, WireMessage {
    public var handle: [UInt8] = []
    public var handleVersion: UInt32 = 0
    public var progress: PluginV1.Progress? = nil

    public init() {}

    public init(handle: [UInt8] = [], handleVersion: UInt32 = 0, progress: PluginV1.Progress? = nil) {
      self.handle = handle
      self.handleVersion = handleVersion
      self.progress = progress
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.Running" }
    static var unpackC: Unpack<Mortise__Plugin__V1__Running> { mortise__plugin__v1__running__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__Running> { mortise__plugin__v1__running__init }

    init(_ c: Mortise__Plugin__V1__Running) throws(ProtoDecodingError) {
      self.handle = Self.bytes(c.handle)
      self.handleVersion = c.handle_version
      self.progress = try Self.message(c.progress)
    }

    func fill(_ c: inout Mortise__Plugin__V1__Running, in arena: Arena) {
      c.handle = arena.bytes(self.handle)
      c.handle_version = self.handleVersion
      if let value = self.progress { c.progress = value.makeC(in: arena) }
    }
  }

  /// The host writes the intents, waits for the gate and calls Execute with the next step.
  public struct Wait: ProtoMessage, WireMessage {
    public var set: [PluginV1.IntentWrite] = []
    public var remove: [PluginV1.IntentKey] = []
    public var gate: PluginV1.Gate? = nil
    /// Removed unless another intent that stays references them; CLAUSE_TEST_SETTLED waits for either.
    public var release: [PluginV1.IntentKey] = []

    public init() {}

    public init(set: [PluginV1.IntentWrite] = [], remove: [PluginV1.IntentKey] = [], gate: PluginV1.Gate? = nil, release: [PluginV1.IntentKey] = []) {
      self.set = set
      self.remove = remove
      self.gate = gate
      self.release = release
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.Wait" }
    static var unpackC: Unpack<Mortise__Plugin__V1__Wait> { mortise__plugin__v1__wait__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__Wait> { mortise__plugin__v1__wait__init }

    init(_ c: Mortise__Plugin__V1__Wait) throws(ProtoDecodingError) {
      self.set = try Self.array(c.set, c.n_set) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
      self.remove = try Self.array(c.remove, c.n_remove) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
      self.gate = try Self.message(c.gate)
      self.release = try Self.array(c.release, c.n_release) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__Wait, in arena: Arena) {
      c.n_set = self.set.count
      c.set = arena.array(self.set) { $0.makeC(in: arena) }
      c.n_remove = self.remove.count
      c.remove = arena.array(self.remove) { $0.makeC(in: arena) }
      if let value = self.gate { c.gate = value.makeC(in: arena) }
      c.n_release = self.release.count
      c.release = arena.array(self.release) { $0.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.Failed`.
  public struct Failed: ProtoMessage, WireMessage {
    /// CamelCase, stable.
    public var reason: String = ""
    public var message: String = ""
    /// Another attempt may succeed.
    public var transient: Bool = false
    /// Earliest next attempt, from now; 0 = the host's back-off.
    public var retryAfterMS: UInt32 = 0

    public init() {}

    public init(reason: String = "", message: String = "", transient: Bool = false, retryAfterMS: UInt32 = 0) {
      self.reason = reason
      self.message = message
      self.transient = transient
      self.retryAfterMS = retryAfterMS
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.Failed" }
    static var unpackC: Unpack<Mortise__Plugin__V1__Failed> { mortise__plugin__v1__failed__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__Failed> { mortise__plugin__v1__failed__init }

    init(_ c: Mortise__Plugin__V1__Failed) throws(ProtoDecodingError) {
      self.reason = try Self.string(c.reason, "reason")
      self.message = try Self.string(c.message, "message")
      self.transient = c.transient != 0
      self.retryAfterMS = c.retry_after_ms
    }

    func fill(_ c: inout Mortise__Plugin__V1__Failed, in arena: Arena) {
      if !self.reason.isEmpty { c.reason = arena.string(self.reason) }
      if !self.message.isEmpty { c.message = arena.string(self.message) }
      c.transient = self.transient ? 1 : 0
      c.retry_after_ms = self.retryAfterMS
    }
  }

  /// `mortise.plugin.v1.CancelRequest`.
  public struct CancelRequest: ProtoMessage, WireMessage {
    public var call: PluginV1.CallContext? = nil
    public var taskID: String = ""
    public var attempt: UInt32 = 0

    public init() {}

    public init(call: PluginV1.CallContext? = nil, taskID: String = "", attempt: UInt32 = 0) {
      self.call = call
      self.taskID = taskID
      self.attempt = attempt
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.CancelRequest" }
    static var unpackC: Unpack<Mortise__Plugin__V1__CancelRequest> { mortise__plugin__v1__cancel_request__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__CancelRequest> { mortise__plugin__v1__cancel_request__init }

    init(_ c: Mortise__Plugin__V1__CancelRequest) throws(ProtoDecodingError) {
      self.call = try Self.message(c.call)
      self.taskID = try Self.string(c.task_id, "task_id")
      self.attempt = c.attempt
    }

    func fill(_ c: inout Mortise__Plugin__V1__CancelRequest, in arena: Arena) {
      if let value = self.call { c.call = value.makeC(in: arena) }
      if !self.taskID.isEmpty { c.task_id = arena.string(self.taskID) }
      c.attempt = self.attempt
    }
  }

  /// `mortise.plugin.v1.CancelReply`.
  public struct CancelReply: ProtoMessage, WireMessage {

    public init() {}

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.CancelReply" }
    static var unpackC: Unpack<Mortise__Plugin__V1__CancelReply> { mortise__plugin__v1__cancel_reply__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__CancelReply> { mortise__plugin__v1__cancel_reply__init }

    init(_ c: Mortise__Plugin__V1__CancelReply) throws(ProtoDecodingError) {
    }

    func fill(_ c: inout Mortise__Plugin__V1__CancelReply, in arena: Arena) {
    }
  }

  /// `mortise.plugin.v1.RecoverRequest`.
  public struct RecoverRequest: ProtoMessage, WireMessage {
    public var call: PluginV1.CallContext? = nil
    public var taskID: String = ""
    public var attempt: UInt32 = 0
    public var step: UInt32 = 0
    public var type: String = ""
    public var typeVersion: String = ""
    public var params: [UInt8] = []
    public var handle: [UInt8] = []
    public var handleVersion: UInt32 = 0
    /// It is Revert that was called.
    public var revert: Bool = false
    public var phase: String = ""

    public init() {}

    public init(call: PluginV1.CallContext? = nil, taskID: String = "", attempt: UInt32 = 0, step: UInt32 = 0, type: String = "", typeVersion: String = "", params: [UInt8] = [], handle: [UInt8] = [], handleVersion: UInt32 = 0, revert: Bool = false, phase: String = "") {
      self.call = call
      self.taskID = taskID
      self.attempt = attempt
      self.step = step
      self.type = type
      self.typeVersion = typeVersion
      self.params = params
      self.handle = handle
      self.handleVersion = handleVersion
      self.revert = revert
      self.phase = phase
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.RecoverRequest" }
    static var unpackC: Unpack<Mortise__Plugin__V1__RecoverRequest> { mortise__plugin__v1__recover_request__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__RecoverRequest> { mortise__plugin__v1__recover_request__init }

    init(_ c: Mortise__Plugin__V1__RecoverRequest) throws(ProtoDecodingError) {
      self.call = try Self.message(c.call)
      self.taskID = try Self.string(c.task_id, "task_id")
      self.attempt = c.attempt
      self.step = c.step
      self.type = try Self.string(c.type, "type")
      self.typeVersion = try Self.string(c.type_version, "type_version")
      self.params = Self.bytes(c.params)
      self.handle = Self.bytes(c.handle)
      self.handleVersion = c.handle_version
      self.revert = c.revert != 0
      self.phase = try Self.string(c.phase, "phase")
    }

    func fill(_ c: inout Mortise__Plugin__V1__RecoverRequest, in arena: Arena) {
      if let value = self.call { c.call = value.makeC(in: arena) }
      if !self.taskID.isEmpty { c.task_id = arena.string(self.taskID) }
      c.attempt = self.attempt
      c.step = self.step
      if !self.type.isEmpty { c.type = arena.string(self.type) }
      if !self.typeVersion.isEmpty { c.type_version = arena.string(self.typeVersion) }
      c.params = arena.bytes(self.params)
      c.handle = arena.bytes(self.handle)
      c.handle_version = self.handleVersion
      c.revert = self.revert ? 1 : 0
      if !self.phase.isEmpty { c.phase = arena.string(self.phase) }
    }
  }

  /// `mortise.plugin.v1.RecoverReply`.
  public struct RecoverReply: ProtoMessage, WireMessage {
    public var state: PluginV1.RecoveredState = .unknown
    /// Running or the finished outcome of that very (task id, attempt, step).
    public var reply: PluginV1.TaskReply? = nil

    public init() {}

    public init(state: PluginV1.RecoveredState = .unknown, reply: PluginV1.TaskReply? = nil) {
      self.state = state
      self.reply = reply
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.RecoverReply" }
    static var unpackC: Unpack<Mortise__Plugin__V1__RecoverReply> { mortise__plugin__v1__recover_reply__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__RecoverReply> { mortise__plugin__v1__recover_reply__init }

    init(_ c: Mortise__Plugin__V1__RecoverReply) throws(ProtoDecodingError) {
      self.state = PluginV1.RecoveredState(rawValue: Int32(bitPattern: c.state.rawValue))
      self.reply = try Self.message(c.reply)
    }

    func fill(_ c: inout Mortise__Plugin__V1__RecoverReply, in arena: Arena) {
      c.state = Mortise__Plugin__V1__RecoveredState(rawValue: UInt32(bitPattern: self.state.rawValue))
      if let value = self.reply { c.reply = value.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.RecoveryCompleteRequest`.
  public struct RecoveryCompleteRequest: ProtoMessage, WireMessage {
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

    static var wireName: String { "mortise.plugin.v1.RecoveryCompleteRequest" }
    static var unpackC: Unpack<Mortise__Plugin__V1__RecoveryCompleteRequest> { mortise__plugin__v1__recovery_complete_request__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__RecoveryCompleteRequest> { mortise__plugin__v1__recovery_complete_request__init }

    init(_ c: Mortise__Plugin__V1__RecoveryCompleteRequest) throws(ProtoDecodingError) {
      self.call = try Self.message(c.call)
    }

    func fill(_ c: inout Mortise__Plugin__V1__RecoveryCompleteRequest, in arena: Arena) {
      if let value = self.call { c.call = value.makeC(in: arena) }
    }
  }

  /// `mortise.plugin.v1.RecoveryCompleteReply`.
  public struct RecoveryCompleteReply: ProtoMessage, WireMessage {

    public init() {}

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.RecoveryCompleteReply" }
    static var unpackC: Unpack<Mortise__Plugin__V1__RecoveryCompleteReply> { mortise__plugin__v1__recovery_complete_reply__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__RecoveryCompleteReply> { mortise__plugin__v1__recovery_complete_reply__init }

    init(_ c: Mortise__Plugin__V1__RecoveryCompleteReply) throws(ProtoDecodingError) {
    }

    func fill(_ c: inout Mortise__Plugin__V1__RecoveryCompleteReply, in arena: Arena) {
    }
  }

  /// `mortise.plugin.v1.ForgetRequest`.
  public struct ForgetRequest: ProtoMessage, WireMessage {
    public var call: PluginV1.CallContext? = nil
    public var taskIDs: [String] = []

    public init() {}

    public init(call: PluginV1.CallContext? = nil, taskIDs: [String] = []) {
      self.call = call
      self.taskIDs = taskIDs
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.ForgetRequest" }
    static var unpackC: Unpack<Mortise__Plugin__V1__ForgetRequest> { mortise__plugin__v1__forget_request__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__ForgetRequest> { mortise__plugin__v1__forget_request__init }

    init(_ c: Mortise__Plugin__V1__ForgetRequest) throws(ProtoDecodingError) {
      self.call = try Self.message(c.call)
      self.taskIDs = try Self.array(c.task_ids, c.n_task_ids) {
        element throws(ProtoDecodingError) in try Self.string(element, "task_ids")
      }
    }

    func fill(_ c: inout Mortise__Plugin__V1__ForgetRequest, in arena: Arena) {
      if let value = self.call { c.call = value.makeC(in: arena) }
      c.n_task_ids = self.taskIDs.count
      c.task_ids = arena.array(self.taskIDs) { arena.string($0) }
    }
  }

  /// `mortise.plugin.v1.ForgetReply`.
  public struct ForgetReply: ProtoMessage, WireMessage {

    public init() {}

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "mortise.plugin.v1.ForgetReply" }
    static var unpackC: Unpack<Mortise__Plugin__V1__ForgetReply> { mortise__plugin__v1__forget_reply__unpack }
    static var initializeC: Initialize<Mortise__Plugin__V1__ForgetReply> { mortise__plugin__v1__forget_reply__init }

    init(_ c: Mortise__Plugin__V1__ForgetReply) throws(ProtoDecodingError) {
    }

    func fill(_ c: inout Mortise__Plugin__V1__ForgetReply, in arena: Arena) {
    }
  }

  /// Service `mortise.plugin.v1.Tasks`.
  public enum Tasks {
    /// Full name of the service, by which calls are routed.
    public static let name = "mortise.plugin.v1.Tasks"
    /// Checks params beyond their schema; nothing is done.
    public static let validate =
      Method<PluginV1.ValidateRequest, PluginV1.ValidateReply>(service: name, name: "Validate")
    public static let expand =
      Method<PluginV1.ExpandRequest, PluginV1.ExpandReply>(service: name, name: "Expand")
    public static let execute =
      Method<PluginV1.ExecuteRequest, PluginV1.TaskReply>(service: name, name: "Execute")
    public static let cancel =
      Method<PluginV1.CancelRequest, PluginV1.CancelReply>(service: name, name: "Cancel")
    /// Undoes what Execute did with these params. The task id is the revert's own, not that of what it undoes.
    public static let revert =
      Method<PluginV1.ExecuteRequest, PluginV1.TaskReply>(service: name, name: "Revert")
    /// Asked before any second Execute of the same (task id, attempt) whose outcome the host doesn't know.
    public static let recover =
      Method<PluginV1.RecoverRequest, PluginV1.RecoverReply>(service: name, name: "Recover")
    /// All that the host had to recover is recovered: what the plugin still holds for others may be dropped.
    public static let recoveryComplete =
      Method<PluginV1.RecoveryCompleteRequest, PluginV1.RecoveryCompleteReply>(service: name, name: "RecoveryComplete")
    /// The host will never ask about these tasks again.
    public static let forget =
      Method<PluginV1.ForgetRequest, PluginV1.ForgetReply>(service: name, name: "Forget")
  }
}
