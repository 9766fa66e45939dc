internal import JSON
internal import LinuxSystem
internal import PluginProto

/// One piece of work that a case gives the plugin: its key, its params, and what shows its effect.
struct TaskTry: Sendable {
  var id: String
  var attempt: UInt32 = 1
  var step: UInt32 = 1
  let type: PluginV1.TaskTypeDescription
  var params: [UInt8]
  var target: String
  /// Of an expandable type: the first that Expand names; empty elsewhere.
  var phase = ""
  let effect: Samples.Effect?

  func execute(_ context: PluginV1.CallContext) -> PluginV1.ExecuteRequest {
    PluginV1.ExecuteRequest(
      call: context, taskID: id, attempt: attempt, step: step, type: type.type,
      typeVersion: type.version, params: params,
      resource: .init(kind: "Sample", namespace: "default", name: "sample", uid: "sample-uid"),
      target: target, phase: phase)
  }

  func recover(_ context: PluginV1.CallContext) -> PluginV1.RecoverRequest {
    PluginV1.RecoverRequest(
      call: context, taskID: id, attempt: attempt, step: step, type: type.type,
      typeVersion: type.version, params: params, phase: phase)
  }

  func cancel(_ context: PluginV1.CallContext) -> PluginV1.CancelRequest {
    PluginV1.CancelRequest(call: context, taskID: id, attempt: attempt)
  }

  func validate(_ context: PluginV1.CallContext) -> PluginV1.ValidateRequest {
    PluginV1.ValidateRequest(
      call: context, type: type.type, typeVersion: type.version, params: params)
  }

  /// The same work under another id.
  func renamed(_ id: String) -> TaskTry {
    var other = self
    other.id = id
    return other
  }

  func on(attempt: UInt32) -> TaskTry {
    var other = self
    other.attempt = attempt
    return other
  }

  func with(params: JSONValue) -> TaskTry {
    var other = self
    other.params = params.serialized()
    return other
  }

  /// How often its effect was made.
  func effects() throws -> Int {
    guard let effect else { throw CaseFailure("there is nothing that shows the effect") }
    do throws(SystemError) {
      switch effect {
      case .lines(let path):
        return try FileSystem.read(path).count { $0 == UInt8(ascii: "\n") }
      case .entries(let path): return try FileSystem.list(path).count
      }
    } catch {
      guard error.isNotFound else { throw error }
      return 0
    }
  }
}
