/// How key sets change while a new key takes the place of the old ones.
///
/// Each function takes one device's set a stage further. Sets of two neighbouring stages understand each
/// other on every clock; sets that are two stages apart need not. So whoever rotates takes all devices to
/// a stage before any to the next (guarded by `KeyRotationTests`):
///
///     0  old from always
///     1  old from always, new from never      held and accepted, not used
///     2  old from always, new back-dated      used, whatever the clock says
///     3  new from always                      the old one is gone
public struct KeyRotation: Sendable, Equatable {
  public let newKey: String

  public init(to newKey: String) {
    self.newKey = newKey
  }

  /// Stage 1: the new key is held and accepted.
  ///
  /// - Parameter inUse: keys that any device of the set may transmit with; they stay. Keys that a rotation
  ///   left behind before it used them go.
  /// - Throws: the set has no room, because an earlier rotation has yet to be finished.
  public func distributed(_ set: KeySet, inUse: Set<String>) throws(TableRefusal) -> KeySet {
    if set.accepts(newKey) { return set }
    let kept = set.epochs.filter { $0.start != .never || inUse.contains($0.name) }
    return try KeySet(kept + [EpochKey(newKey, from: .never)])
  }

  /// Stage 2: transmitted with from now on, on every clock.
  public func activated(_ set: KeySet, inUse: Set<String>) throws(TableRefusal) -> KeySet {
    let set = try distributed(set, inUse: inUse)
    if set.current == newKey { return set }
    let others = set.epochs.filter { $0.name != newKey }
    let start = set.active.last?.start.after ?? .always
    return try KeySet(others + [EpochKey(newKey, from: start)])
  }

  /// Stage 3: the new key alone.
  public var cleaned: KeySet { KeySet(only: newKey) }
}
