public import JSON

/// An item of desired state as the host holds it, with what its driver saw last.
public struct Intent: Sendable, Equatable {
  public var key: IntentKey
  public var spec: JSONValue
  /// Version of the spec's shape, chosen by whoever sets it.
  public var specVersion: Int
  /// Rises with every change of the spec; a driver reports the one that it observed.
  public var generation: UInt64
  public var state: IntentState
  /// What the driver said last; nil before the first verification.
  public var observed: JSONValue?
  /// When it said so, in milliseconds since the Unix epoch; 0 before the first verification.
  public var verifiedUnixMS: Int64
  /// The last failure of its driver; empty where there is none.
  public var error: String
  /// The resource that it belongs to.
  public var owner: ResourceReference

  public init(
    _ key: IntentKey, spec: JSONValue = [:], specVersion: Int = 0, generation: UInt64 = 1,
    state: IntentState = .pending, observed: JSONValue? = nil, verifiedUnixMS: Int64 = 0,
    error: String = "", owner: ResourceReference = ResourceReference()
  ) {
    self.key = key
    self.spec = spec
    self.specVersion = specVersion
    self.generation = generation
    self.state = state
    self.observed = observed
    self.verifiedUnixMS = verifiedUnixMS
    self.error = error
    self.owner = owner
  }
}

/// How far an intent is from being true.
public enum IntentState: Sendable, Equatable {
  /// Not applied yet, or changed since.
  case pending
  /// The driver confirmed the present spec.
  case committed
  /// The driver could not apply it.
  case commitFailed
  /// To be removed.
  case deletePending
  /// The driver could not remove it and will not be able to.
  case removeFailed
  /// A state that this SDK does not know.
  case unrecognized
}
