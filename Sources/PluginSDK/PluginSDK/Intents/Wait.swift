public import JSON

/// What a task asks of the host before its next step.
public struct Wait: Sendable, Equatable {
  /// Intents to hold from now on.
  public var set: [IntentWrite]
  /// Intents to drop and to remove from their targets.
  public var remove: [IntentKey]
  /// Intents to drop and to remove, unless another one that stays references them: judged by the host
  /// as it writes. `Gate.settled` waits for either.
  public var release: [IntentKey]
  /// When to call the next step.
  public var gate: Gate

  public init(
    set: [IntentWrite] = [], remove: [IntentKey] = [], release: [IntentKey] = [], until gate: Gate
  ) {
    self.set = set
    self.remove = remove
    self.release = release
    self.gate = gate
  }
}

/// An intent to be held.
public struct IntentWrite: Sendable, Equatable {
  public var key: IntentKey
  public var spec: JSONValue
  /// Version of the spec's shape; its driver may know several.
  public var specVersion: Int
  /// Intents that this one needs: they are not removed while it stands.
  public var references: [IntentKey]

  public init(
    _ key: IntentKey, spec: JSONValue, specVersion: Int = 0, references: [IntentKey] = []
  ) {
    self.key = key
    self.spec = spec
    self.specVersion = specVersion
    self.references = references
  }
}
