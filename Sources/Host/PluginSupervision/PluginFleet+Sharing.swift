internal import PluginProto

/// What several plugins offer, of which one gets it: that is told, because nobody asked for it.
extension PluginFleet {
  /// Intents of one kind that several drivers would converge on the same targets: the first of them, by
  /// name, is given them.
  struct SharedIntents: Sendable, Hashable {
    var kind: String
    /// By name.
    var plugins: [String]
  }

  /// What is news of that.
  static func newlyShared(_ state: inout State) -> [PluginEvent] {
    newlySharedTypes(&state) + newlySharedIntents(&state)
  }

  private static func newlySharedTypes(_ state: inout State) -> [PluginEvent] {
    let shared = state.roster.sharedTypes
    defer { state.sharedTypes = shared }
    return shared.sorted { $0.key < $1.key }.compactMap { type, plugins in
      state.sharedTypes[type] == plugins ? nil : .typeShared(type: type, plugins: plugins)
    }
  }

  /// Told once as long as the plugins are installed: a driver that crashes and returns is no news, but a
  /// target more is.
  private static func newlySharedIntents(_ state: inout State) -> [PluginEvent] {
    let names = Set(state.entries.values.map(\.snapshot.name))
    state.sharedIntents = state.sharedIntents.filter { names.isSuperset(of: $0.key.plugins) }
    return sharedIntents(state).compactMap { shared, targets in
      guard !state.sharedIntents[shared, default: []].isSuperset(of: targets) else { return nil }
      state.sharedIntents[shared, default: []].formUnion(targets)
      return .intentsShared(
        kind: shared.kind, targets: list(targets), plugins: shared.plugins)
    }
  }

  /// By kind, in order; targets by name.
  private static func sharedIntents(_ state: State) -> [(SharedIntents, targets: [String])] {
    var drivers: [String: [String: PluginHandle]] = [:]
    for handle in state.entries.values.compactMap(\.handle) {
      for kind in handle.description.driver?.kinds ?? [] {
        drivers[kind.kind, default: [:]][handle.name] = handle
      }
    }
    return drivers.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }
      .flatMap { kind, handles -> [(SharedIntents, targets: [String])] in
        var plugins: [String: [String]] = [:]
        for (name, handle) in handles.sorted(by: { $0.key < $1.key }) {
          for target in handle.targets { plugins[target.name, default: []].append(name) }
        }
        return Dictionary(grouping: plugins.filter { $0.value.count > 1 }.keys) {
          plugins[$0] ?? []
        }
        .sorted { $0.key.lexicographicallyPrecedes($1.key) }
        .map { (SharedIntents(kind: kind, plugins: $0.key), $0.value.sorted()) }
      }
  }

  /// What of a plugin's own goes to another one.
  static func overshadowed(_ member: PluginRoster.Member, _ state: State) -> String {
    let types = state.roster.sharedTypes.sorted { $0.key < $1.key }.compactMap { type, plugins in
      guard member.types[type] != nil, let first = plugins.first, first != member.name,
        plugins.contains(member.name)
      else { return String?.none }
      return "new tasks of type \(type) go to plugin \(first), which offers it, too"
    }
    let intents = sharedIntents(state).compactMap { shared, targets in
      guard shared.plugins.dropFirst().contains(member.name) else { return String?.none }
      return
        "intents of \(shared.kind) on \(list(targets)) go to plugin \(shared.plugins[0]), which "
        + "drives them, too"
    }
    return (types + intents).joined(separator: "; ")
  }

  /// Targets that are named before the rest is only counted.
  private static let namedTargetsMax = 3

  /// For people.
  private static func list(_ targets: [String]) -> String {
    let named = targets.prefix(namedTargetsMax).joined(separator: ", ")
    let rest = targets.count - namedTargetsMax
    return rest > 0 ? "\(named) and \(rest) more" : named
  }
}
