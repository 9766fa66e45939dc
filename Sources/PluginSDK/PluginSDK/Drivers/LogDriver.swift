/// A driver whose intents run processes that leave logs: what `mortise logs` of a resource reads.
public protocol LogDriver: Driver {
  /// The processes of an intent that have a log, by convention "POD/CONTAINER"; empty where it has none.
  func loggedProcesses(of intent: IntentKey) async throws(DriverFailure) -> [String]

  /// What one of them wrote, from a position on; where that is nothing, waits for more.
  ///
  /// - Cancellation: ends the wait.
  /// - Returns: at most `LogPassage.bytesMax`, whole lines where there are any; no text once
  ///   `query.wait` is over.
  func readLog(_ query: LogQuery) async throws(DriverFailure) -> LogPassage
}

/// Which part of a process's log is asked for.
public struct LogQuery: Sendable, Equatable {
  public var intent: IntentKey
  /// As `loggedProcesses` names it.
  public var process: String
  /// Where to go on: `nextOffset` of the passage before; 0 = the oldest byte that is kept.
  public var offset: UInt64
  /// With offset 0: what was written before may be left out; 0 = nothing may.
  public var sinceUnixMS: Int64
  /// How long to wait where there is nothing yet.
  public var wait: Duration

  public init(
    intent: IntentKey, process: String, offset: UInt64 = 0, sinceUnixMS: Int64 = 0,
    wait: Duration = .zero
  ) {
    self.intent = intent
    self.process = process
    self.offset = offset
    self.sinceUnixMS = sinceUnixMS
    self.wait = wait
  }
}

/// A part of a process's log.
public struct LogPassage: Sendable, Equatable {
  /// A longer one is an error of the driver's.
  public static let bytesMax = 256 << 10

  public var text: [UInt8]
  /// Where the text ends: stays valid when the driver is restarted.
  public var nextOffset: UInt64
  /// What stood between the query's offset and the text is no longer kept.
  public var isBehindGap: Bool

  public init(text: [UInt8], nextOffset: UInt64, isBehindGap: Bool = false) {
    self.text = text
    self.nextOffset = nextOffset
    self.isBehindGap = isBehindGap
  }
}
