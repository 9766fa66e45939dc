/// One key of a set, with the moment from which on it is transmitted with.
public struct EpochKey: Sendable, Hashable {
  /// The key's name; the secret itself is with drivers and devices alone.
  public var name: String
  public var start: EpochStart

  public init(_ name: String, from start: EpochStart) {
    self.name = name
    self.start = start
  }
}

/// From when on a key is transmitted with: microseconds since the Unix epoch, on the device's own clock.
///
/// Two values mean the same on every clock, however wrong it is, and rotations use no others than these
/// and `after` the first: `always` and `never`.
public struct EpochStart: Sendable, Hashable, Comparable {
  public var microseconds: Int64

  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// The sentinel: before whatever a clock reads.
  public static let always = EpochStart(microseconds: 1)
  /// The key is held and accepted, but not transmitted with yet.
  public static let never = EpochStart(microseconds: .max)

  /// Back-dated: later than this start, and still before whatever a clock reads.
  public var after: EpochStart { EpochStart(microseconds: microseconds + 1) }

  public static func < (left: EpochStart, right: EpochStart) -> Bool {
    left.microseconds < right.microseconds
  }
}

/// What a device's own clock reads.
public struct DeviceTime: Sendable, Hashable {
  /// No clock reads less, so that sentinels and what is back-dated from them lie before all clocks: a
  /// device that lost its clock begins here.
  public static let floorMicroseconds: Int64 = 1_000_000

  /// Since the Unix epoch.
  public let microseconds: Int64

  /// - Parameter skewMicroseconds: how far the clock is ahead; negative = behind.
  public init(wallMicroseconds: Int64, skewMicroseconds: Int64 = 0) {
    let (sum, overflowed) = wallMicroseconds.addingReportingOverflow(skewMicroseconds)
    let end = skewMicroseconds > 0 ? Int64.max - 1 : Self.floorMicroseconds
    microseconds = overflowed ? end : min(max(sum, Self.floorMicroseconds), Int64.max - 1)
  }
}
