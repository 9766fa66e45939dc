/// The keys of one set, as one device has or should have them.
///
/// A device accepts whatever any of them encrypts and transmits with the one that started last.
public struct KeySet: Sendable, Hashable {
  /// How many keys a set holds, by the standard.
  public static let capacity = 3

  /// In the order of their starts; of two that start together the later one counts.
  public let epochs: [EpochKey]

  /// - Throws: no key, more than the capacity, or two of one name.
  public init(_ epochs: [EpochKey]) throws(TableRefusal) {
    guard !epochs.isEmpty else {
      throw .init(.invalid, "a key set needs a key")
    }
    guard epochs.count <= Self.capacity else {
      throw .init(.full, "a key set holds \(Self.capacity) keys, not \(epochs.count)")
    }
    guard Set(epochs.map(\.name)).count == epochs.count else {
      throw .init(.invalid, "the keys of a set have different names")
    }
    self.epochs = epochs.enumerated()
      .sorted { ($0.element.start, $0.offset) < ($1.element.start, $1.offset) }.map(\.element)
  }

  /// A set of one key that is used on every clock.
  public init(only name: String) {
    epochs = [EpochKey(name, from: .always)]
  }

  /// The key that a device with this set transmits with; nil = none has started on its clock.
  public func transmits(at time: DeviceTime) -> String? {
    epochs.last { $0.start.microseconds <= time.microseconds }?.name
  }

  /// Whether what the key encrypts is understood, whenever that key starts.
  public func accepts(_ name: String) -> Bool {
    epochs.contains { $0.name == name }
  }

  /// The key of that name; nil = it is not in the set.
  public subscript(name: String) -> EpochKey? { epochs.first { $0.name == name } }

  public var names: Set<String> { Set(epochs.map(\.name)) }

  /// Those that are transmitted with or were: all but what never starts.
  public var active: [EpochKey] { epochs.filter { $0.start != .never } }

  /// The key that every clock transmits with, where all starts are sentinels or back-dated.
  public var current: String? { active.last?.name }
}
