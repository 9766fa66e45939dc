internal import Execution
internal import Model
internal import Synchronization

/// How many tasks of stored plans each plugin version began: while there is one, it runs.
///
/// Derived from the store, so that nothing is counted twice or lost: read whole when a host starts,
/// and then set anew by each pass from the plan that it reads and the one that it stored.
final class PluginReferences: Sendable {
  private struct State {
    /// By resource, for each task that has not ended: the version that began it.
    var held: [ObjectKey: [String]] = [:]
    var counts: [String: Int] = [:]
  }

  private let state = Mutex(State())
  /// Told of each version whose count changed.
  private let changed: @Sendable (String, Int) -> Void

  init(changed: @escaping @Sendable (_ id: String, _ count: Int) -> Void) {
    self.changed = changed
  }

  /// - Parameter isCertain: whether the plan shows all that was delivered. If not, each task that
  ///   names a plugin may have been given to it.
  func set(_ resource: ObjectKey, _ plan: Plan?, isCertain: Bool) {
    let tasks = plan?.phase == .active ? plan?.tasks ?? [] : []
    let now = tasks.filter { task in
      task.state != .complete && !task.plugin.isEmpty && (!isCertain || task.isBegun)
    }.map(\.plugin)
    let changes = state.withLock { state -> [String: Int] in
      let before = state.held[resource] ?? []
      guard before != now else { return [:] }
      state.held[resource] = now.isEmpty ? nil : now
      for id in now { state.counts[id, default: 0] += 1 }
      for id in before { state.counts[id, default: 0] -= 1 }
      var changes: [String: Int] = [:]
      for id in Set(before + now) {
        changes[id] = state.counts[id] ?? 0
        if state.counts[id] == 0 { state.counts[id] = nil }
      }
      return changes
    }
    for (id, count) in changes { changed(id, count) }
  }
}
