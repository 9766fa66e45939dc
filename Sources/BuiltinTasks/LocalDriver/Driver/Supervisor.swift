import Glibc
import JSON
import LinuxSystem
import PluginSDK
import TTRPC

/// Keeps volumes, pods and services as they were asked to be: the driver's one place of change.
///
/// The decisions are the machines'; this performs their effects, brackets them in the journal and
/// feeds what happens back. All of it runs on one event loop.
///
/// - Isolation: an actor on its own event loop's thread; nothing of its state leaves it.
actor Supervisor {
  static let target = "local"
  /// How long `remove` and an eviction's `apply` wait for processes to end before they answer that
  /// it goes on: what ends fast is gone when the answer comes, and the target isn't held up longer.
  static let goneWait = Duration.seconds(2)

  nonisolated let loop: EventLoop
  let directory: DataDirectory
  let images: ImageCatalog
  let passedEnvironment: [String: String]
  let volumes: VolumeStore
  let journal: EffectJournal
  let updates: DriverUpdates
  let log: PluginLog

  var addresses: Addresses
  var sets: [ObjectName: SupervisedSet] = [:]
  var pods: [ObjectName: SupervisedPod] = [:]
  var services: [ObjectName: SupervisedService] = [:]
  var logs: LogKeeper
  /// Who waits for more of a log.
  var logReaders: [Int: (path: String, continuation: CheckedContinuation<Void, Never>)] = [:]
  var nextLogReader = 0
  let serviceChanges: Inotify
  var watchedServices: [Int32: ObjectName] = [:]

  private var changed: Set<IntentKey> = []
  /// Sets whose pods changed since their last reconciliation.
  private var unreconciled: Set<ObjectName> = []
  /// True from the beginning: nothing is decided before `resume` knows all that lives.
  private var isReconciling = true
  private var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
  private var nextWaiter = 0
  /// Held as long as this driver lives: one driver to a data directory.
  private let directoryLock: FileLock

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// Opens the data directory; `resume` takes up what is in it.
  init(
    _ settings: DriverSettings, environment: [String: String], updates: DriverUpdates,
    log: PluginLog, loop: EventLoop
  ) throws {
    self.loop = loop
    self.updates = updates
    self.log = log
    directory = DataDirectory(root: settings.dataDirectory)
    images = ImageCatalog(directories: settings.imageDirectories)
    passedEnvironment = environment.filter { settings.passedEnvironment.contains($0.key) }
    volumes = VolumeStore(directory: directory)
    try FileSystem.makeDirectories(directory.root, mode: DataDirectory.mode)
    guard let lock = try FileLock.acquire(directory.lock) else {
      throw DriverFailure.recoverable(
        "DirectoryInUse", "another local driver works in \(directory.root): stop it first")
    }
    directoryLock = lock
    try directory.make()
    try directory.emptyTrash()
    let failpoint = Failpoint(
      armed: environment[Failpoint.variable], directory: directory.root)
    journal = try EffectJournal(directory: directory.root, failpoint: failpoint)
    addresses = try Addresses(directory)
    logs = try LogKeeper()
    serviceChanges = try Inotify()
  }

  /// Tells at the end of the turn that an intent's observed state may have changed.
  func note(_ kind: String, _ name: ObjectName) {
    changed.insert(IntentKey(kind, name.description, target: Self.target))
  }

  /// The set's pods or spec changed: it and its services are looked at before the turn ends.
  func noteSet(_ name: ObjectName) {
    note("StatefulSet", name)
    unreconciled.insert(name)
  }

  /// Ends a turn: reconciles what it touched, tells the host what changed and wakes who waits.
  ///
  /// What a reconciliation touches is taken up by the same loop, never by a nested one: decisions
  /// are always made on what is true after the last one was carried out.
  func endTurn() throws {
    guard !isReconciling else { return }
    isReconciling = true
    defer { isReconciling = false }
    while let name = unreconciled.popFirst() {
      try reconcileSet(name)
      try reconcileServices(of: name)
    }
    guard !changed.isEmpty else { return }
    updates.changed(changed.sorted { ($0.kind, $0.key) < ($1.kind, $1.key) }, on: Self.target)
    changed = []
    let woken = waiters.values
    waiters = [:]
    for waiter in woken { waiter.resume() }
  }

  /// What is on disk and alive is known: from here on decisions are made.
  func beginReconciling() throws {
    isReconciling = false
    try endTurn()
  }

  /// True as soon as the condition holds, false when the limit is over.
  func waitUntil(_ limit: Duration, _ condition: () -> Bool) async -> Bool {
    let deadline = MonotonicTime.now() + limit
    while !condition() {
      guard MonotonicTime.now() < deadline else { return false }
      let number = nextWaiter
      nextWaiter += 1
      let rest = deadline.duration(since: MonotonicTime.now())
      after(rest) { $0.wake(number) }
      await withCheckedContinuation { waiters[number] = $0 }
    }
    return true
  }

  private func wake(_ number: Int) { waiters.removeValue(forKey: number)?.resume() }

  /// Runs `body` here after a while.
  nonisolated func after(
    _ wait: Duration, _ body: @escaping @Sendable (isolated Supervisor) -> Void
  ) {
    loop.spawn {
      // Nobody cancels it: the loop ends with the process.
      try? await self.loop.sleep(for: wait)
      await body(self)
    }
  }

  /// The disk, or the kernel, refuses what supervision can't go on without.
  ///
  /// Ending is the safe answer: every process goes on, and the driver that the host starts next
  /// takes up what is on disk. Going on would be to act on state that isn't written down.
  nonisolated func abandon(_ error: any Error) -> Never {
    log.error(
      "the local driver can't go on and ends; its processes stay",
      [
        "error": .string("\(error)")
      ])
    exit(70)
  }

  /// Runs what must not fail outside of a call that could report it.
  func orAbandon(_ body: () throws -> Void) {
    do {
      try body()
    } catch {
      abandon(error)
    }
  }
}
