public import Model

/// What the host knows as a pass begins of the tasks that have not ended: who would carry out each,
/// and which an operator holds.
public struct TaskOutlook: Sendable, Equatable {
  /// By index in the plan.
  public var prospects: [Int: TaskProspect]
  /// By index in the plan: who holds the task, for people.
  public var holds: [Int: String]

  public init(prospects: [Int: TaskProspect] = [:], holds: [Int: String] = [:]) {
    self.prospects = prospects
    self.holds = holds
  }
}

/// Who would carry out a task that has not begun.
public enum TaskProspect: Sendable, Equatable {
  case provider(TaskProvider)
  /// Nobody does now: why, for people.
  case absent(String)
}

extension Plan {
  /// Names who is to carry out each task that has not begun; what is named is durable with the
  /// plan's next write, and until then nothing may be delivered.
  ///
  /// - Returns: whether anything changed.
  public mutating func name(_ prospects: [Int: TaskProspect]) -> Bool {
    var hasChanged = false
    for (index, prospect) in prospects where !tasks[index].isBegun {
      var named = TaskProvider(plugin: "", digest: "")
      if case .provider(let provider) = prospect { named = provider }
      guard tasks[index].plugin != named.plugin || tasks[index].pluginDigest != named.digest
      else { continue }
      tasks[index].revertMeans = named.revertMeans ?? tasks[index].revertMeans
      tasks[index].plugin = named.plugin
      tasks[index].pluginDigest = named.digest
      hasChanged = true
    }
    return hasChanged
  }

  /// Whether the current task waits for a plugin or for an operator.
  public var isParkedForOutlook: Bool {
    guard phase == .active, let index = currentIndex, let park = tasks[index].park else {
      return false
    }
    return park.reason == .pluginUnavailable || park.reason == .operatorHold
  }
}

extension PlannedTask {
  /// Whether the plugin that is named may have been given the task: then no other one gets it.
  public var isBegun: Bool { !plugin.isEmpty && (submittedAt != nil || state != .pending) }
}

extension PlanExecutor {
  /// Holds back a task that may not be delivered yet: held by an operator, without a plugin, or with
  /// one that is not durably named.
  ///
  /// - Invariant: no first Execute of a task before a write that names its plugin (guarded by
  ///   `TaskOutlookTests` and, with real processes, by `VersionTests`).
  mutating func holdBack(_ index: Int, at now: Timestamp) -> ExecutionEffect? {
    guard let outlook else { return nil }
    let task = plan.tasks[index]
    if task.state == .running, !task.outcomeUnknown { return nil }
    if let hold = outlook.holds[index] {
      park(index, .operatorHold, hold, at: now)
      return .rest(until: nil)
    }
    guard !task.isBegun, !task.outcomeUnknown else { return nil }
    // Whoever serves when the delay is over gets it.
    if let moment = task.nextAttemptAt, now < moment { return nil }
    if case .absent(let message)? = outlook.prospects[index] {
      park(index, .pluginUnavailable, message, at: now)
      return .rest(until: nil)
    }
    guard case .provider(let provider)? = outlook.prospects[index],
      task.plugin != provider.plugin || task.pluginDigest != provider.digest
    else { return nil }
    // Those that follow with it: one write for all.
    _ = status.plan?.name(outlook.prospects)
    return .rest(until: now)
  }

  /// Nothing of this attempt was done: it may go to another version.
  mutating func releaseProvider(_ index: Int) {
    guard outlook != nil else { return }
    change(index) { task in
      guard task.state == .pending, task.step == 1, !task.outcomeUnknown else { return }
      task.plugin = ""
      task.pluginDigest = ""
      task.submittedAt = nil
    }
  }
}
