public import Model

/// What the converger does about one intent.
public enum IntentAction: Sendable, Equatable {
  case apply
  case remove
  case skip
  /// Backing off.
  case later(Timestamp)

  /// How an intent was found on its target; nil = not looked at in this pass.
  public enum Finding: Sendable, CaseIterable {
    case matches
    case drifted
    case absent
  }

  /// - SeeAlso: the table of DESIGN section 6, guarded row by row by `IntentActionTests`.
  public init(for intent: Intent, found: Finding?, at now: Timestamp) {
    if let notBefore = intent.notBefore, now < notBefore {
      self = .later(notBefore)
      return
    }
    switch (intent.state, found) {
    case (.pending, _): self = .apply
    case (.commitFailed, _): self = intent.isGivenUp ? .skip : .apply
    case (.deletePending, _): self = .remove
    case (.removeFailed, _), (.removed, _): self = .skip
    case (.committed, .drifted), (.committed, .absent): self = .apply
    case (.committed, .matches), (.committed, nil): self = .skip
    }
  }

  /// Order of work on one target: removes first, in falling bands, then applies in rising ones.
  ///
  /// Removes go first so that what they free (a name, an address, capacity) is there for the applies.
  public func precedes(_ other: IntentAction, band: UInt32, otherBand: UInt32) -> Bool {
    switch (self, other) {
    case (.remove, .remove): band > otherBand
    case (.remove, _): true
    case (_, .remove): false
    default: band < otherBand
    }
  }
}
