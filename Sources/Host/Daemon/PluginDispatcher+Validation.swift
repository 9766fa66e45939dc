internal import Execution
internal import JSON
internal import Model
internal import PluginProto
internal import PluginSupervision
internal import TTRPC

/// Asking a type what is wrong with params, before anything is done with them.
extension PluginDispatcher {
  /// Whether the type is to be asked before this delivery: the first of a task.
  static func isValidated(_ delivery: TaskDelivery, _ type: PluginV1.TaskTypeDescription) -> Bool {
    type.capabilities.contains("validate") && delivery.task.reverts == nil
      && delivery.task.attempt == 1 && delivery.task.step == 1
  }

  /// The answer that takes the place of Execute's; nil = nothing is wrong.
  func invalidity(
    of delivery: TaskDelivery, _ type: PluginV1.TaskTypeDescription, _ plugin: PluginHandle
  ) async -> TaskAnswer? {
    do throws(RPCError) {
      let problems = try await problems(with: delivery, type, plugin)
      return problems.isEmpty
        ? nil
        : .failed(
          TaskError(
            reason: "InvalidParams",
            message: "\(delivery.task.type): " + problems.joined(separator: "; ")),
          isTransient: false, retryAfter: nil)
    } catch {
      // Nothing was asked for that could have been done: the whole delivery is made again.
      var failure = CallFailure(error)
      failure.mayHaveBeenReceived = false
      return .callFailed(failure)
    }
  }

  private func problems(
    with delivery: TaskDelivery, _ type: PluginV1.TaskTypeDescription, _ plugin: PluginHandle
  ) async throws(RPCError) -> [String] {
    var request = PluginV1.ValidateRequest()
    request.call = call(Self.shortTimeout)
    request.type = type.type
    request.typeVersion = type.version
    request.params = delivery.params.field
    do throws(RPCError) {
      return try await plugin.call(PluginV1.Tasks.validate, request, timeout: Self.shortTimeout)
        .problems.map(plugin.secrets.redact)
    } catch {
      if error.code == .unimplemented { return [] }
      throw error
    }
  }
}
