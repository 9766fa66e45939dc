internal import Glibc

/// A moment of the clock that never jumps, for deadlines and durations within one boot.
public struct MonotonicTime: Sendable, Hashable, Comparable {
  /// Nanoseconds since an arbitrary start.
  public var nanoseconds: UInt64

  /// A moment by its count.
  public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  /// The present moment.
  public static func now() -> MonotonicTime {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return MonotonicTime(
      nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
  }

  /// Whether `left` comes first.
  public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// Later by `duration`; a negative one counts as zero, one too long ends at the last moment.
  public static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
    let (sum, overflow) = time.nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
    return MonotonicTime(nanoseconds: overflow ? .max : sum)
  }

  /// How long from `earlier` to here; zero where it isn't earlier.
  public func duration(since earlier: MonotonicTime) -> Duration {
    self > earlier
      ? .nanoseconds(Int64(clamping: nanoseconds - earlier.nanoseconds)) : .zero
  }
}

extension Duration {
  /// Whole nanoseconds, negative as 0 and too long as the maximum.
  public var wholeNanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    if seconds < 0 || attoseconds < 0 { return 0 }
    let (scaled, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return .max }
    let (sum, overflowed) = scaled.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
    return overflowed ? .max : sum
  }
}

/// The calendar's clock: for what people read and what outlives a boot, never for intervals.
public enum WallTime {
  /// Milliseconds since the Unix epoch.
  public static func nowUnixMS() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
