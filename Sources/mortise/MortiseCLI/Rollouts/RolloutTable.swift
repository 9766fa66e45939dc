internal import Model
internal import Rollout

/// A rollout and its children, as `rollout status` shows them.
struct RolloutTable: Sendable {
  var reading: RolloutReading
  /// By number.
  var children: [Int: Resource]
  var now: Timestamp

  func lines(_ appearance: Appearance) -> [StyledLine] {
    var lines = [heading]
    if !reading.trouble.isEmpty { lines.append(StyledLine("  " + reading.trouble, .red)) }
    let table = table
    guard !table.rows.isEmpty else { return lines }
    let layout = table.layout(fitting: appearance.terminal?.columns, indentation: "  ")
    lines.append(StyledLine(layout.line(table.titles, isCut: true), .dim))
    for row in table.rows {
      lines.append(StyledLine(layout.line(row, isCut: true), Self.colour(row[1])))
    }
    return lines
  }

  private var heading: StyledLine {
    var line = StyledLine(reading.resource.metadata.name, .bold)
    line.append("  \(reading.state)", Self.colour(reading.status.attempt?.state.rawValue ?? ""))
    line.append("  \(reading.progress)")
    guard let attempt = reading.status.attempt else { return line }
    line.append(
      "  attempt \(attempt.number) of revision \(attempt.revision), on failure "
        + attempt.onFailure.text)
    return line
  }

  private static func colour(_ state: String) -> StyledLine.Colour? {
    switch state {
    case ChildState.complete.rawValue: .green
    case ChildState.failed.rawValue: .red
    case ChildState.running.rawValue: .cyan
    case ChildState.unknown.rawValue, ChildState.cancelled.rawValue, ChildState.stopped.rawValue:
      .yellow
    default: nil
    }
  }

  var table: TextTable {
    var table = TextTable(["CHILD", "STATE", "REVISION", "PLAN", "DETAIL"])
    let attempt = reading.status.attempt
    let count = attempt?.replicas ?? reading.spec.replicas
    let ordinals = Set(0..<count).union(children.keys).sorted()
    for ordinal in ordinals {
      let name = NodeDeployment.childName(ordinal, of: reading.resource.metadata.name)
      guard let child = children[ordinal] else {
        table.append([name, ChildState.pending.rawValue, "-", "-", "-"])
        continue
      }
      table.append(row(name, child, isTooMany: ordinal >= count))
    }
    return table
  }

  private func row(_ name: String, _ child: Resource, isTooMany: Bool) -> [String] {
    let attempt = reading.status.attempt
    let seat = ChildSeat(child, template: nil, reading.spec.rules, at: now)
    let state = seat.state(attempt: attempt?.number ?? 0, revision: attempt?.revision ?? 0)
    let plan = child.status.plan.map { "\($0.name) \($0.progress)" } ?? "-"
    let failure = state == .failed ? seat.failure : nil
    let detail =
      failure.map { ($0.task.isEmpty ? "" : "\($0.task): ") + $0.error }
      ?? (isTooMany ? "is to go" : child.isPaused ? "is paused" : "-")
    return [
      name, seat.isLeaving ? "Deleting" : state.rawValue,
      seat.turn.map { String($0.revision) } ?? "-", plan, detail,
    ]
  }
}
