public import JSON
internal import LinuxSystem
internal import Manifests
internal import Model
internal import Synchronization

/// What an operator orders of a plugin.
extension PluginSupervisor {
  /// Why an order is not carried out.
  public struct Refusal: Error, Sendable, Equatable {
    public let message: String

    public init(message: String) { self.message = message }
  }

  /// Tries a quarantined plugin again, by what its plugin.yaml says now.
  ///
  /// - Parameter name: of a plugin, or `name@version`.
  /// - Throws: where no version of it is quarantined.
  public func reset(_ name: String) async throws(Refusal) {
    let quarantined = try find(name).filter { $0.phase == .quarantined }
    guard !quarantined.isEmpty else {
      throw Refusal(
        message: "\(name) is not quarantined; mortise plugins restart \(name) restarts it")
    }
    rescan()
    for snapshot in quarantined {
      if let runner = runner(snapshot.place) { await runner.reset() }
    }
  }

  /// Ends a plugin's process and starts it again, by what its plugin.yaml and its executable are now.
  ///
  /// Returns when the old process has ended and the new one is on its way.
  /// - Throws: where that would give a task to another executable than the one that began it.
  public func restart(_ name: String) async throws(Refusal) {
    for snapshot in try find(name)
    where snapshot.isServing || snapshot.pid > 0
      || snapshot.phase == .quarantined
    {
      guard !snapshot.isExternal else {
        throw Refusal(message: "\(snapshot.id) is external: restart it where it runs")
      }
      guard let runner = runner(snapshot.place) as? PluginRunner else { continue }
      if snapshot.references > 0, await runner.wouldChange {
        throw Refusal(
          message: "\(snapshot.references) tasks that \(snapshot.id) began are in flight, and its "
            + "folder holds another executable or version now: install that beside it, or wait until "
            + "they are done (mortise plugins drain \(snapshot.place))")
      }
      await runner.restart(grace: PluginFleet.retireGrace)
      renew(snapshot.place, await runner.manifest)
    }
  }

  /// The versions that a name stands for: of a plugin all, with `@` the one.
  ///
  /// - Throws: where there is none, naming those that there are.
  public func find(_ name: String) throws(Refusal) -> [PluginSnapshot] {
    let all = snapshot()
    let found = all.filter { $0.isMeant(by: name) }
    guard found.isEmpty else { return found }
    let known = all.map(\.place).joined(separator: ", ")
    throw Refusal(
      message: "no plugin \"\(name)\" is installed; there is \(known.isEmpty ? "none" : known)")
  }

  /// What plugin.yaml allows a version and what it says of itself, for people. No config: it may
  /// hold what is nobody's business.
  public func details(of place: String) async -> JSONValue {
    let entry = fleet.state.withLock { $0.entries[place] }
    var object = JSONObject()
    if let manifest = await entry?.runner?.rules { object = manifest.details }
    if let handle = entry?.handle {
      object["offers"] = handle.secrets.redact(handle.description.details)
    }
    return .object(object)
  }

  /// Where a version's output is kept.
  public func logPath(of snapshot: PluginSnapshot) -> String {
    PluginPaths(stateDirectory: surroundings.stateDirectory, name: snapshot.place).log
  }

  /// Where the output of a version may be, installed or not: a folder is called by the plugin's name or
  /// by the version's.
  ///
  /// - Parameter id: `name@version`.
  public func logPaths(ofVersion id: String) -> [String] {
    let installed = snapshot().filter { $0.id == id }.map(\.place)
    let places =
      installed.isEmpty ? [id, String(id.prefix { $0 != "@" })] : installed
    return places.map {
      PluginPaths(stateDirectory: surroundings.stateDirectory, name: $0).log
    }
  }

  private func runner(_ place: String) -> (any PluginRunning)? {
    fleet.state.withLock { $0.entries[place]?.runner }
  }

  /// A folder may hold another version since.
  private func renew(_ place: String, _ manifest: PluginManifest) {
    fleet.settle { state in
      state.entries[place]?.note = ""
      let id = "\(manifest.name)@\(manifest.version)"
      let hold = state.hold(name: manifest.name, version: manifest.version)
      let references = state.references[id] ?? 0
      state.roster.change(place) { member in
        member.version = SemanticVersion(manifest.version) ?? member.version
        member.hold = hold
        member.references = references
      }
    }
  }

  private func rescan() {
    if let contents = try? directory.discover() { take(contents, except: []) }
  }
}
