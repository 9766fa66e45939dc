import Devices
import Glibc
import GroupKeys
public import JSON
import LinuxSystem
public import PluginSDK
import Synchronization

/// Makes intents about groups true on devices: one target for each device, each a process of its own.
///
/// The plugin's `main` hands one to `Plugin`. `config.fleet` names the directory of the devices, relative
/// to the plugin's folder.
///
/// - SeeAlso: docs/groups.md
public final class DeviceDriver: CapacityDriver {
  private struct Started: Sendable {
    var fleet: DeviceFleet
    var vault: KeyVault
  }

  private let started = Mutex<Started?>(nil)

  public init() {}

  /// A key set before the groups that use it, a group before who is in it.
  public let kinds = [
    IntentKindDescription(GroupKind.keySet, band: 10),
    IntentKindDescription(GroupKind.keyMap, band: 20),
    IntentKindDescription(GroupKind.membership, band: 30),
  ]

  /// Finds the devices, connects to those that listen, and follows who comes and goes.
  public func start(_ context: DriverContext) async throws {
    guard let fleet = context.config["fleet"]?.string, !fleet.isEmpty else {
      throw TableFormatError("config.fleet must name the directory of the devices")
    }
    let place = FleetPlace(
      fleet.hasPrefix("/") ? fleet : "\(try FileSystem.workingDirectory())/\(fleet)")
    let devices = try DeviceFleet(place, context)
    started.withLock {
      $0 = Started(fleet: devices, vault: KeyVault(directory: "\(context.stateDirectory)/keys"))
    }
    try await devices.start()
  }

  /// Every device that has a directory or a socket.
  public func targets() async -> [TargetState] {
    guard let started = started.withLock({ $0 }) else { return [] }
    return await started.fleet.targets
  }

  /// Writes what the intent wants into the device's table.
  public func apply(_ intent: Intent) async throws(DriverFailure) -> JSONValue {
    try await answer { started in
      let wanted = try WantedEntry(intent)
      let change = try wanted.setting { try started.vault.secret(of: $0, in: $1) }
      let state = try await Self.make(change, on: intent.key.target, started)
      return wanted.observed(in: state) ?? .null
    }
  }

  /// Takes it out of the device's table.
  public func remove(_ intent: Intent) async throws(DriverFailure) -> JSONValue {
    try await answer { started in
      let change = try WantedEntry.removing(intent.key)
      _ = try await Self.make(SecretChange(change), on: intent.key.target, started)
      return .null
    }
  }

  private static func make(
    _ change: SecretChange, on target: String, _ started: Started
  ) async throws -> DeviceReading {
    let link = try await started.fleet.link(target)
    let answer = try await link.ask(["op": "change", "change": change.json])
    return try DeviceReading(answer["state"] ?? .null)
  }

  /// Reads the device's table once and holds the intents against it.
  public func verify(
    target: String, _ intents: [Intent]
  ) async throws(DriverFailure) -> [Verification] {
    try await answer { started in
      let state = try await Self.read(target, started)
      return try intents.map { intent in
        let wanted = try WantedEntry(intent)
        guard let observed = wanted.observed(in: state) else { return Verification(.absent) }
        let change = try wanted.setting { try started.vault.secret(of: $0, in: $1) }
        var table = state.table
        // What would change nothing is there; what the device would refuse is not as it should be.
        let wouldChange = try? table.make(change.change, within: state.capacity)
        return Verification(wouldChange == false ? .matches : .drifted, observed: observed)
      }
    }
  }

  /// How much a device holds, as it says itself.
  public func capacity(of target: String) async throws(DriverFailure) -> [KindCapacity] {
    try await answer { started in
      let state = try await Self.read(target, started)
      func capacity(_ kind: String, _ total: Int, _ used: Int) -> KindCapacity {
        KindCapacity(kind, total: UInt64(total), used: UInt64(used))
      }
      return [
        capacity(GroupKind.keySet, state.capacity.keySets, state.table.keySets.count),
        capacity(GroupKind.keyMap, state.capacity.groups, state.table.keyMaps.count),
        capacity(GroupKind.membership, state.capacity.members, state.table.members.count),
      ]
    }
  }

  private static func read(_ target: String, _ started: Started) async throws -> DeviceReading {
    let answer = try await started.fleet.link(target).ask(["op": "read"])
    return try DeviceReading(answer["state"] ?? .null)
  }

  /// Every failure leaves as a DriverFailure: a bad spec is final, the system's are worth a retry.
  private func answer<Answer: Sendable>(
    _ body: (Started) async throws -> Answer
  ) async throws(DriverFailure) -> Answer {
    guard let started = started.withLock({ $0 }) else {
      throw .recoverable("NotStarted", "the device driver is still starting")
    }
    do {
      return try await body(started)
    } catch let failure as DriverFailure {
      throw failure
    } catch let error as TableFormatError {
      throw .final("InvalidSpec", "\(error)")
    } catch let refusal as TableRefusal {
      throw .final("InvalidSpec", refusal.message)
    } catch {
      throw .recoverable("SystemFailure", "\(error)")
    }
  }
}
