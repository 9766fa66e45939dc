public import Diagnostics
internal import Glibc
internal import JSON
public import LinuxSystem
internal import Manifests
internal import Synchronization
public import TTRPC

/// The host's plugins: finds, verifies, starts, watches and ends them, and says which take calls.
///
/// Each plugin has a runner of its own on the loop; a plugin that crashes, hangs or is installed
/// wrongly concerns none of the others.
///
/// - Isolation: usable from any thread; events come on the loop.
/// - SeeAlso: `docs/plugin-lifecycle.md`.
public final class PluginSupervisor: Sendable {
  private let surroundings: PluginRunner.Surroundings
  private let directory: PluginDirectory
  private let runners = Mutex<[String: PluginRunner]>([:])

  /// - Parameters:
  ///   - directory: absolute path; each plugin is a folder in it.
  ///   - stateDirectory: absolute path; sockets, identities, logs and the plugins' own directories
  ///     are kept below it. The caller holds it against other hosts.
  ///   - onEvent: called on the loop, in the order in which things happened; must not block.
  public init(
    loop: EventLoop, directory: String, stateDirectory: String, host: HostIdentity,
    policy: RestartPolicy = RestartPolicy(), patience: PluginPatience = PluginPatience(), log: Log,
    onEvent: @escaping @Sendable (PluginEvent) -> Void
  ) {
    self.directory = PluginDirectory(path: directory)
    surroundings = PluginRunner.Surroundings(
      loop: loop, host: host, stateDirectory: stateDirectory, policy: policy,
      patience: patience, registry: PluginRegistry(), log: log, onEvent: onEvent)
  }

  /// Ends what an earlier host left running, then starts every plugin that is installed.
  ///
  /// Returns when all are on their way; `ready` and `quarantined` tell where they came.
  ///
  /// - Throws: where the state directory can't be used or the plugin directory can't be listed.
  public func start() async throws(SystemError) {
    Self.keepExitStatuses()
    try prepareDirectories()
    let stuck = try await sweepOrphans()
    let contents = try directory.discover()
    for problem in contents.problems {
      refuse(problem.folder, problem.error.description)
    }
    for manifest in contents.manifests {
      if let reason = stuck[manifest.name] {
        refuse(manifest.name, reason)
      } else {
        await runner(for: manifest).start()
      }
    }
  }

  /// Ends all plugins: each is asked, and killed where it outlives the grace. Returns when no
  /// process of theirs is left.
  public func shutdown(grace: Duration) async {
    let all = runners.withLock { Array($0.values) }
    await withDiscardingTaskGroup { group in
      for runner in all { group.addTask { await runner.stop(grace: grace) } }
    }
  }

  /// Tries a quarantined plugin again, by what its plugin.yaml says now.
  ///
  /// - Returns: false where no plugin of that name is quarantined.
  public func reset(_ name: String) async -> Bool {
    guard snapshot().contains(where: { $0.name == name && $0.phase == .quarantined }) else {
      return false
    }
    do throws(ManifestError) {
      let manifest = try PluginManifest.read(folder: "\(directory.path)/\(name)")
      if let runner = runners.withLock({ $0[name] }) {
        await runner.reset(manifest)
      } else {
        await runner(for: manifest).start()
      }
    } catch {
      refuse(name, error.description)
    }
    return true
  }

  /// A Ready plugin that carries out tasks of this type; of several, the first by name.
  public func plugin(forTaskType type: String) -> PluginHandle? {
    surroundings.registry.ready { $0.offers(taskType: type) }
  }

  /// A Ready plugin that converges intents of this kind on this target; of several, the first by
  /// name.
  public func driver(forIntentKind kind: String, target: String) -> PluginHandle? {
    surroundings.registry.ready { $0.drives(kind: kind, target: target) }
  }

  /// Every plugin that is installed, by name, whatever its state.
  public func snapshot() -> [PluginSnapshot] {
    surroundings.registry.snapshots
  }
}

extension PluginSupervisor {
  /// Who starts the host may have left SIGCHLD ignored; then the kernel keeps no exit status.
  private static func keepExitStatuses() {
    signal(SIGCHLD, SIG_DFL)
  }

  private func runner(for manifest: PluginManifest) -> PluginRunner {
    let runner = PluginRunner(manifest: manifest, surroundings: surroundings)
    runners.withLock { $0[manifest.name] = runner }
    return runner
  }

  /// A plugin that can't even be tried is shown and told like one that was given up.
  private func refuse(_ name: String, _ reason: String) {
    surroundings.log.error(
      "plugin is refused", ["plugin": .string(name), "reason": .string(reason)])
    surroundings.registry.publish(
      PluginSnapshot(
        name: name, version: "", digest: "", phase: .quarantined, pid: 0, startedUnixMS: 0,
        restarts: 0, inFlight: 0, taskTypes: [], intentKinds: [], message: reason),
      handle: nil)
    let onEvent = surroundings.onEvent
    surroundings.loop.execute { onEvent(.quarantined(name: name, reason: reason)) }
  }

  private func prepareDirectories() throws(SystemError) {
    let state = surroundings.stateDirectory
    for path in [
      PluginPaths.socketDirectory(in: state), PluginPaths.identityDirectory(in: state),
      PluginPaths.logDirectory(in: state),
    ] {
      try FileSystem.makeDirectories(path, mode: 0o700)
    }
    // Sockets above all: whoever can reach one can call the plugin.
    let sockets = PluginPaths.socketDirectory(in: state)
    guard let status = try FileSystem.status(sockets), status.kind == .directory,
      status.uid == geteuid(), status.mode & 0o077 == 0
    else {
      throw SystemError(
        code: EPERM, call: "use", subject: "\(sockets), which must be this user's alone (mode 0700)"
      )
    }
  }

  /// - Returns: by plugin, why what an earlier host left of it could not be ended.
  private func sweepOrphans() async throws(SystemError) -> [String: String] {
    let state = surroundings.stateDirectory
    let names = try FileSystem.list(PluginPaths.identityDirectory(in: state)).compactMap { name in
      name.hasSuffix(".json") ? String(name.dropLast(".json".count)) : nil
    }
    let sweep = OrphanSweep(loop: surroundings.loop)
    let log = surroundings.log
    return await withTaskGroup(of: (String, String)?.self) { group in
      for name in names {
        group.addTask {
          do throws(OrphanSweep.Stuck) {
            let orphan = try await sweep.sweep(PluginPaths(stateDirectory: state, name: name))
            if let orphan {
              log.warning(
                "ended what an earlier host left of a plugin",
                ["plugin": .string(name), "pid": .integer(Int64(orphan))])
            }
            return nil
          } catch {
            return (name, error.message)
          }
        }
      }
      return await group.reduce(into: [:]) { stuck, failure in
        if let (name, reason) = failure { stuck[name] = reason }
      }
    }
  }
}
