internal import Model
internal import Rollout
internal import Synchronization

/// What is known of a rollout that is followed, and its place on the screen.
///
/// - Isolation: a mutex, held while writing so that lines stay whole; nothing is called back.
final class RolloutBoard: Sendable {
  private struct State {
    var reading: RolloutReading?
    var children: [Int: Resource] = [:]
    var block = LiveBlock()
    /// What was told where nobody watches a terminal: of the rollout and of each child.
    var told: [String: String] = [:]
  }

  private let console: Console
  private let appearance: Appearance
  private let now: @Sendable () -> Timestamp
  private let name: String
  private let isPatient: Bool
  private let state = Mutex(State())

  /// - Parameter isPatient: whether a failure that lets the others go on is waited out.
  init(_ name: String, isPatient: Bool, _ surroundings: Surroundings) {
    self.name = name
    self.isPatient = isPatient
    console = surroundings.console
    now = surroundings.now
    appearance = Appearance(of: console.output, environment: surroundings.environment)
  }

  /// Takes a new reading of the deployment; answers what it has come to, nil while it goes on.
  func take(_ resource: Resource) throws(CommandFailure) -> ExitCode? {
    let reading = try RolloutReading(resource)
    try show { $0.reading = reading }
    return reading.verdict(isPatient: isPatient)
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
    state.children[ordinal] = isGone ? nil : child
  }

  /// The present state, once, for who does not follow it.
  func table() -> [StyledLine] {
    state.withLock { table($0)?.lines(appearance) ?? [] }
  }

  private func table(_ state: State) -> RolloutTable? {
    state.reading.map { RolloutTable(reading: $0, children: state.children, now: now()) }
  }

  private func show(_ change: (inout State) -> Void, above text: String? = nil)
    throws(CommandFailure)
  {
    try state.withLock { state throws(CommandFailure) in
      change(&state)
      var output = text.map { state.block.clear() + $0 + "\n" } ?? ""
      if let table = table(state) {
        output +=
          appearance.terminal != nil
          ? state.block.redraw(table.lines(appearance), appearance) : news(table, &state)
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
    for row in table.table.rows where row[1] != ChildState.pending.rawValue {
      tell(row[0], row[4] == "-" ? row[1] : "\(row[1]) (\(row[4]))")
    }
    tell(name, "\(table.reading.state) \(table.reading.progress)")
    return lines.joined()
  }
}
