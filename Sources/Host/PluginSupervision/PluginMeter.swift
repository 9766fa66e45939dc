internal import Synchronization

/// What callers experience of a plugin: how many calls wait for an answer, and how long answers
/// take. Counted over all connections and processes since the host started.
final class PluginMeter: Sendable {
  private let count = Atomic<Int>(0)
  private let histogram = Mutex(LatencyHistogram())

  var current: Int { count.load(ordering: .relaxed) }

  var latencies: LatencyHistogram { histogram.withLock { $0 } }

  /// - Returns: false where there are `limit` already; then nothing was counted.
  func enter(limit: Int) -> Bool {
    if count.add(1, ordering: .relaxed).newValue <= limit { return true }
    leave()
    return false
  }

  func leave() {
    count.subtract(1, ordering: .relaxed)
  }

  /// - Parameter duration: of a call that was answered.
  func answered(in duration: Duration) {
    let microseconds = duration.wholeMicroseconds
    histogram.withLock { $0.record(microseconds: microseconds) }
  }
}

/// How long calls took, in buckets of fixed number: four for each power of two, from 1 µs to over an
/// hour, so that what is read off is too high by at most a quarter.
struct LatencyHistogram: Sendable, Equatable {
  private static let powers = 32
  /// Buckets for each power of two.
  private static let parts: UInt64 = 4

  private var buckets = [UInt64](repeating: 0, count: powers * Int(parts))
  private(set) var count: UInt64 = 0

  mutating func record(microseconds: UInt64) {
    buckets[Self.index(of: microseconds)] += 1
    count += 1
  }

  /// The time within which this part of the calls was answered; 0 where there was none.
  ///
  /// - Parameter part: 0.99 for the 99th of 100.
  func microseconds(quantile part: Double) -> UInt64 {
    precondition((0...1).contains(part), "a quantile is a part of the whole")
    guard count > 0 else { return 0 }
    let rank = max(1, UInt64((Double(count) * part).rounded(.up)))
    var seen: UInt64 = 0
    for (index, number) in buckets.enumerated() {
      seen += number
      if seen >= rank { return Self.upperBound(of: index) }
    }
    preconditionFailure("the buckets hold \(seen) calls of \(count)")
  }

  /// Below four microseconds each value has a bucket; above, the two bits after the highest tell.
  private static func index(of microseconds: UInt64) -> Int {
    guard microseconds >= parts else { return Int(microseconds) }
    let power = 63 - microseconds.leadingZeroBitCount
    let part = (microseconds >> UInt64(power - 2)) & 3
    return min((power - 1) * Int(parts) + Int(part), powers * Int(parts) - 1)
  }

  private static func upperBound(of index: Int) -> UInt64 {
    guard index >= Int(parts) else { return UInt64(index) }
    let power = UInt64(index) / parts + 1
    let part = UInt64(index) % parts
    return ((parts + part + 1) << (power - 2)) - 1
  }
}

extension Duration {
  fileprivate var wholeMicroseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let (scaled, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000)
    return overflow ? .max : scaled &+ UInt64(attoseconds) / 1_000_000_000_000
  }
}
