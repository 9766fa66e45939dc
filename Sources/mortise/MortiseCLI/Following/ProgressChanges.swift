internal import Model

/// What changed between two readings of a resource, a line each: the progress where nobody watches
/// a terminal.
enum ProgressChanges {
  /// - Parameter before: nil where the resource is seen for the first time; then the lines tell
  ///   where it stands, not how it came there.
  static func lines(from before: Resource?, to after: Resource) -> [String] {
    var lines: [String] = []
    if before?.metadata.deletionTimestamp == nil, after.metadata.deletionTimestamp != nil {
      lines.append("is being deleted")
    }
    lines += planLines(before?.status.plan, after.status.plan, isFirst: before == nil)
    lines += endLines(before, after)
    if before?.status.phase != after.status.phase, !after.status.phase.isEmpty {
      lines.append("phase \(after.status.phase)")
    }
    if let state = after.rolloutState, before?.rolloutState != state { lines.append(state) }
    if let before {
      lines += conditionLines(before.status, after.status)
      if before.isPaused != after.isPaused { lines.append(after.isPaused ? "paused" : "resumed") }
    }
    return lines.map { DisplayText.harmless("\(after.shortName): \($0)") }
  }

  private static func planLines(_ before: Plan?, _ after: Plan?, isFirst: Bool) -> [String] {
    guard let after else { return [] }
    let earlier = before?.id == after.id ? before : nil
    var lines: [String] = []
    if earlier == nil {
      let noun = after.tasks.count == 1 ? "task" : "tasks"
      lines.append(
        isFirst
          ? "plan \(after.name) \(after.progress)"
          : "plan \(after.name) of \(after.tasks.count) \(noun)")
    }
    for (index, task) in after.tasks.enumerated() {
      let old = earlier.flatMap { $0.tasks.indices.contains(index) ? $0.tasks[index] : nil }
      if isFirst, task.state == .complete { continue }
      if let line = taskLine(old, task) { lines.append("\(after.name)/\(task.name) \(line)") }
    }
    if after.phase != .active, earlier?.phase != after.phase || isFirst {
      lines.append(ended(after.name, after.phase, after.failedTaskDetail))
    }
    return lines
  }

  /// A plan that ended and was cleared between the two readings is told from the history.
  private static func endLines(_ before: Resource?, _ after: Resource) -> [String] {
    guard let before else { return [] }
    var known = Set(before.status.history.map(\.id))
    if let plan = before.status.plan, plan.phase != .active { known.insert(plan.id) }
    return after.status.history.prefix { !known.contains($0.id) }.reversed().map {
      ended($0.name, $0.phase, $0.detail)
    }
  }

  private static func ended(_ plan: String, _ phase: PlanPhase, _ detail: String) -> String {
    "plan \(plan) \(phase.rawValue)" + (detail.isEmpty ? "" : ": \(detail)")
  }

  private static func taskLine(_ before: PlannedTask?, _ after: PlannedTask) -> String? {
    guard let moment = after.endedAt ?? after.submittedAt ?? after.park?.since else { return nil }
    let isNews =
      before?.state != after.state || before?.attempt != after.attempt
      || before?.park?.reason != after.park?.reason
      || before?.progress?.message != after.progress?.message
    guard isNews else { return nil }
    let isPending = after.state == .pending && after.park == nil
    guard !isPending || after.attempt > 1 || after.outcomeUnknown else { return nil }
    var line = after.park == nil ? after.state.rawValue : "Parked"
    if after.attempt > 1 { line += " attempt \(after.attempt)" }
    if after.endedAt != nil, let elapsed = after.elapsed(at: moment) {
      line += " in \(ElapsedText.describe(elapsed))"
    }
    let note = after.note(at: moment)
    return note.isEmpty ? line : "\(line), \(note)"
  }

  private static func conditionLines(_ before: ResourceStatus, _ after: ResourceStatus)
    -> [String]
  {
    after.conditions.compactMap { condition in
      // Told by a line of its own.
      if condition.type == ConditionType.paused { return nil }
      let old = before.condition(condition.type)
      guard old?.status != condition.status || old?.reason != condition.reason else { return nil }
      // A condition that begins as everybody expects is no news.
      let isQuiet = condition.status == .unknown || condition.type == ConditionType.plannable
      if old == nil, isQuiet, condition.status != .isFalse { return nil }
      let message = condition.message.isEmpty ? "" : ": \(condition.message)"
      return
        "condition \(condition.type)=\(condition.status.rawValue) \(condition.reason)\(message)"
    }
  }
}
