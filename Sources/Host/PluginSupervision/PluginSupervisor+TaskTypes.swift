public import Model
internal import Synchronization
internal import TTRPC

/// What can be asked of the installed plugins, ready or not.
extension PluginSupervisor {
  /// A task type that a version of a plugin offers, or offered when it ran last.
  public struct TaskTypeOffer: Sendable, Equatable {
    public var type: String
    public var version: SemanticVersion
    /// `name@version`.
    public var plugin: String

    public init(type: String, version: SemanticVersion, plugin: String) {
      self.type = type
      self.version = version
      self.plugin = plugin
    }
  }

  /// Of every version that is installed and not given up for good by an operator.
  public var offers: [TaskTypeOffer] {
    fleet.state.withLock { state in
      state.roster.members.values.filter(\.isInstalled).flatMap { member in
        member.types.map { type, version in
          TaskTypeOffer(type: type, version: version, plugin: "\(member.name)@\(member.version)")
        }
      }
    }.sorted { ($0.type, $0.plugin) < ($1.type, $1.plugin) }
  }

  /// Installed plugins that have not said what they offer, each with its state in words.
  public var silent: [String] {
    fleet.state.withLock { state in
      state.entries.filter { place, _ in
        guard let member = state.roster.members[place] else { return true }
        return member.isInstalled && !member.isDriver && member.types.isEmpty
      }.sorted { $0.key < $1.key }.map { place, entry in
        let cause = entry.snapshot.message.isEmpty ? "" : ": \(entry.snapshot.message)"
        return "\(place) (\(entry.snapshot.phase.rawValue)\(cause))"
      }
    }
  }

  /// Returns when no version is on its way to its first word any more, or after `patience`.
  ///
  /// - Cancellation: returns at once.
  public func untilIntroduced(within patience: Duration) async {
    let (stream, waiter) = AsyncStream<Void>.makeStream()
    let isSettled = fleet.state.withLock { state in
      if state.isIntroduced { return true }
      state.introductions.append(waiter)
      return false
    }
    if isSettled { return }
    let timer = surroundings.loop.spawn { [loop = surroundings.loop] in
      // Cancelled where all have spoken first.
      try? await loop.sleep(for: patience)
      waiter.finish()
    }
    for await _ in stream {}
    timer.cancel()
  }
}

extension PluginFleet.State {
  /// Whether every version that is to run has said what it offers, or has been given up.
  var isIntroduced: Bool {
    !roster.members.values.contains { $0.isInstalled && $0.standing == .untried }
  }
}
