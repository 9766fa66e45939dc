internal import Synchronization

/// The least level that is logged, shared by a log and all that were made from it.
///
/// - Isolation: usable from any thread; a change holds for the lines that begin after it.
public final class LogThreshold: Sendable {
  private let rawLevel: Atomic<Int>

  public init(_ level: LogLevel) {
    rawLevel = Atomic(level.rawValue)
  }

  public var level: LogLevel {
    get {
      guard let level = LogLevel(rawValue: rawLevel.load(ordering: .relaxed)) else {
        preconditionFailure("only levels are stored")
      }
      return level
    }
    set { rawLevel.store(newValue.rawValue, ordering: .relaxed) }
  }
}
