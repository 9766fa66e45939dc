internal import Execution
internal import Model

extension Reconciler {
  /// Who would carry out what is left of a plan, and what an operator holds of it.
  func outlook(_ plan: Plan, _ resource: ObjectKey) -> TaskOutlook {
    var outlook = TaskOutlook()
    for index in (plan.currentIndex ?? plan.tasks.endIndex)..<plan.tasks.endIndex {
      let task = plan.tasks[index]
      var provider = task.plugin
      // What the host undoes itself needs no plugin.
      if !task.isBegun, task.reverts?.means != .host {
        let prospect = dispatcher.prospect(ofType: task.type, range: task.versionRange)
        outlook.prospects[index] = prospect
        if case .provider(let chosen) = prospect { provider = chosen.plugin }
      }
      outlook.holds[index] = holds.reason(task, of: resource, provider: provider)
    }
    return outlook
  }

  /// The plan's first write names who is to carry it out, so that the common case costs no other.
  func nameProviders(_ resource: inout Resource) {
    guard var plan = resource.status.plan else { return }
    _ = plan.name(outlook(plan, resource.key).prospects)
    resource.status.plan = plan
  }
}
