internal import Model
internal import Rollout

/// A child as a rollout's table shows it: read once, when it changed.
struct RolloutChild: Sendable {
  var seat: ChildSeat
  /// "publish 0/1".
  var plan: String
  var isPaused: Bool

  init(_ child: Resource, _ rules: TurnRules, at now: Timestamp) {
    seat = ChildSeat(child, template: nil, rules, at: now)
    plan = child.status.plan.map { "\($0.name) \($0.progress)" } ?? "-"
    isPaused = child.isPaused
  }
}

/// A rollout and its children, as `rollout status` shows them.
struct RolloutTable: Sendable {
  var reading: RolloutReading
  /// By number.
  var children: [Int: RolloutChild]

  /// - Parameter limit: of lines; where it is too low, children that are well or far from their turn
  ///   are counted instead. Nil = there is room for all.
  func lines(_ appearance: Appearance, limit: Int? = nil) -> [StyledLine] {
    var lines = [heading]
    if !reading.trouble.isEmpty { lines.append(StyledLine("  " + reading.trouble, .red)) }
    var shown = ordinals
    var others: String?
    // The titles take one, and what is left out another one.
    if let limit, shown.count > limit - lines.count - 1 {
      (shown, others) = excerpt(of: shown, max(0, limit - lines.count - 2))
    }
    let table = table(of: shown)
    guard !table.rows.isEmpty else { return lines }
    let layout = table.layout(fitting: appearance.terminal?.columns, indentation: "  ")
    lines.append(StyledLine(layout.line(table.titles, isCut: true), .dim))
    for row in table.rows {
      lines.append(StyledLine(layout.line(row, isCut: true), Self.colour(row[1])))
    }
    if let others { lines.append(StyledLine("  " + others, .dim)) }
    return lines
  }

  /// The children that matter most, in order, and a count of the others.
  private func excerpt(of ordinals: [Int], _ count: Int) -> ([Int], String) {
    let ranked = ordinals.map { (rank: Self.rank(state($0)), ordinal: $0) }
      .sorted { ($0.rank, $0.ordinal) < ($1.rank, $1.ordinal) }
    var counts: [String: Int] = [:]
    for (_, ordinal) in ranked.dropFirst(count) {
      counts[state(ordinal).rawValue.lowercased(), default: 0] += 1
    }
    let others = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    return (
      ranked.prefix(count).map(\.ordinal).sorted(),
      "and \(ranked.count - count) more: " + others.joined(separator: ", ")
    )
  }

  private static func rank(_ state: ChildState) -> Int {
    switch state {
    case .failed, .unknown, .cancelled, .stopped, .reverted: 0
    case .running: 1
    case .pending: 2
    case .complete: 3
    }
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

  /// All children that are there or are to be.
  var ordinals: [Int] {
    Set(0..<count).union(children.keys).sorted()
  }

  private var count: Int { reading.status.attempt?.replicas ?? reading.spec.replicas }

  private func state(_ ordinal: Int) -> ChildState {
    let attempt = reading.status.attempt
    return children[ordinal]?.seat.state(
      attempt: attempt?.number ?? 0, revision: attempt?.revision ?? 0) ?? .pending
  }

  func table(of ordinals: [Int]) -> TextTable {
    var table = TextTable(["CHILD", "STATE", "REVISION", "PLAN", "DETAIL"])
    for ordinal in ordinals {
      let name = NodeDeployment.childName(ordinal, of: reading.resource.metadata.name)
      guard let child = children[ordinal] else {
        table.append([name, ChildState.pending.rawValue, "-", "-", "-"])
        continue
      }
      table.append(row(name, child, state(ordinal), isTooMany: ordinal >= count))
    }
    return table
  }

  private func row(
    _ name: String, _ child: RolloutChild, _ state: ChildState, isTooMany: Bool
  ) -> [String] {
    let trouble = state == .failed || state == .unknown ? child.seat.failure : nil
    let detail =
      trouble.map { ($0.task.isEmpty ? "" : "\($0.task): ") + $0.error }
      ?? (isTooMany ? "is to go" : child.isPaused ? "is paused" : "-")
    return [
      name, child.seat.isLeaving ? "Deleting" : state.rawValue,
      child.seat.turn.map { String($0.revision) } ?? "-", child.plan, detail,
    ]
  }
}
