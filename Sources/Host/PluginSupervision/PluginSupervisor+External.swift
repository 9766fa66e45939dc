internal import Diagnostics
internal import Glibc
internal import JSON
internal import LinuxSystem
internal import Synchronization
internal import TTRPC

/// Plugins that others start: they join by a socket in the plugin directory, or by an operator's word.
extension PluginSupervisor {
  /// Calls the plugin that listens at a socket, from now on until it is detached: whenever something
  /// listens there. Returns when it is accepted.
  ///
  /// - Parameter path: absolute.
  /// - Throws: why it is not accepted, at the latest after `PluginPatience.acceptance`; then it
  ///   is not attached.
  public func attach(_ path: String) async throws(Refusal) -> PluginSnapshot {
    guard path.hasPrefix("/"), path.utf8.count <= UnixSocket.pathBytesMax else {
      throw Refusal(
        message:
          "a socket's path must be absolute and have at most \(UnixSocket.pathBytesMax) bytes")
    }
    guard (try? FileSystem.status(path))??.kind == .socket else {
      throw Refusal(
        message: "there is no socket at \(path); start the plugin with --socket \(path) first")
    }
    let runner = follow(path)
    await runner.look()
    if let failure = await runner.firstOutcome() {
      await detach(socket: path)
      throw Refusal(message: failure)
    }
    guard let snapshot = snapshot().first(where: { $0.place == path }) else {
      throw Refusal(message: "it was detached meanwhile")
    }
    return snapshot
  }

  /// What operators attached in the life of an earlier host: whatever became of it meanwhile.
  public func attachAgain(_ paths: [String]) {
    for path in paths { _ = follow(path) }
  }

  /// Lets go of an attached plugin, which goes on without this host.
  ///
  /// - Parameter name: its name or its socket's path.
  /// - Returns: the path.
  /// - Throws: where no such plugin is attached.
  public func detach(_ name: String) async throws(Refusal) -> String {
    let places = attached.withLock { Set($0.keys) }
    if !places.contains(name) { _ = try find(name) }
    guard
      let place = places.first(where: { $0 == name })
        ?? snapshot().first(where: { places.contains($0.place) && $0.isMeant(by: name) })?.place
    else {
      throw Refusal(
        message: "\(name) is not attached: it leaves when its socket or its folder is removed from "
          + "the plugin directory")
    }
    await detach(socket: place)
    return place
  }

  private func detach(socket path: String) async {
    attached.withLock { $0.removeValue(forKey: path) }?.cancel()
    let entry = fleet.state.withLock { $0.entries[path] }
    await entry?.runner?.close(grace: .zero)
    fleet.forget(path)
  }

  /// The runner of an attached socket, which is watched from now on.
  private func follow(_ path: String) -> ExternalRunner {
    let known = fleet.state.withLock { $0.entries[path]?.runner }
    if let runner = known as? ExternalRunner { return runner }
    let runner = add(ExternalRunner.Site(socket: path, place: path, name: nil))
    let follower = surroundings.loop.spawn { await self.follow(path, runner) }
    attached.withLock { $0[path] = follower }
    return runner
  }

  /// Looks whenever something of the socket's name happens in its directory.
  private func follow(_ path: String, _ runner: ExternalRunner) async {
    do {
      let watch = try Inotify()
      _ = try watch.watch(FileSystem.parent(of: path), for: .entries)
      let name = path.split(separator: "/").last.map(String.init) ?? ""
      await runner.look()
      while true {
        try await surroundings.loop.waitReadable(watch.descriptor.number)
        let events = try watch.events()
        if events.contains(where: { $0.name == name || $0.name.isEmpty }) { await runner.look() }
      }
    } catch let error as SystemError {
      surroundings.log.error(
        "an attached socket can't be watched: when it leaves, attach it again",
        ["socket": .string(path), "error": .string(error.description)])
    } catch {
      return
    }
  }

  private func add(_ site: ExternalRunner.Site) -> ExternalRunner {
    let runner = ExternalRunner(
      site, surroundings: surroundings,
      rules: { [directory] in directory.rules(for: $0, version: $1) })
    var snapshot = Self.waiting(site.name ?? "", site.place, "")
    snapshot.isExternal = true
    fleet.addExternal(site.place, snapshot, runner)
    return runner
  }

  private static func waiting(_ name: String, _ place: String, _ message: String) -> PluginSnapshot
  {
    PluginSnapshot(
      name: name, version: "", place: place, digest: "", phase: .discovered, pid: 0,
      startedUnixMS: 0, restarts: 0, inFlight: 0, taskTypes: [], intentKinds: [], message: message)
  }

  /// A plugin.yaml whose plugin others start: shown until that joins.
  func awaitExternal(_ manifest: PluginManifest) {
    var snapshot = Self.waiting(
      manifest.name, manifest.place,
      "others start it: it joins by a socket \(manifest.name)\(PluginDirectory.socketSuffix) in the "
        + "plugin directory, or by mortise plugins attach")
    snapshot.version = manifest.version
    fleet.show(manifest.place, snapshot)
  }

  /// Brings the external plugins of the plugin directory to the sockets that are there.
  func take(sockets: [String]) {
    let known = fleet.state.withLock { $0.entries }
    for file in sockets {
      let runner =
        known[file]?.runner as? ExternalRunner
        ?? add(
          ExternalRunner.Site(
            socket: "\(directory.path)/\(file)", place: file,
            name: String(file.dropLast(PluginDirectory.socketSuffix.count))))
      surroundings.loop.spawn { await runner.look() }
    }
    for (place, entry) in known
    where entry.snapshot.isExternal && !place.hasPrefix("/") && !sockets.contains(place) {
      surroundings.loop.spawn { [fleet] in
        await (entry.runner as? ExternalRunner)?.look()
        await entry.runner?.close(grace: .zero)
        fleet.forget(place)
      }
    }
  }

  /// Lets go of those that are disabled now, and looks at those again that were.
  ///
  /// - Parameter before: what was ordered before.
  func holdExternals(_ before: [String: PluginHold]) {
    let (now, entries) = fleet.state.withLock { ($0, $0.entries.values) }
    var then = now
    then.holds = before
    for entry in entries where entry.snapshot.isExternal {
      guard let runner = entry.runner else { continue }
      let (name, version) = (entry.snapshot.name, entry.snapshot.version)
      let isDisabled = now.hold(name: name, version: version) == .disabled
      guard isDisabled != (then.hold(name: name, version: version) == .disabled) else { continue }
      surroundings.loop.spawn {
        if isDisabled { await runner.stop(grace: .zero) } else { await runner.reset() }
      }
    }
  }
}
