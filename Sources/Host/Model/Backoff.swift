/// Capped exponential delays, spread by a jitter that the same seed and count always give.
///
/// The jitter is derived, not drawn, so that pure machines stay pure and a test can name the moment.
public struct Backoff: Sendable {
  public var first: Milliseconds
  public var cap: Milliseconds

  public init(first: Milliseconds, cap: Milliseconds) {
    self.first = first
    self.cap = cap
  }

  /// Between failed plans of one generation.
  public static let plan = Backoff(first: .seconds(2), cap: .seconds(300))
  /// Between deliveries that were not accepted, and between attempts.
  public static let delivery = Backoff(first: Milliseconds(100), cap: .seconds(30))
  /// Between applies or removes of one intent.
  public static let intent = Backoff(first: Milliseconds(200), cap: .seconds(60))

  /// The delay after the given number of failures in a row, from 1: the nominal one less up to a quarter.
  public func delay(failures: Int64, seed: String) -> Milliseconds {
    precondition(failures >= 1, "a back-off follows a failure")
    let doublings = min(failures - 1, 30)
    let nominal = min(first.count << doublings, cap.count)
    var hash: UInt64 = 14_695_981_039_346_656_037
    for byte in seed.utf8 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
    hash = (hash ^ UInt64(failures)) &* 1_099_511_628_211
    let spread = UInt64(nominal / 4) + 1
    return Milliseconds(nominal - Int64((hash >> 16) % spread))
  }
}
