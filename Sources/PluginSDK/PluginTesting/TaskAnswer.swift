public import JSON
internal import PluginProto

/// What a task answered, as a test compares it.
public enum TaskAnswer: Sendable, Equatable {
  case complete(outputs: JSONValue)
  /// It goes on; `PluginBench.end` waits for its end.
  case running(handle: [UInt8], message: String)
  /// It set and removed these intents, "KIND KEY" each, and waits for a gate.
  case waiting(set: [String], remove: [String])
  case failed(reason: String, isTransient: Bool)

  init(_ reply: PluginV1.TaskReply?) throws {
    switch reply?.outcome {
    case .complete(let complete):
      self = .complete(
        outputs: complete.outputs.isEmpty ? [:] : try JSONValue(parsing: complete.outputs))
    case .running(let running):
      self = .running(handle: running.handle, message: running.progress?.message ?? "")
    case .wait(let wait):
      self = .waiting(
        set: wait.set.map { "\($0.id?.kind ?? "") \($0.id?.key ?? "")" },
        remove: wait.remove.map { "\($0.kind) \($0.key)" })
    case .failed(let failed):
      self = .failed(reason: failed.reason, isTransient: failed.transient)
    case nil: throw BenchError(description: "the plugin answered without an outcome")
    }
  }
}

/// What a plugin says of a task whose outcome is asked for.
public enum RecoveryAnswer: Sendable, Equatable {
  case notStarted
  case running
  case finished(TaskAnswer)
  case unknown
}

/// What a plugin answered that no test expects.
public struct BenchError: Error, CustomStringConvertible {
  public let description: String
}
