import Glibc
public import JSON
import LinuxSystem
public import PluginSDK
import Synchronization
import TTRPC

/// Makes intents true on this machine: volumes are directories, pods are supervised processes,
/// services are loopback addresses.
///
/// The plugin's `main` hands one to `Plugin`. It is a thin shell: what it is asked goes to the
/// `Supervisor`, on an event loop of its own, so that no fsync holds up the plugin's RPC.
///
/// - Invariant: processes outlive the driver and are adopted by the next one on the same directory
///   (guarded by `CrashTests`).
/// - SeeAlso: docs/local-driver.md
public final class LocalDriver: LogDriver {
  private let supervisor = Mutex<Supervisor?>(nil)

  public init() {}

  public let kinds = [
    IntentKindDescription("PersistentVolumeClaim", band: 10),
    IntentKindDescription("StatefulSet", band: 20),
    IntentKindDescription("Service", band: 30),
    IntentKindDescription("PodEviction", band: 40),
  ]

  /// Resumes what this machine ran before, then tells what changes.
  public func start(_ context: DriverContext) async throws {
    let settings = try DriverSettings(
      context.config, stateDirectory: context.stateDirectory,
      workingDirectory: try FileSystem.workingDirectory())
    var environment: [String: String] = [:]
    for name in settings.passedEnvironment + [Failpoint.variable] {
      if let value = getenv(name) { environment[name] = String(cString: value) }
    }
    let started = try Supervisor(
      settings, environment: environment, updates: context.updates, log: context.log,
      loop: try EventLoop.startThread("local-driver"))
    try await started.resume()
    supervisor.withLock { $0 = started }
  }

  /// This machine, always reachable.
  public func targets() async -> [TargetState] { [TargetState(Supervisor.target)] }

  /// Makes one object as it is wanted.
  public func apply(_ intent: Intent) async throws(DriverFailure) -> JSONValue {
    try await answer { try await $0.apply(intent) }
  }

  /// Takes one object away.
  public func remove(_ intent: Intent) async throws(DriverFailure) -> JSONValue {
    try await answer { try await $0.remove(intent) }
  }

  /// Looks at objects as they are now.
  public func verify(
    target: String, _ intents: [Intent]
  ) async throws(DriverFailure) -> [Verification] {
    guard target == Supervisor.target else {
      throw .final("UnknownTarget", "the local driver serves the target 'local', not '\(target)'")
    }
    return try await answer { try await $0.verify(intents) }
  }

  /// The containers of a set's pods: "POD/CONTAINER".
  public func loggedProcesses(of intent: IntentKey) async throws(DriverFailure) -> [String] {
    try await answer { try await $0.loggedProcesses(of: intent) }
  }

  /// What a container wrote to stdout and stderr.
  public func readLog(_ query: LogQuery) async throws(DriverFailure) -> LogPassage {
    try await answer { try await $0.readLog(query) }
  }

  /// Every failure leaves as a DriverFailure: a bad spec is final, the system's are worth a retry.
  private func answer<Answer: Sendable>(
    _ body: (Supervisor) async throws -> Answer
  ) async throws(DriverFailure) -> Answer {
    guard let supervisor = supervisor.withLock({ $0 }) else {
      throw .recoverable("NotStarted", "the local driver is still starting")
    }
    do {
      return try await body(supervisor)
    } catch let failure as DriverFailure {
      throw failure
    } catch let error as SpecError {
      throw .final("InvalidSpec", "\(error)")
    } catch {
      throw .recoverable("SystemFailure", "\(error)")
    }
  }
}
