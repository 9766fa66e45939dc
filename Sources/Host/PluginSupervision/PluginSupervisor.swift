public import Diagnostics
internal import Glibc
internal import JSON
public import LinuxSystem
internal import Model
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
  let surroundings: PluginRunner.Surroundings
  let directory: PluginDirectory
  let fleet: PluginFleet
  private let watch = Mutex<Task<Void, Never>?>(nil)
  /// Of sockets that operators attached, by their paths: who follows each.
  let attached = Mutex<[String: Task<Void, Never>]>([:])

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
    fleet = PluginFleet(
      loop: loop, unasked: patience.unasked, log: log, onEvent: onEvent)
    surroundings = PluginRunner.Surroundings(
      loop: loop, host: host, stateDirectory: stateDirectory, policy: policy,
      patience: patience, fleet: fleet, log: log)
  }

  /// Ends what an earlier host left running, starts every plugin that is installed, and from then
  /// on follows what changes in the plugin directory.
  ///
  /// Returns when all are on their way; `ready` and `quarantined` tell where they came.
  ///
  /// - Throws: where the state directory can't be used or the plugin directory can't be listed.
  public func start() async throws(SystemError) {
    Self.keepExitStatuses()
    try prepareDirectories()
    let stuck = try await sweepOrphans()
    for (place, reason) in stuck { refuse(place, reason) }
    let watcher = try PluginDirectoryWatch(directory.path)
    take(try directory.discover(), except: Set(stuck.keys))
    let following = surroundings.loop.spawn { await self.follow(watcher, except: Set(stuck.keys)) }
    watch.withLock { $0 = following }
  }

  /// Ends all plugins: each is asked, and killed where it outlives the grace. Returns when no
  /// process of theirs is left.
  public func shutdown(grace: Duration) async {
    watch.withLock { $0 }?.cancel()
    for follower in attached.withLock({ $0.values }) { follower.cancel() }
    let all = fleet.state.withLock { state in
      state.isClosing = true
      return state.entries.values.compactMap(\.runner)
    }
    await withDiscardingTaskGroup { group in
      for runner in all { group.addTask { await runner.close(grace: grace) } }
    }
  }

  /// The version that a task of this type which has not begun goes to now.
  ///
  /// - Parameter range: of the type's version, as the blueprint writes it; empty = any.
  public func provider(ofType type: String, range: String) -> PluginProspect {
    guard !range.isEmpty else { return fleet.provider(ofType: type, range: nil) }
    do throws(VersionRangeError) {
      return fleet.provider(ofType: type, range: try VersionRange(range))
    } catch {
      return .absent("its blueprint's version is no range: \(error.message)")
    }
  }

  /// The version that began a task: nothing else may go on with it.
  ///
  /// - Parameter id: `name@version`.
  public func version(_ id: String, digest: String) -> PluginProspect {
    fleet.version(id, digest: digest)
  }

  /// Every version that takes calls and offers one of these types.
  public func offering(_ types: Set<String>) -> [PluginHandle] { fleet.offering(types) }

  /// The Ready plugin that converges intents of this kind on this target; of several, the first by
  /// name.
  public func driver(forIntentKind kind: String, target: String) -> PluginHandle? {
    fleet.driver(ofKind: kind, target: target)
  }

  /// Every version that is installed, by name, whatever its state.
  public func snapshot() -> [PluginSnapshot] { fleet.snapshots }

  /// Says what operators ordered, by `name` or `name@version`: replaces what was said before.
  public func setHolds(_ holds: [String: PluginHold]) {
    let before = fleet.state.withLock { $0.holds }
    fleet.settle { state in
      state.holds = holds
      for (place, entry) in state.entries {
        let hold = state.hold(name: entry.snapshot.name, version: entry.snapshot.version)
        state.roster.change(place) { $0.hold = hold }
      }
    }
    if before != holds { holdExternals(before) }
  }

  /// Says how many tasks of stored plans a version began: it runs while there is one.
  ///
  /// - Parameter id: `name@version`, installed or not.
  public func setReferences(_ count: Int, of id: String) {
    // Plans begin and end all the time; what runs depends only on whether there is a task at all.
    let isSettled = fleet.state.withLock { state in
      guard count > 0, state.references[id] != nil else { return false }
      state.setReferences(count, of: id)
      return true
    }
    if !isSettled { fleet.settle(mayShare: false) { $0.setReferences(count, of: id) } }
  }
}

extension PluginSupervisor {
  /// Who starts the host may have left SIGCHLD ignored; then the kernel keeps no exit status.
  private static func keepExitStatuses() {
    signal(SIGCHLD, SIG_DFL)
  }

  /// A plugin that can't even be tried is shown and told like one that was given up.
  func refuse(_ place: String, _ reason: String) {
    let name = place.split(separator: "@").first.map(String.init) ?? place
    surroundings.log.error(
      "plugin is refused", ["plugin": .string(place), "reason": .string(reason)])
    fleet.show(
      place,
      PluginSnapshot(
        name: name, version: "", place: place, digest: "", phase: .quarantined, pid: 0,
        startedUnixMS: 0, restarts: 0, inFlight: 0, taskTypes: [], intentKinds: [], message: reason)
    )
    surroundings.loop.execute { [fleet] in fleet.tell(.quarantined(name: name, reason: reason)) }
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
