internal import Execution
internal import JSON
internal import Model
internal import PluginProto
internal import PluginSupervision
internal import TTRPC

extension PluginDispatcher: TaskRehearsal {
  func offer(of type: String, range: String) -> TaskOffer? {
    guard case .ready(let plugin) = supervisor.provider(ofType: type, range: range),
      let description = plugin.description.taskTypes.first(where: { $0.type == type })
    else { return nil }
    return TaskOffer(
      plugin: plugin.id, version: description.version,
      actsThroughIntents: description.acts == .throughIntents,
      offersDryRun: description.capabilities.contains("dryRun"),
      offersRevert: description.capabilities.contains("revert"))
  }

  func invalidity(of delivery: TaskDelivery) async -> TaskAnswer? {
    guard case .found(let plugin, let type) = server(of: delivery.task),
      Self.isValidated(delivery, type)
    else { return nil }
    return await invalidity(of: delivery, type, plugin)
  }

  func rehearse(_ delivery: TaskDelivery) async -> (TaskAnswer, preview: String) {
    let plugin: PluginHandle
    let type: PluginV1.TaskTypeDescription
    switch server(of: delivery.task) {
    case .absent(let reason): return (.noPlugin(message: reason), "")
    case .found(let found, let description): (plugin, type) = (found, description)
    }
    if let mismatch = mismatch(of: delivery, type, plugin) { return (mismatch, "") }
    let timeout = timeout(of: type)
    var request = request(for: delivery, type, timeout)
    request.dryRun = true
    do {
      let reply = try await plugin.call(PluginV1.Tasks.execute, request, timeout: timeout)
      // Outputs are of a task that was done: there are none to be checked.
      if case .complete(let complete)? = reply.outcome {
        return (.complete(outputs: [:]), plugin.secrets.redact(complete.preview))
      }
      return (checked(TaskAnswer(reply), type, plugin, delivery), "")
    } catch {
      return (.callFailed(CallFailure(error)), "")
    }
  }
}
