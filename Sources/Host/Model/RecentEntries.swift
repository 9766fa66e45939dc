/// Entries that were set last, as many as a budget allows: what is older may be forgotten at any time.
///
/// Two generations: when the young one is full, the old one is dropped and the young one is old. So
/// every operation takes the same short time, and whatever was set within half of the budget is there.
public struct RecentEntries<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  @usableFromInline var young: [Key: Value] = [:]
  @usableFromInline var old: [Key: Value] = [:]
  @usableFromInline var youngCost = 0
  @usableFromInline let generationCost: Int

  /// - Parameter cost: of all entries together, in the unit in which `set` is told theirs.
  public init(cost: Int) {
    generationCost = cost / 2
  }

  /// The entry; nil where there is none, or none any more.
  @inlinable
  public subscript(key: Key) -> Value? { young[key] ?? old[key] }

  /// Setting an entry again costs again: it is forgotten earlier, never later.
  @inlinable
  public mutating func set(_ value: Value, for key: Key, cost: Int) {
    old[key] = nil
    young[key] = value
    youngCost += cost
    if youngCost > generationCost { (old, young, youngCost) = (young, [:], 0) }
  }

  /// Takes the entry out; nil where there is none.
  @inlinable
  @discardableResult
  public mutating func remove(_ key: Key) -> Value? {
    young.removeValue(forKey: key) ?? old.removeValue(forKey: key)
  }
}
