internal import Model

/// How followed resources look on a terminal at one moment: a line for each, and one for each task
/// of its plan.
///
/// Pure: the same state at the same time gives the same lines.
struct ProgressBlock: Sendable {
  var appearance: Appearance

  func lines(_ resources: [Resource], at now: Timestamp) -> [StyledLine] {
    resources.flatMap { resource in
      [heading(resource)] + taskLines(resource.status.plan, at: now)
    }
  }

  private func heading(_ resource: Resource) -> StyledLine {
    var line = StyledLine(resource.shortName, .bold)
    let phase = resource.rolloutState ?? resource.status.phase
    line.append("  " + (phase.isEmpty ? "-" : phase))
    if let plan = resource.status.plan {
      line.append("  \(plan.name) \(plan.progress)")
      if plan.phase != .active { line.append(" " + plan.phase.rawValue, plan.phase.colour) }
    } else if let last = resource.status.history.first {
      line.append("  \(last.name) ")
      line.append(last.phase.rawValue, last.phase.colour)
    }
    if resource.isPaused { line.append("  paused", .yellow) }
    return line
  }

  private func taskLines(_ plan: Plan?, at now: Timestamp) -> [StyledLine] {
    guard let plan else { return [] }
    let nameWidth = plan.tasks.map { DisplayText.width($0.name) }.max() ?? 0
    let stateWidth = TaskState.allCases.map(\.rawValue.count).max() ?? 0
    return plan.tasks.map { task in
      var line = StyledLine("  ")
      line.append(symbol(task), colour(task))
      line.append(" " + DisplayText.padded(task.name, to: nameWidth))
      let elapsed = task.elapsed(at: now).map { ElapsedText.describe($0) } ?? ""
      let attempt = task.attempt > 1 ? "attempt \(task.attempt)" : ""
      let note = [attempt, task.note(at: now)].filter { !$0.isEmpty }.joined(separator: ", ")
      let isLast = elapsed.isEmpty && note.isEmpty
      let label = DisplayText.padded(label(task), to: isLast ? 0 : stateWidth)
      line.append("  " + label, colour(task))
      if !isLast { line.append("  " + DisplayText.padded(elapsed, to: note.isEmpty ? 0 : 6)) }
      if !note.isEmpty { line.append("  " + note) }
      return line
    }
  }

  private func label(_ task: PlannedTask) -> String {
    task.park == nil ? task.state.rawValue : "Parked"
  }

  private func symbol(_ task: PlannedTask) -> String {
    if task.park != nil { return appearance.hasSymbols ? "‖" : "=" }
    switch task.state {
    case .pending: return appearance.hasSymbols ? "·" : "."
    case .running: return appearance.hasSymbols ? "▸" : ">"
    case .waiting: return appearance.hasSymbols ? "◦" : "o"
    case .complete: return appearance.hasSymbols ? "✓" : "+"
    case .failed: return appearance.hasSymbols ? "✗" : "x"
    case .cancelled: return appearance.hasSymbols ? "−" : "-"
    }
  }

  private func colour(_ task: PlannedTask) -> StyledLine.Colour? {
    if task.park != nil { return .yellow }
    return switch task.state {
    case .pending, .cancelled: .dim
    case .running, .waiting: .cyan
    case .complete: .green
    case .failed: .red
    }
  }
}

extension PlanPhase {
  var colour: StyledLine.Colour? {
    switch self {
    case .active: .cyan
    case .complete: .green
    case .failed: .red
    case .cancelled: .yellow
    }
  }
}
