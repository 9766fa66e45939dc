internal import Model
internal import PluginProto
internal import Synchronization

extension PluginFleet {
  /// The version that a task of the type, which has not begun, goes to now.
  ///
  /// A version that rests and that alone would do is started by asking.
  func provider(ofType type: String, range: VersionRange?) -> PluginProspect {
    var isResting = false
    let prospect = state.withLock { state -> PluginProspect in
      switch state.roster.choose(type: type, range: range) {
      case .ready(let place):
        if !state.roster.isServing(place) { state.roster.ask(place) }
        guard let handle = state.entries[place]?.handle else {
          return .absent("plugin \(place) lost its connection")
        }
        return .ready(handle)
      case .resting(let place):
        state.roster.ask(place)
        isResting = true
        return .absent("plugin \(place) is being started for it")
      case .nobody(let reason):
        return .absent(reason)
      }
    }
    if isResting { settle { _ in } }
    return prospect
  }

  /// The very version that began a task; its digest must be the same.
  func version(_ id: String, digest: String) -> PluginProspect {
    state.withLock { state in
      guard let entry = state.entries.values.first(where: { $0.snapshot.id == id }) else {
        let remedy =
          id.hasSuffix(PluginSnapshot.externalMark)
          ? "is not there; start it again, or attach it"
          : "is not installed; install that version again"
        return .absent(
          "\(id) began it and \(remedy), or give the task up with mortise replan")
      }
      guard let handle = entry.handle else {
        let cause = entry.snapshot.message.isEmpty ? "" : ": \(entry.snapshot.message)"
        let remedy = entry.snapshot.isExternal ? "; start it again, or attach it" : ""
        return .absent(
          "\(id), which began it, is \(entry.snapshot.phase.rawValue)\(cause)\(remedy)")
      }
      guard handle.digest == digest || digest.isEmpty else {
        return .absent(
          "\(id) began it as \(digest) and is \(handle.digest) now; install that file again, or "
            + "give the task up with mortise replan")
      }
      return .ready(handle)
    }
  }

  /// The driver for intents of this kind on this target; of several, the first by name. Of one
  /// plugin the version that serves, or else whichever is configured: there is one at most.
  func driver(ofKind kind: String, target: String) -> PluginHandle? {
    state.withLock { state in
      let handles = state.entries.compactMap { place, entry in
        entry.handle.map { (place, $0) }
      }.filter { $0.1.drives(kind: kind, target: target) }
      let first = handles.map(\.1.name).min()
      let ofFirst = handles.filter { $0.1.name == first }
      return
        (ofFirst.first { state.roster.serving[$0.1.name] == $0.0 }
        ?? ofFirst.min { $0.0 < $1.0 })?.1
    }
  }

  /// Every version that takes calls and offers one of the types.
  func offering(_ types: Set<String>) -> [PluginHandle] {
    state.withLock { state in
      state.entries.values.compactMap(\.handle).filter { handle in
        handle.description.taskTypes.contains { types.contains($0.type) }
      }
    }
  }

  /// In the order in which they are shown: by name, the newest version first.
  var snapshots: [PluginSnapshot] {
    state.withLock { state -> [PluginSnapshot] in
      let joined = Set(
        state.entries.values.filter(\.snapshot.isExternal).map(\.snapshot.name))
      return state.entries.filter {
        !$0.value.isPlaceholder || !joined.contains($0.value.snapshot.name)
      }
      .map { place, entry in
        var snapshot = entry.snapshot
        if let meter = entry.runner?.meter { snapshot.measure(meter) }
        if let member = state.roster.members[place] {
          snapshot.references = member.references
          snapshot.isServing = state.roster.serving[member.name] == place
          snapshot.hold = member.hold
          snapshot.taskTypes = member.types.keys.sorted()
          let notes = [
            snapshot.message, entry.note, Self.note(of: member, state.roster),
            Self.overshadowed(member, state),
          ]
          snapshot.message = notes.filter { !$0.isEmpty }.joined(separator: "; ")
        }
        return snapshot
      }.sorted { left, right in
        if left.name != right.name { return left.name < right.name }
        let versions = (SemanticVersion(left.version), SemanticVersion(right.version))
        guard let a = versions.0, let b = versions.1, a != b else {
          return left.place < right.place
        }
        return a > b
      }
    }
  }

  private static func servesExternally(_ member: PluginRoster.Member, _ roster: PluginRoster)
    -> Bool
  {
    roster.serving[member.name].flatMap { roster.members[$0] }?.isExternal ?? false
  }

  /// Why a version takes no new work.
  private static func note(of member: PluginRoster.Member, _ roster: PluginRoster) -> String {
    if !member.isInstalled { return "its folder is gone" }
    if member.isExternal { return "" }
    switch member.hold {
    case .draining: return "takes no new tasks until it is enabled"
    case .disabled: return "disabled by an operator"
    case nil: break
    }
    if member.standing == .waiting { return "waits until the version before it has ended" }
    guard let served = roster.serving[member.name].flatMap({ roster.members[$0] }),
      served.version != member.version, member.standing != .quarantined
    else {
      return servesExternally(member, roster) ? "an external plugin takes its place" : ""
    }
    return member.version < served.version ? "superseded by \(served.version)" : ""
  }
}

/// Who carries out a task, or why nobody does now.
public enum PluginProspect: Sendable {
  case ready(PluginHandle)
  /// For people; what is waited for is told by an event when it comes.
  case absent(String)
}
