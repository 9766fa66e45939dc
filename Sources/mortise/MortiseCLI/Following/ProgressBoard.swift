internal import Model
internal import Synchronization

/// Shows what is followed while it is followed: a block that is redrawn on a terminal, a line a
/// change elsewhere.
///
/// - Isolation: a mutex, held while writing so that lines stay whole; nothing is called back.
final class ProgressBoard: Sendable {
  private struct State {
    /// In the order in which they were seen first.
    var resources: [Resource] = []
    var block = LiveBlock()
  }

  let appearance: Appearance
  private let console: Console
  private let now: @Sendable () -> Timestamp
  private let state = Mutex(State())

  /// How often running times on a terminal are brought up to date.
  static let tick = Duration.milliseconds(250)

  init(_ surroundings: Surroundings) {
    console = surroundings.console
    now = surroundings.now
    appearance = Appearance(of: console.output, environment: surroundings.environment)
  }

  var isLive: Bool { appearance.terminal != nil }

  /// Takes a new reading of a resource.
  func update(_ resource: Resource) throws(CommandFailure) {
    try write { state in
      let index = state.resources.firstIndex { $0.key == resource.key }
      let before = index.map { state.resources[$0] }
      // One that was made again is another one.
      let earlier = before?.metadata.uid == resource.metadata.uid ? before : nil
      if let index {
        state.resources[index] = resource
      } else {
        state.resources.append(resource)
      }
      return isLive
        ? draw(&state)
        : ProgressChanges.lines(from: earlier, to: resource).map { $0 + "\n" }.joined()
    }
  }

  /// Takes it that the resource is gone.
  func remove(_ key: ObjectKey, named name: String) throws(CommandFailure) {
    try write { state in
      state.resources.removeAll { $0.key == key }
      return note("\(name): deleted", &state)
    }
  }

  /// A line that stays, above the block.
  func note(_ text: String) throws(CommandFailure) {
    try write { state in note(text, &state) }
  }

  /// Brings the times up to date; only on a terminal.
  func refresh() throws(CommandFailure) {
    guard isLive else { return }
    try write { state in draw(&state) }
  }

  private func note(_ text: String, _ state: inout State) -> String {
    guard isLive else { return text + "\n" }
    return state.block.clear() + StyledLine(text).rendered(appearance) + "\n" + draw(&state)
  }

  private func draw(_ state: inout State) -> String {
    let lines = ProgressBlock(appearance: appearance).lines(state.resources, at: now())
    return state.block.redraw(lines, appearance)
  }

  private func write(_ body: (inout State) -> String) throws(CommandFailure) {
    try state.withLock { state throws(CommandFailure) in
      let text = body(&state)
      if !text.isEmpty { try console.write(text) }
    }
  }
}
