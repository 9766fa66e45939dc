public import JSON
internal import LinuxSystem

/// What a part of the host writes its log to.
///
/// A value: a part that has more to say about itself hands on a copy `with` more fields.
///
/// - Isolation: usable from any thread; a line is whole or not there.
public struct Log: Sendable {
  private let sink: any LogSink
  private let threshold: LogThreshold
  private let fields: [LogField]
  private let now: @Sendable () -> Int64

  /// - Parameters:
  ///   - minimumLevel: lines below it cost one comparison.
  ///   - now: Unix time in milliseconds; the system's where none is given.
  public init(
    to sink: any LogSink, minimumLevel: LogLevel = .info,
    now: (@Sendable () -> Int64)? = nil
  ) {
    self.init(to: sink, threshold: LogThreshold(minimumLevel), now: now)
  }

  /// As above, with a level that its owner changes while the log is in use.
  public init(
    to sink: any LogSink, threshold: LogThreshold, now: (@Sendable () -> Int64)? = nil
  ) {
    self.init(sink: sink, threshold: threshold, fields: [], now: now ?? { WallTime.nowUnixMS() })
  }

  private init(
    sink: any LogSink, threshold: LogThreshold, fields: [LogField],
    now: @escaping @Sendable () -> Int64
  ) {
    self.sink = sink
    self.threshold = threshold
    self.fields = fields
    self.now = now
  }

  /// A log that keeps nothing, for tests and for tools that print their own.
  public static let discarding = Log(to: DiscardingSink(), minimumLevel: .fault)

  /// The same log, with fields that every line then carries.
  public func with(_ more: KeyValuePairs<String, JSONValue>) -> Log {
    Log(
      sink: sink, threshold: threshold,
      fields: fields + more.map { LogField(name: $0.key, value: $0.value) }, now: now)
  }

  /// For whoever looks for a defect; not kept unless asked for.
  public func debug(
    _ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, JSONValue> = [:]
  ) {
    write(.debug, message, fields)
  }

  /// What happened, as an operator follows it.
  public func info(
    _ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, JSONValue> = [:]
  ) {
    write(.info, message, fields)
  }

  /// Something that an operator may have to look after.
  public func warning(
    _ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, JSONValue> = [:]
  ) {
    write(.warning, message, fields)
  }

  /// Something failed because of what came from outside.
  public func error(
    _ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, JSONValue> = [:]
  ) {
    write(.error, message, fields)
  }

  /// Something failed that is a defect of the host.
  public func fault(
    _ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, JSONValue> = [:]
  ) {
    write(.fault, message, fields)
  }

  private func write(
    _ level: LogLevel, _ message: () -> String, _ more: KeyValuePairs<String, JSONValue>
  ) {
    guard level >= threshold.level else { return }
    sink.write(
      LogRecord(
        unixMS: now(), level: level, message: message(),
        fields: fields + more.map { LogField(name: $0.key, value: $0.value) }))
  }
}

private struct DiscardingSink: LogSink {
  func write(_ record: LogRecord) {}
}
