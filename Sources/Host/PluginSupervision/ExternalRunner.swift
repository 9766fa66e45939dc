internal import Diagnostics
internal import JSON
internal import LinuxSystem
internal import Model
internal import PluginProto
internal import TTRPC

/// Drives the life of a plugin that somebody else runs: a container beside the host, a debugger.
///
/// It is called as every other plugin is, and never started, limited or ended by the host.
///
/// - Isolation: an actor on the event loop.
actor ExternalRunner: PluginRunning, PluginListener {
  /// Where the plugin listens.
  struct Site: Sendable {
    /// Path of its socket.
    let socket: String
    /// How it is shown: its file's name in the plugin directory, elsewhere its path.
    let place: String
    /// What it has to call itself; nil = what it likes.
    let name: String?
  }

  /// How long one that has joined may take to answer a connection: it may stand in a debugger.
  static let patience = Duration.seconds(600)

  nonisolated let surroundings: PluginRunner.Surroundings
  nonisolated let site: Site
  nonisolated let log: Log
  nonisolated let meter = PluginMeter()
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// The plugin.yaml that grants and configures, of a plugin that calls itself so.
  private let findRules: @Sendable (_ name: String, _ version: String) -> PluginManifest?

  var machine: ExternalLifecycle
  var handle: PluginHandle?
  var updatesCursor: UInt64 = 0
  var health = ""
  var secrets: PluginSecrets { config.secrets }
  private(set) var rules: PluginManifest?
  private var config: (config: JSONObject, secrets: PluginSecrets) = (JSONObject(), PluginSecrets())
  /// As it called itself last.
  private var name: String
  private var version = ""
  private var description: PluginFleet.PluginDescription?
  /// The process that was configured last.
  private var instance = ""
  private var pid: Int32 = 0
  private var joinedUnixMS: Int64 = 0
  /// Of the socket that is called or was last.
  private var stamp: FileStamp?
  private var isClosed = false
  private var timer = SingleTimer()
  /// A driver's introduction that waits for its turn to be configured.
  private var turn: CheckedContinuation<Bool, Never>?
  private var outcomeWaiters: [CheckedContinuation<String?, Never>] = []

  init(
    _ site: Site, surroundings: PluginRunner.Surroundings,
    rules findRules: @escaping @Sendable (_ name: String, _ version: String) -> PluginManifest?
  ) {
    self.site = site
    self.surroundings = surroundings
    self.findRules = findRules
    machine = ExternalLifecycle(acceptance: surroundings.patience.acceptance)
    name = site.name ?? site.place
    log = surroundings.log.with(["plugin": .string(site.place)])
  }

  /// Looks at the socket, which may have come, gone or been replaced.
  func look() {
    guard !isClosed else { return }
    let present = FileStamp(path: site.socket)
    guard present != stamp else { return }
    stamp = present
    on(present == nil ? .removed("its socket is gone") : .appeared)
  }

  func start() { if machine.phase == .stopped { reset() } }

  func reset() {
    guard !isClosed, machine.phase == .quarantined || machine.phase == .stopped else { return }
    stamp = nil
    look()
  }

  /// Lets go of the plugin, which goes on without this host.
  func stop(grace: Duration) async { on(.removed("this host let go of it")) }

  func close(grace: Duration) async {
    isClosed = true
    await stop(grace: grace)
  }

  func proceed() {
    guard machine.isWaiting else { return }
    on(.proceed(attempt: machine.attempt))
    takeTurn(true)
  }

  /// Returns once it is accepted or waits for its turn.
  ///
  /// - Returns: why it is not; nil = it is.
  func firstOutcome() async -> String? {
    switch machine.phase {
    case .ready, .degraded: nil
    case .discovered: "there is no socket"
    case .quarantined, .stopped: machine.message
    default: await withCheckedContinuation { outcomeWaiters.append($0) }
    }
  }

  private func takeTurn(_ isGranted: Bool) {
    turn?.resume(returning: isGranted)
    turn = nil
  }

  /// Feeds the machine, tells the world, and does what the machine wants.
  private func on(_ event: ExternalLifecycle.Event) {
    let effects = machine.on(event)
    publish()
    for effect in effects { perform(effect) }
    guard machine.phase != .starting || machine.isWaiting else { return }
    let failure = machine.phase == .stopped || machine.phase == .quarantined ? machine.message : nil
    for waiter in outcomeWaiters { waiter.resume(returning: failure) }
    outcomeWaiters = []
  }

  func publish() {
    var notes = [machine.message, health]
    if machine.phase == .ready { notes.append("external, at \(site.socket)") }
    let isJoined = [.ready, .degraded].contains(machine.phase)
    var snapshot = PluginSnapshot(
      name: name, version: version, place: site.place, digest: "", phase: machine.phase,
      pid: isJoined ? pid : 0, startedUnixMS: isJoined ? joinedUnixMS : 0, restarts: 0,
      inFlight: meter.current,
      taskTypes: handle?.description.taskTypes.map(\.type) ?? [],
      intentKinds: handle?.description.driver?.kinds.map(\.kind) ?? [],
      message: notes.filter { !$0.isEmpty }.joined(separator: "; "))
    snapshot.isExternal = true
    surroundings.fleet.publish(
      site.place,
      PluginFleet.Report(
        snapshot: snapshot, handle: machine.phase == .ready ? handle : nil, standing: standing,
        description: description))
  }

  private var standing: PluginRoster.Standing {
    switch machine.phase {
    case .ready: .ready
    case .quarantined: .quarantined
    case .starting: machine.isWaiting ? .waiting : .untried
    case .degraded: machine.isWaiting ? .waiting : .down
    default: .stopped
    }
  }

  private func perform(_ effect: ExternalLifecycle.Effect) {
    switch effect {
    case .introduce(let attempt, let pause):
      loop.spawn { await self.introduce(attempt, after: pause) }
    case .setTimer(let delay):
      timer.set(delay, on: loop) { await self.timerFired($0) }
    case .cancelTimer:
      timer.cancel()
    case .announceReady:
      guard let handle else { preconditionFailure("\(name) is ready without a connection") }
      surroundings.fleet.tell(.ready(handle))
    case .announceJoined:
      log.info("external plugin joined", ["name": .string(name), "version": .string(version)])
      surroundings.fleet.tell(.joined(name: name, version: version, socket: site.socket))
    case .announceLeft(let reason):
      log.warning("external plugin left", ["name": .string(name), "reason": .string(reason)])
      surroundings.fleet.tell(.left(name: name, version: version, reason: reason))
    case .announceRefused(let reason):
      log.error("external plugin is not accepted", ["reason": .string(reason)])
      surroundings.fleet.tell(.notAccepted(name: name, reason: reason))
    case .close:
      takeTurn(false)
      handle?.client.close()
      handle = nil
      surroundings.fleet.leave(site.place)
    }
  }

  private func timerFired(_ number: Int) {
    if timer.isPresent(number) { on(.timerFired) }
  }
}

/// The connection to the plugin: made, introduced, listened to.
extension ExternalRunner {
  private func introduce(_ attempt: Int, after pause: Duration) async {
    if pause > .zero {
      do {
        try await loop.sleep(for: pause)
      } catch {
        return
      }
    }
    guard machine.attempt == attempt else { return }
    stamp = FileStamp(path: site.socket) ?? stamp
    let introduction = PluginIntroduction(
      socket: site.socket, process: nil, promised: nil, host: surroundings.host, loop: loop,
      timeout: machine.phase == .degraded ? Self.patience : surroundings.patience.acceptance,
      configuration: { instance, description async throws(IntroductionError) in
        try await self.configuration(attempt, instance, description)
      })
    do throws(IntroductionError) {
      let outcome = try await introduction.perform()
      guard machine.attempt == attempt else { return outcome.client.close() }
      take(outcome, attempt)
    } catch {
      on(.failed(attempt: attempt, secrets.redact(error.message), error.failure))
    }
  }

  private func take(_ outcome: PluginIntroduction.Outcome, _ attempt: Int) {
    if outcome.instance != instance || outcome.instance.isEmpty {
      instance = outcome.instance
      updatesCursor = 0
    }
    pid = outcome.pid
    if !machine.hasJoined { joinedUnixMS = WallTime.nowUnixMS() }
    let handle = PluginHandle(
      name: name, version: version, place: site.place, isExternal: true, digest: "",
      pid: outcome.pid, description: outcome.description,
      schemas: TaskTypeSchemas.all(of: outcome.description), targets: outcome.targets,
      grants: rules?.grants ?? PluginGrants(), features: outcome.features, secrets: secrets,
      client: outcome.client, meter: meter)
    self.handle = handle
    on(.introduced(attempt: attempt))
    loop.spawn { await self.watch(handle, attempt) }
  }

  private func watch(_ handle: PluginHandle, _ attempt: Int) async {
    on(.connectionLost(attempt: attempt, await listen(to: handle)))
  }

  /// What the plugin is to be configured with; nil where this process is already.
  private func configuration(
    _ attempt: Int, _ instance: String, _ description: PluginV1.DescribeReply
  ) async throws(IntroductionError) -> PluginV1.ConfigureRequest? {
    guard machine.attempt == attempt else {
      throw IntroductionError("another try took its place", .noConnection)
    }
    let version = try checkedVersion(description)
    name = description.name
    self.version = description.version
    self.description = PluginFleet.PluginDescription(description)
    let isDriver = description.driver != nil
    if let refusal = surroundings.fleet.join(
      site.place, PluginRoster.Member(name: name, version: version), version: self.version)
    {
      throw IntroductionError(refusal, .impostor)
    }
    publish()
    try takeRules()
    if instance == self.instance, !instance.isEmpty { return nil }
    if isDriver, await !awaitTurn(attempt) {
      throw IntroductionError("it was let go of before its turn came", .noConnection)
    }
    let paths = PluginPaths(
      stateDirectory: surroundings.stateDirectory, name: "\(name)\(PluginPaths.externalSuffix)")
    let directory = isDriver ? paths.driverDirectory : paths.ownDirectory
    do throws(SystemError) {
      try FileSystem.makeDirectories(directory, mode: 0o700)
    } catch {
      throw IntroductionError("its state directory can't be made: \(error)", .refused)
    }
    return PluginV1.ConfigureRequest(
      call: callContext, config: JSONValue.object(config.config).serialized(),
      stateDirectory: directory)
  }

  /// Names become names of directories, and nothing vouches for them.
  private func checkedVersion(_ description: PluginV1.DescribeReply) throws(IntroductionError)
    -> SemanticVersion
  {
    guard SchemaFormat.dnsLabel.matches(description.name) else {
      throw IntroductionError(
        "it calls itself \"\(description.name)\", which is no name of a plugin: lower-case letters, "
          + "digits and hyphens", .impostor)
    }
    if let expected = site.name, description.name != expected {
      throw IntroductionError(
        "it calls itself \(description.name); rename its socket \(site.socket) to "
          + "\(description.name).sock, or attach it by its path", .impostor)
    }
    guard let version = SemanticVersion(description.version) else {
      throw IntroductionError(
        "its version \"\(description.version)\" is none: write MAJOR.MINOR.PATCH", .impostor)
    }
    return version
  }

  private func takeRules() throws(IntroductionError) {
    rules = findRules(name, version)
    do throws(PluginSecrets.Missing) {
      config = (JSONObject(), PluginSecrets())
      if let rules { config = try PluginSecrets.fill(rules) }
    } catch {
      throw IntroductionError(error.message, .impostor)
    }
  }

  private func awaitTurn(_ attempt: Int) async -> Bool {
    await withCheckedContinuation { turn in
      self.turn = turn
      on(.waiting(attempt: attempt))
      if !machine.isWaiting { takeTurn(false) }
    }
  }
}
