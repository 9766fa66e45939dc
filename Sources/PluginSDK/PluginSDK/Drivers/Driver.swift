public import JSON

/// The plugin role that makes intents true on targets and says what it sees there.
///
/// The host calls `start` once, then the others in any order and at once for different intents, never two
/// at a time for one intent. Every call may be repeated: each must be idempotent.
public protocol Driver: Sendable {
  /// Kinds of intents that the driver converges.
  var kinds: [IntentKindDescription] { get }

  /// Takes up work after the plugin was configured; no other call comes before it returned.
  ///
  /// - Throws: refuses the configuration, with the error's text as the reason shown.
  func start(_ context: DriverContext) async throws

  /// Every target that the driver serves, reachable or not.
  func targets() async -> [TargetState]

  /// Makes the intent's spec true, or starts to. Returns what is observed now.
  func apply(_ intent: Intent) async throws(DriverFailure) -> JSONValue

  /// Makes the intent gone, or starts to; one that is not there is gone. Returns what is observed now.
  func remove(_ intent: Intent) async throws(DriverFailure) -> JSONValue

  /// Says how the intents are on a target that is reachable, one answer each, in their order.
  func verify(target: String, _ intents: [Intent]) async throws(DriverFailure) -> [Verification]
}

/// A kind of intents that a driver converges.
public struct IntentKindDescription: Sendable, Equatable {
  public var kind: String
  /// Applies go in rising bands, removes in falling ones.
  public var band: Int
  /// JSON schema of the kind's specs; by default any object.
  public var specSchema: JSONValue

  public init(_ kind: String, band: Int, specSchema: JSONValue = .anyObjectSchema) {
    self.kind = kind
    self.band = band
    self.specSchema = specSchema
  }
}

/// What a driver saw of one intent.
public struct Verification: Sendable, Equatable {
  /// How what is there compares with the spec.
  public enum Presence: Sendable, Equatable {
    case matches
    case drifted
    case absent
  }

  public var presence: Presence
  /// What gates and blueprints read; nil where nothing is there.
  public var observed: JSONValue?

  public init(_ presence: Presence, observed: JSONValue? = nil) {
    self.presence = presence
    self.observed = observed
  }
}

/// Whether a target can be worked on.
public struct TargetState: Sendable, Equatable {
  public var name: String
  public var isReachable: Bool
  /// Why not, where it is not.
  public var message: String
  /// It is gone for good: the host drops what was to be true there, and nothing waits for it.
  public var isRemoved: Bool

  public init(
    _ name: String, isReachable: Bool = true, message: String = "", isRemoved: Bool = false
  ) {
    self.name = name
    self.isReachable = isReachable && !isRemoved
    self.message = message
    self.isRemoved = isRemoved
  }
}

/// Why an intent could not be applied, removed or verified.
public struct DriverFailure: Error, Equatable, CustomStringConvertible {
  /// CamelCase and stable: "OwnedByAnother".
  public var reason: String
  /// What failed, where, and what to do about it.
  public var message: String
  /// Worth trying again without a change of the intent.
  public var isRecoverable: Bool

  public init(reason: String, message: String, isRecoverable: Bool) {
    self.reason = reason
    self.message = message
    self.isRecoverable = isRecoverable
  }

  public var description: String { "\(reason): \(message)" }

  /// Worth trying again: the host does, with back-off.
  public static func recoverable(_ reason: String, _ message: String) -> DriverFailure {
    DriverFailure(reason: reason, message: message, isRecoverable: true)
  }

  /// Not without a change of the intent: the host fails what waits on it.
  public static func final(_ reason: String, _ message: String) -> DriverFailure {
    DriverFailure(reason: reason, message: message, isRecoverable: false)
  }
}
