internal import Execution
internal import Model

extension Reconciler {
  /// Who would carry out what is left of a plan, and what an operator holds of it.
  func outlook(_ plan: Plan, _ resource: ObjectKey) -> TaskOutlook {
    var outlook = TaskOutlook()
    // A plan has few types, and to ask who serves one is dear.
    var asked: [(type: String, range: String, prospect: TaskProspect)] = []
    for index in (plan.currentIndex ?? plan.tasks.endIndex)..<plan.tasks.endIndex {
      let task = plan.tasks[index]
      var provider = task.plugin
      // What the host undoes itself needs no plugin.
      if !task.isBegun, task.reverts?.means != .host {
        let prospect =
          asked.first { $0.type == task.type && $0.range == task.versionRange }?.prospect
          ?? dispatcher.prospect(ofType: task.type, range: task.versionRange)
        asked.append((task.type, task.versionRange, prospect))
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
