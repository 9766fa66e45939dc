/// A driver whose targets hold so much and no more.
public protocol CapacityDriver: Driver {
  /// How much of each kind a target holds, and how much of that is taken. Kinds that aren't named are
  /// not limited.
  ///
  /// - Throws: where it can't be told now; the host then checks nothing.
  func capacity(of target: String) async throws(DriverFailure) -> [KindCapacity]
}

/// How many intents of a kind a target holds.
public struct KindCapacity: Sendable, Equatable {
  public var kind: String
  public var total: UInt64
  public var used: UInt64

  public init(_ kind: String, total: UInt64, used: UInt64) {
    self.kind = kind
    self.total = total
    self.used = used
  }
}
