internal import Diagnostics
internal import JSON
internal import LinuxSystem
internal import Manifests
internal import Synchronization
internal import TTRPC

/// What is installed, followed while the host runs.
extension PluginSupervisor {
  func follow(_ watch: PluginDirectoryWatch, except stuck: Set<String>) async {
    while true {
      do {
        try await watch.next(on: surroundings.loop)
        take(try directory.discover(), except: stuck)
      } catch let error as SystemError {
        surroundings.log.error(
          "the plugin directory can't be read; what is installed stays as it was",
          ["error": .string(error.description)])
      } catch {
        return
      }
    }
  }

  /// Brings what runs to what is installed.
  func take(_ contents: PluginDirectory.Contents, except stuck: Set<String>) {
    let known = fleet.state.withLock { $0.entries }
    var versions: Set<String> = []
    for installed in contents.installed where !stuck.contains(installed.manifest.place) {
      let manifest = installed.manifest
      let place = manifest.place
      guard versions.insert("\(manifest.name)@\(manifest.version)").inserted else {
        refuse(place, "\(manifest.name) \(manifest.version) is installed in another folder, too")
        continue
      }
      if manifest.isExternal {
        if known[place]?.runner == nil { awaitExternal(manifest) }
      } else if let runner = known[place]?.runner as? PluginRunner {
        surroundings.loop.spawn { await self.update(runner, installed) }
      } else {
        start(installed)
      }
    }
    for problem in contents.problems where !stuck.contains(problem.folder) {
      let reason = problem.error.description
      if known[problem.folder]?.runner != nil {
        note(problem.folder, "its plugin.yaml is wrong now: \(reason)")
      } else if known[problem.folder]?.snapshot.message != reason {
        refuse(problem.folder, reason)
      }
    }
    take(sockets: contents.sockets)
    let present = Set(
      contents.installed.map(\.manifest).filter { manifest in
        !manifest.isExternal || known[manifest.place]?.runner == nil
      }.map(\.place) + contents.problems.map(\.folder)
        + stuck)
    fleet.settle { state in
      for (place, entry) in state.entries
      where !present.contains(place) && !entry.snapshot.isExternal {
        if entry.runner == nil { state.entries[place] = nil }
        state.roster.change(place) { member in
          if !member.isExternal { member.isInstalled = false }
        }
      }
    }
  }

  private func start(_ installed: PluginDirectory.Installed) {
    let manifest = installed.manifest
    let runner = PluginRunner(installed: installed, surroundings: surroundings)
    fleet.add(
      manifest.place,
      PluginSnapshot(
        name: manifest.name, version: manifest.version, place: manifest.place, digest: "",
        phase: .discovered, pid: 0, startedUnixMS: 0, restarts: 0, inFlight: 0, taskTypes: [],
        intentKinds: [], message: ""),
      runner)
  }

  /// What stands in the folder of a version that is known.
  private func update(_ runner: PluginRunner, _ installed: PluginDirectory.Installed) async {
    let place = installed.manifest.place
    fleet.settle { state in state.roster.change(place) { $0.isInstalled = true } }
    switch await runner.consider(installed) {
    case .nothing:
      note(place, "")
    case .restart:
      note(place, "")
      await runner.restart(grace: PluginFleet.retireGrace)
    case .refuse(let reason):
      guard note(place, reason) else { return }
      surroundings.log.error(
        "a change of a running plugin is refused",
        ["plugin": .string(place), "reason": .string(reason)])
      fleet.tell(.changeRefused(name: installed.manifest.name, reason: reason))
    }
  }

  /// - Returns: whether that is news.
  @discardableResult
  private func note(_ place: String, _ text: String) -> Bool {
    fleet.state.withLock { state in
      guard state.entries[place]?.note != text else { return false }
      state.entries[place]?.note = text
      return true
    }
  }
}
