public import Model

/// Where the daemon gets its moments and its waits from; a test gives its own.
public protocol TimeSource: Sendable {
  func now() -> Timestamp

  /// Returns at the moment, or as soon as the waiting task is cancelled.
  func wait(until moment: Timestamp) async
}

/// Where unique ids come from; a test gives its own.
public protocol IDSource: Sendable {
  /// A UUID that was never given before.
  func next() -> String
}
