internal import Execution
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

  func rehearse(_ delivery: TaskDelivery) async -> TaskAnswer {
    await execute(delivery, isDryRun: true).0
  }
}
