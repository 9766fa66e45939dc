internal import Model
internal import Synchronization

/// What external plugins tell of themselves.
extension PluginFleet {
  /// Takes a socket in; what listens there is a plugin once it says so.
  func addExternal(_ place: String, _ snapshot: PluginSnapshot, _ runner: ExternalRunner) {
    state.withLock { $0.entries[place] = Entry(snapshot: snapshot, runner: runner) }
  }

  func forget(_ place: String) {
    settle { state in
      state.roster.remove(place)
      state.entries[place] = nil
    }
  }

  /// A plugin at this place introduced itself and wants to be one of the plugins.
  ///
  /// - Parameter version: as it wrote it.
  /// - Returns: why it may not; nil = it may.
  func join(_ place: String, _ newcomer: PluginRoster.Member, version: String) -> String? {
    state.withLock { state in
      let (name, hold) = (newcomer.name, state.hold(name: newcomer.name, version: version))
      if hold == .disabled {
        return "an operator disabled it; mortise plugins enable \(name) lets it join"
      }
      let rival = state.roster.members.first { other, member in
        other != place && member.isExternal && member.name == name
      }
      if let rival {
        return "another external plugin is called \(name), at \(rival.key): end that one first, or "
          + "give this one a name of its own"
      }
      var member = state.roster.members[place] ?? newcomer
      member.version = newcomer.version
      member.isExternal = true
      member.hold = hold
      member.references =
        state.references[PluginSnapshot.id(name, version, isExternal: true)] ?? 0
      state.roster.add(place, member)
      return nil
    }
  }

  /// It is none of the plugins any more; its socket is shown as long as it is there.
  func leave(_ place: String) {
    settle { $0.roster.remove(place) }
  }
}
