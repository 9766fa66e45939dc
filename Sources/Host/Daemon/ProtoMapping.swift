internal import Convergence
internal import Execution
internal import JSON
internal import Model
internal import PluginProto
internal import TTRPC

/// What a plugin sent can't be taken as what it should be.
struct MalformedAnswer: Error {
  var message: String
}

extension JSONValue {
  /// JSON out of a message's field; an empty field is null.
  init(field bytes: [UInt8], of name: String) throws(MalformedAnswer) {
    guard !bytes.isEmpty else {
      self = .null
      return
    }
    do {
      self = try JSONValue(parsing: bytes)
    } catch {
      throw MalformedAnswer(message: "\(name) is no JSON: \(error)")
    }
  }

  /// As a message's field; null is the empty field.
  var field: [UInt8] { isNull ? [] : serialized() }
}

extension IntentKey {
  init(_ message: PluginV1.IntentKey?) throws(MalformedAnswer) {
    guard let message, !message.target.isEmpty, !message.kind.isEmpty, !message.key.isEmpty else {
      throw MalformedAnswer(message: "an intent is named by target, kind and key; one is missing")
    }
    self.init(target: message.target, kind: message.kind, key: message.key)
  }

  var message: PluginV1.IntentKey {
    var message = PluginV1.IntentKey()
    message.target = target
    message.kind = kind
    message.key = key
    return message
  }
}

extension Intent {
  var message: PluginV1.Intent {
    var message = PluginV1.Intent()
    message.id = key.message
    message.spec = spec.field
    message.specVersion = UInt32(clamping: specVersion)
    message.generation = UInt64(clamping: generation)
    message.state =
      switch state {
      case .pending: .pending
      case .committed: .committed
      case .commitFailed: .commitFailed
      case .deletePending: .deletePending
      case .removeFailed: .removeFailed
      case .removed: .unspecified
      }
    message.observed = observed.field
    message.verifiedUnixMS = verifiedAt?.milliseconds ?? 0
    message.error = error.map { "\($0.reason): \($0.message)" } ?? ""
    message.owner = PluginV1.ResourceRef(owner.resource, uid: owner.uid)
    return message
  }
}

extension PluginV1.ResourceRef {
  init(_ key: ObjectKey, uid: String) {
    self.init()
    kind = key.kind
    namespace = key.namespace
    name = key.name
    self.uid = uid
  }
}

extension IntentWrite {
  init(_ message: PluginV1.IntentWrite) throws(MalformedAnswer) {
    var references: [IntentKey] = []
    for reference in message.references { references.append(try IntentKey(reference)) }
    self.init(
      key: try IntentKey(message.id), spec: try JSONValue(field: message.spec, of: "spec"),
      specVersion: Int64(message.specVersion), references: references)
  }
}

extension GateClause {
  init(_ message: PluginV1.GateClause) throws(MalformedAnswer) {
    let test: Test
    switch message.test {
    case .committed: test = .committed
    case .absent: test = .absent
    case .equals: test = .equals
    case .atLeast: test = .atLeast
    case .settled: test = .settled
    case .unspecified, .unrecognized:
      throw MalformedAnswer(message: "gate test \(message.test.rawValue) is unknown to this host")
    }
    let path: JSONPath
    do {
      path = try JSONPath(message.path)
    } catch {
      throw MalformedAnswer(message: "gate path: \(error)")
    }
    self.init(
      intent: try IntentKey(message.intent), test: test, path: path,
      value: try JSONValue(field: message.value, of: "gate value"))
  }
}

extension TaskAnswer {
  /// A plugin's reply; one that is malformed is an answer of INTERNAL, so its outcome is unknown.
  init(_ reply: PluginV1.TaskReply) {
    do throws(MalformedAnswer) {
      self = try Self.parse(reply)
    } catch {
      self = .callFailed(
        CallFailure(
          code: .internal, reason: "MalformedReply", message: error.message,
          mayHaveBeenReceived: true, isAnswer: true))
    }
  }

  private static func parse(_ reply: PluginV1.TaskReply) throws(MalformedAnswer) -> TaskAnswer {
    switch reply.outcome {
    case nil:
      throw MalformedAnswer(message: "the reply has no outcome")
    case .complete(let complete):
      return .complete(outputs: try JSONValue(field: complete.outputs, of: "outputs"))
    case .running(let running):
      return .running(TaskHandle(running), TaskProgress(running.progress))
    case .failed(let failed):
      return .failed(
        TaskError(
          reason: failed.reason.isEmpty ? "Failed" : failed.reason, message: failed.message),
        isTransient: failed.transient,
        retryAfter: failed.retryAfterMS == 0 ? nil : Milliseconds(Int64(failed.retryAfterMS)))
    case .wait(let wait):
      var set: [IntentWrite] = []
      for write in wait.set { set.append(try IntentWrite(write)) }
      var remove: [IntentKey] = []
      for key in wait.remove { remove.append(try IntentKey(key)) }
      var release: [IntentKey] = []
      for key in wait.release { release.append(try IntentKey(key)) }
      var clauses: [GateClause] = []
      for clause in wait.gate?.clauses ?? [] { clauses.append(try GateClause(clause)) }
      return .wait(
        Wish(set: set, remove: remove, release: release, gate: Gate(clauses: clauses)))
    }
  }
}

extension TaskHandle {
  /// Nil where the plugin gave none.
  init?(_ running: PluginV1.Running) {
    guard !running.handle.isEmpty else { return nil }
    let digits = Array("0123456789abcdef".utf8)
    let hex = running.handle.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    self.init(data: String(decoding: hex, as: UTF8.self), version: Int64(running.handleVersion))
  }

  var bytes: [UInt8] {
    let digits = Array(data.utf8)
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap { index in
      UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16)
    }
  }
}

extension TaskProgress {
  init?(_ progress: PluginV1.Progress?) {
    guard let progress else { return nil }
    self.init(message: progress.message, percent: Int64(min(progress.percent, 100)))
  }
}

extension CallFailure {
  /// Whatever their codes say, these tell nothing of the work: it may have been done.
  private static let reasonsWithoutVerdict: Set<String> = [
    "ConnectionLost", "FrameTooLarge", "ReplyTooLarge",
  ]

  init(_ error: RPCError) {
    self.init(
      code: CallFailure.Code(rawValue: error.code.rawValue) ?? .unknown,
      reason: error.reason.isEmpty ? error.code.name : error.reason, message: error.message,
      mayHaveBeenReceived: error.delivery == .mayHaveBeenReceived,
      isAnswer: !Self.reasonsWithoutVerdict.contains(error.reason))
  }
}
