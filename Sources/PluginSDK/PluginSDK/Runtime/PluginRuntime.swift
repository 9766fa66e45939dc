import JSON
import LinuxSystem
import PluginProto
import Synchronization
import TTRPC

/// A plugin that is being served: what lives as long as its process.
///
/// - Isolation: immutable but for parts that keep their own mutex.
final class PluginRuntime: Sendable {
  /// Longest that one Updates call waits; the host may ask for less.
  static let updatesWaitMax = Duration.seconds(60)

  let plugin: Plugin
  let loop: EventLoop
  let log: PluginLog
  let updates: UpdateFeed
  let tasks: TaskService
  let driver: DriverService?
  let configuration = ConfigurationSlot()
  /// Fulfilled once the plugin has drained and its process may exit.
  let drained = Promise<Void>()
  /// Fulfilled when it begins to drain: what only waits for news ends.
  let drainBegan = Promise<Void>()
  private let sessions: Mutex<HostSessions>
  private let sleep: @Sendable (Duration) async throws -> Void
  private let isDraining = Atomic(false)

  /// - Parameter instance: tells this process from the plugin's others.
  /// - Parameter startUnixMS: when the process started.
  /// - Parameter sleep: how tasks wait; nil = on the loop's timers.
  init(
    _ plugin: Plugin, on loop: EventLoop, instance: String, startUnixMS: Int64, log: PluginLog,
    sleep: (@Sendable (Duration) async throws -> Void)? = nil
  ) {
    self.plugin = plugin
    self.loop = loop
    self.log = log
    // Room for a million changes in each millisecond before the cursors of two processes could meet.
    updates = UpdateFeed(start: UInt64(clamping: startUnixMS) << 20, on: loop)
    tasks = TaskService(plugin.tasks, log: log)
    driver = plugin.driver.map(DriverService.init)
    sessions = Mutex(HostSessions(instance: instance))
    self.sleep = sleep ?? { try await loop.sleep(for: $0) }
  }

  func handshake(
    _ request: PluginV1.HandshakeRequest, _ context: ServerContext
  ) throws(RPCError) -> PluginV1.HandshakeReply {
    try sessions.withLock { sessions throws(RPCError) in
      try sessions.handshake(request, on: context.connectionID)
    }
  }

  func admit(_ call: PluginV1.CallContext?, _ context: ServerContext) throws(RPCError) {
    try sessions.withLock { sessions throws(RPCError) in
      try sessions.admit(call, on: context.connectionID)
    }
  }

  func describe() -> PluginV1.DescribeReply {
    PluginV1.DescribeReply(
      name: plugin.name, version: plugin.version, taskTypes: tasks.descriptions,
      driver: driver?.description)
  }

  func health() -> PluginV1.HealthReply {
    if let failure = configuration.present?.steps?.journal.failure {
      return PluginV1.HealthReply(status: .degraded, message: failure.description)
    }
    return PluginV1.HealthReply(status: .serving)
  }

  // MARK: Configure

  func configure(
    _ request: PluginV1.ConfigureRequest
  ) async throws(RPCError) -> PluginV1.ConfigureReply {
    let config = try JSONValue.field(request.config, "config") ?? [:]
    guard try configuration.begin(config, request.stateDirectory) else { return .init() }
    do throws(RPCError) {
      configuration.finish(try await makeConfiguration(config, request.stateDirectory))
    } catch {
      configuration.finish(nil)
      throw error
    }
    return .init()
  }

  private func makeConfiguration(
    _ config: JSONValue, _ stateDirectory: String
  ) async throws(RPCError) -> PluginConfiguration {
    guard stateDirectory.hasPrefix("/") else {
      throw RPCError(
        .invalidArgument, reason: "MissingField",
        message: "state_directory must be an absolute path, not \"\(stateDirectory)\"")
    }
    var steps: ExternalSteps?
    if tasks.hasExternalTasks {
      do throws(JournalError) {
        let journal = try Journal(directory: stateDirectory)
        steps = ExternalSteps(on: loop, journal: journal, updates: updates, log: log)
      } catch {
        throw RPCError(error)
      }
    }
    do {
      try await driver?.driver.start(driverContext(config, stateDirectory))
    } catch {
      await steps?.journal.close()
      throw RPCError(
        .failedPrecondition, reason: "ConfigurationRefused", message: "\(error)")
    }
    return PluginConfiguration(
      config: config, stateDirectory: stateDirectory, steps: steps, sleep: sleep)
  }

  private func driverContext(_ config: JSONValue, _ stateDirectory: String) -> DriverContext {
    DriverContext(
      updates: DriverUpdates { [updates] target, changed in
        updates.push(PluginV1.TargetChange(target: target.wire, changed: changed.map(\.wire)))
      },
      config: config, stateDirectory: stateDirectory, loop: loop, log: log)
  }

  // MARK: Shutdown

  /// Refuses new work, lets what runs end within the grace, and lets the process exit.
  ///
  /// - Cancellation: does not end the drain.
  func shutdown(grace: Duration) async {
    let isFirst = !isDraining.exchange(true, ordering: .acquiringAndReleasing)
    if isFirst {
      updates.close()
      drainBegan.fulfill(())
      let steps = configuration.present?.steps
      let drain = loop.spawn { [drained] in
        await steps?.drain()
        drained.fulfill(())
      }
      loop.spawn { [loop, drained] in
        try? await loop.sleep(for: grace)
        drain.cancel()
        drained.fulfill(())
      }
    }
    try? await drained.value()
  }

  /// Whether new work is refused.
  var refusesWork: Bool { isDraining.load(ordering: .acquiring) }
}

extension RPCError {
  /// Why a journal could not be opened.
  init(_ error: JournalError) {
    switch error {
    case .inUse:
      self.init(.failedPrecondition, reason: "StateDirectoryInUse", message: error.description)
    case .damaged:
      self.init(.dataLoss, reason: "JournalDamaged", message: error.description)
    case .full, .closed, .failed:
      self.init(.unavailable, reason: "JournalUnavailable", message: error.description)
    }
  }
}
