internal import Convergence
internal import JSON
internal import Model

/// The engine's way to drivers: plugins in the daemon, recorders in tests.
protocol DriverPort: Sendable {
  func apply(_ intent: Intent) async -> DriverOutcome
  func remove(_ intent: Intent) async -> DriverOutcome
  func verify(_ intents: [Intent], on target: String) async -> VerifyOutcome
  /// Whether a driver takes calls for the intent now.
  func isReady(for key: IntentKey) -> Bool
  /// Applies go in rising bands, removes in falling ones; 0 for a kind that no driver declares.
  func band(ofKind kind: String, on target: String) -> UInt32
  /// How much of these kinds the target holds; kinds of which nobody can tell are left out.
  func capacity(of target: String, kinds: Set<String>) async -> [RoomCheck.Place: RoomCheck
    .Capacity]
}

extension DriverPort {
  /// By default nothing is known, so nothing is refused.
  func capacity(of target: String, kinds: Set<String>) async -> [RoomCheck.Place: RoomCheck
    .Capacity]
  { [:] }
}

enum DriverOutcome: Sendable {
  case done(observed: JSONValue)
  case failed(TaskError, isRecoverable: Bool)
  /// It has begun and is not done: the driver says when there is more to see. The error tells what is
  /// waited for.
  case underWay(TaskError)
  /// The driver can't be reached; drivers are idempotent, so it is simply asked again.
  case unreachable(String)
}

enum VerifyOutcome: Sendable {
  case found([IntentKey: (IntentAction.Finding, observed: JSONValue)])
  case unreachable(String)
}
