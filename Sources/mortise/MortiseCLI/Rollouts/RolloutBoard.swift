internal import Model
internal import Rollout
internal import Synchronization

/// What is known of a rollout that is followed, and its place on the screen.
///
/// - Isolation: a mutex, held while writing so that lines stay whole; nothing is called back.
final class RolloutBoard: Sendable {
  private struct State {
    var reading: RolloutReading?
    var children: [Int: RolloutChild] = [:]
    var block = LiveBlock()
    /// What was told where nobody watches a terminal: of the rollout and of each child.
    var told: [String: String] = [:]
  }

  private let console: Console
  private let appearance: Appearance
  private let now: @Sendable () -> Timestamp
  private let name: String
  private let rules: TurnRules
  private let state = Mutex(State())

  init(_ reading: RolloutReading, _ surroundings: Surroundings) {
    name = reading.resource.metadata.name
    rules = reading.spec.rules
    console = surroundings.console
    now = surroundings.now
    appearance = Appearance(of: console.output, environment: surroundings.environment)
  }

  /// Takes a new reading of the deployment.
  func take(_ resource: Resource) throws(CommandFailure) {
    let reading = try RolloutReading(resource)
    try show { $0.reading = reading }
  }

  /// All children there are.
  func become(_ children: [Resource]) throws(CommandFailure) {
    try show { state in
      state.children = [:]
      for child in children { note(child, isGone: false, &state) }
    }
  }

  func change(_ child: Resource, isGone: Bool) throws(CommandFailure) {
    try show { note(child, isGone: isGone, &$0) }
  }

  /// A line that stays.
  func note(_ text: String) throws(CommandFailure) {
    try show({ _ in }, above: text)
  }

  private func note(_ child: Resource, isGone: Bool, _ state: inout State) {
    guard let ordinal = NodeDeployment.ordinal(ofChild: child.metadata.name, of: name) else {
      return
    }
    state.children[ordinal] = isGone ? nil : RolloutChild(child, rules, at: now())
  }

  private func show(_ change: (inout State) -> Void, above text: String? = nil)
    throws(CommandFailure)
  {
    try state.withLock { state throws(CommandFailure) in
      change(&state)
      var output = text.map { state.block.clear() + $0 + "\n" } ?? ""
      if let reading = state.reading {
        let table = RolloutTable(reading: reading, children: state.children)
        if let terminal = appearance.terminal {
          let lines = table.lines(appearance, limit: terminal.rows - 1)
          output += state.block.redraw(lines, appearance)
        } else {
          output += news(table, &state)
        }
      }
      if !output.isEmpty { try console.write(output) }
    }
  }

  /// Lines for what is other than it was told last.
  private func news(_ table: RolloutTable, _ state: inout State) -> String {
    var lines: [String] = []
    func tell(_ subject: String, _ text: String) {
      guard state.told.updateValue(text, forKey: subject) != text else { return }
      lines.append(DisplayText.harmless("\(subject): \(text)") + "\n")
    }
    for row in table.table(of: table.ordinals).rows where row[1] != ChildState.pending.rawValue {
      tell(row[0], row[4] == "-" ? row[1] : "\(row[1]) (\(row[4]))")
    }
    tell(name, "\(table.reading.state) \(table.reading.progress)")
    return lines.joined()
  }
}
