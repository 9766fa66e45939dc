internal import Convergence
internal import Execution
internal import JSON
internal import Model
internal import PluginProto
internal import PluginSupervision
internal import TTRPC

/// Reaches the drivers that plugins offer.
struct PluginDriverPort: DriverPort {
  /// Of Apply and Remove; a driver that needs longer starts the work and reports by Updates.
  static let changeTimeout = Duration.seconds(30)
  static let verifyTimeout = Duration.seconds(10)

  let supervisor: PluginSupervisor
  let epoch: UInt64

  func apply(_ intent: Intent) async -> DriverOutcome {
    await change(PluginV1.Drivers.apply, intent)
  }

  func remove(_ intent: Intent) async -> DriverOutcome {
    await change(PluginV1.Drivers.remove, intent)
  }

  private func change(
    _ method: Method<PluginV1.DriverRequest, PluginV1.DriverReply>, _ intent: Intent
  ) async -> DriverOutcome {
    guard let driver = driver(of: intent.key) else { return .unreachable(absence(of: intent.key)) }
    var request = PluginV1.DriverRequest()
    request.call = context
    request.intent = intent.message
    do {
      return outcome(try await driver.call(method, request, timeout: Self.changeTimeout), driver)
    } catch {
      return failure(error)
    }
  }

  private func outcome(_ reply: PluginV1.DriverReply, _ driver: PluginHandle) -> DriverOutcome {
    let error = TaskError(
      reason: reply.reason.isEmpty ? "DriverFailed" : driver.secrets.redact(reply.reason),
      message: driver.secrets.redact(reply.message))
    switch reply.result {
    case .done:
      do {
        let observed = try JSONValue(field: reply.observed, of: "observed")
        return .done(observed: driver.secrets.redact(observed))
      } catch {
        return malformed(error.message, driver)
      }
    case .failedRecoverable: return .failed(error, isRecoverable: true)
    case .failedFinal: return .failed(error, isRecoverable: false)
    case .unspecified, .unrecognized:
      return malformed("result \(reply.result.rawValue) is unknown to this host", driver)
    }
  }

  private func malformed(_ message: String, _ driver: PluginHandle) -> DriverOutcome {
    .failed(
      TaskError(reason: "MalformedReply", message: "plugin \(driver.name): \(message)"),
      isRecoverable: true)
  }

  /// A driver's calls are idempotent: whatever may pass is tried again, the rest is final.
  private func failure(_ error: RPCError) -> DriverOutcome {
    let failure = CallFailure(error)
    guard failure.isAnswer, failure.mayHaveBeenReceived else {
      return .unreachable(failure.message)
    }
    switch failure.code {
    case .invalidArgument, .unimplemented, .permissionDenied, .unauthenticated, .outOfRange:
      return .failed(failure.taskError, isRecoverable: false)
    default:
      return .failed(failure.taskError, isRecoverable: true)
    }
  }

  func verify(_ intents: [Intent], on target: String) async -> VerifyOutcome {
    var found: [IntentKey: (IntentAction.Finding, observed: JSONValue)] = [:]
    var groups: [String: (driver: PluginHandle, intents: [Intent])] = [:]
    for intent in intents {
      guard let driver = driver(of: intent.key) else {
        return .unreachable(absence(of: intent.key))
      }
      groups[driver.name, default: (driver, [])].intents.append(intent)
    }
    for (driver, intents) in groups.values {
      var request = PluginV1.VerifyRequest()
      request.call = context
      request.target = target
      request.intents = intents.map(\.message)
      do {
        let reply = try await driver.call(
          PluginV1.Drivers.verify, request, timeout: Self.verifyTimeout)
        if let state = reply.target, !state.reachable {
          return .unreachable(driver.secrets.redact(state.message))
        }
        for verification in reply.verifications {
          guard let (key, finding) = try? Self.finding(verification) else { continue }
          found[key] = (finding.0, driver.secrets.redact(finding.observed))
        }
        if let missing = intents.first(where: { found[$0.key] == nil }) {
          return .unreachable("plugin \(driver.name) did not verify \(missing.key)")
        }
      } catch {
        return .unreachable(error.message)
      }
    }
    return .found(found)
  }

  private static func finding(_ message: PluginV1.Verification) throws(MalformedAnswer) -> (
    IntentKey, (IntentAction.Finding, observed: JSONValue)
  ) {
    let finding: IntentAction.Finding
    switch message.presence {
    case .matches: finding = .matches
    case .drifted: finding = .drifted
    case .absent: finding = .absent
    case .unspecified, .unrecognized:
      throw MalformedAnswer(message: "presence \(message.presence.rawValue) is unknown")
    }
    return (
      try IntentKey(message.id), (finding, try JSONValue(field: message.observed, of: "observed"))
    )
  }

  func isReady(for key: IntentKey) -> Bool { driver(of: key) != nil }

  func band(ofKind kind: String, on target: String) -> UInt32 {
    supervisor.driver(forIntentKind: kind, target: target)?.description.driver?.kinds
      .first { $0.kind == kind }?.band ?? 0
  }

  func capacity(of target: String, kinds: Set<String>) async -> [RoomCheck.Place: RoomCheck
    .Capacity]
  {
    let drivers = kinds.sorted().compactMap {
      supervisor.driver(forIntentKind: $0, target: target)
    }
    var seen: Set<String> = []
    var capacities: [RoomCheck.Place: RoomCheck.Capacity] = [:]
    for driver in drivers where seen.insert(driver.id).inserted {
      var request = PluginV1.CapacityRequest()
      request.call = context
      request.target = target
      // A driver without Capacity, and one that can't be reached now, limits nothing.
      guard
        let reply = try? await driver.call(
          PluginV1.Drivers.capacity, request, timeout: Self.verifyTimeout)
      else { continue }
      for kind in reply.kinds where kinds.contains(kind.kind) {
        capacities[RoomCheck.Place(target: target, kind: kind.kind)] = RoomCheck.Capacity(
          total: kind.total, used: kind.used)
      }
    }
    return capacities
  }

  private func driver(of key: IntentKey) -> PluginHandle? {
    supervisor.driver(forIntentKind: key.kind, target: key.target)
  }

  private func absence(of key: IntentKey) -> String {
    "no driver that is ready converges \(key.kind) on \(key.target); see mortise plugins"
  }

  private var context: PluginV1.CallContext {
    var context = PluginV1.CallContext()
    context.hostEpoch = epoch
    return context
  }
}
