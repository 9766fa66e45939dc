internal import Execution
internal import Model
internal import PluginProto
internal import PluginSupervision
internal import TTRPC

extension PluginDispatcher: TaskRehearsal {
  func offer(of type: String) -> TaskOffer? {
    guard let (plugin, description) = provider(of: type) else { return nil }
    return TaskOffer(
      plugin: "\(plugin.name)@\(plugin.version)", version: description.version,
      actsThroughIntents: description.acts == .throughIntents,
      offersDryRun: description.capabilities.contains("dryRun"),
      offersRevert: description.capabilities.contains("revert"))
  }

  func rehearse(_ delivery: TaskDelivery) async -> TaskAnswer {
    await execute(delivery, isDryRun: true).0
  }
}
