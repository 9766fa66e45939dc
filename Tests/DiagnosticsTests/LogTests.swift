import Glibc
import JSON
import Synchronization
import Testing

@testable import Diagnostics

/// Keeps what is logged.
private final class RecordingSink: LogSink {
  let records = Mutex<[LogRecord]>([])
  func write(_ record: LogRecord) { records.withLock { $0.append(record) } }
}

@Suite("The log says what it was told, one bounded line each")
struct LogTests {
  /// 2026-01-31T12:03:07.250Z
  static let moment: Int64 = 1_769_860_987_250

  @Test("a record carries time, level, message and the fields of its log and its call")
  func fields() {
    let sink = RecordingSink()
    let log = Log(to: sink, now: { Self.moment }).with(["plugin": "local"])
    log.warning("ended", ["signal": 11])
    #expect(
      sink.records.withLock { $0 } == [
        LogRecord(
          unixMS: Self.moment, level: .warning, message: "ended",
          fields: [
            LogField(name: "plugin", value: "local"), LogField(name: "signal", value: 11),
          ])
      ])
  }

  @Test("a level that is changed holds for logs that were made before")
  func threshold() {
    let sink = RecordingSink()
    let threshold = LogThreshold(.warning)
    let log = Log(to: sink, threshold: threshold, now: { Self.moment }).with(["a": 1])
    log.info("one")
    threshold.level = .debug
    log.debug("two")
    threshold.level = .fault
    log.error("three")
    #expect(sink.records.withLock { $0.map(\.message) } == ["two"])
  }

  @Test("lines below the level are not even composed")
  func levels() {
    let sink = RecordingSink()
    let log = Log(to: sink, minimumLevel: .error, now: { Self.moment })
    var composed = 0
    func message() -> String {
      composed += 1
      return "x"
    }
    log.debug(message())
    log.info(message())
    log.warning(message())
    #expect(composed == 0)
    log.error(message())
    log.fault(message())
    #expect(sink.records.withLock { $0.map(\.level) } == [.error, .fault])
    #expect(LogLevel.allCases.map(\.name).compactMap(LogLevel.init(name:)) == LogLevel.allCases)
    #expect(LogLevel(name: "loud") == nil)
  }

  @Test("text is for a person, and can't steer the terminal")
  func text() {
    let record = LogRecord(
      unixMS: Self.moment, level: .info, message: "a\u{1B}[31m\nb\u{9B}",
      fields: [
        LogField(name: "plain", value: "x"), LogField(name: "words", value: "two words"),
        LogField(name: "empty", value: ""), LogField(name: "list", value: [1, "\u{7F}"]),
      ])
    #expect(
      String(decoding: LogFormat.text.line(record), as: UTF8.self)
        == "12:03:07.250 info a\\u{1B}[31m\\nb\\u{009B} plain=x words=\"two words\" empty=\"\" list=[1,\"\\u{7F}\"]\n"
    )
  }

  @Test("JSON lines parse, and no field passes itself off as the line's own")
  func json() throws {
    let record = LogRecord(
      unixMS: Self.moment, level: .fault, message: "line\nbreak",
      fields: [LogField(name: "level", value: "info"), LogField(name: "count", value: 3)])
    let line = LogFormat.json.line(record)
    #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
    #expect(
      try JSONValue(parsing: line) == [
        "time": "2026-01-31T12:03:07.250Z", "level": "fault", "message": "line\nbreak",
        "field.level": "info", "count": 3,
      ])
  }

  @Test(
    "a line never passes its limit, and stays a line",
    arguments: [
      ("é", 1), ("\u{0}", 1), ("x", 50), ("\"", 40), ("👩‍👩‍👧‍👦", 3),
    ])
  func bounds(_ unit: String, _ fields: Int) throws {
    let long = String(repeating: unit, count: 10_000)
    let record = LogRecord(
      unixMS: Self.moment, level: .error, message: long,
      fields: (0..<fields).map {
        LogField(name: "f\($0)", value: $0 % 2 == 0 ? .string(long) : [.string(long)])
      })
    for format in [LogFormat.text, .json] {
      let line = format.line(record)
      #expect(line.count <= LogFormat.lineBytes)
      #expect(line.last == UInt8(ascii: "\n"))
      #expect(String(validating: line, as: UTF8.self) != nil)
    }
    #expect(try JSONValue(parsing: LogFormat.json.line(record))["level"] == "error")
  }

  @Test("lines written by many threads arrive whole")
  func threads() async throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let (input, output) = (ends[0], ends[1])
    let log = Log(
      to: DescriptorLogSink(descriptor: output, format: .json), now: { Self.moment })
    let text = String(repeating: "x", count: 1500)
    async let lines = readLines(input, count: 200)
    await withTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask {
          for line in 0..<50 { log.info("\(writer).\(line)", ["text": .string(text)]) }
        }
      }
    }
    close(output)
    let messages = try await lines.map { try JSONValue(parsing: $0)["message"]?.string }
    #expect(Set(messages.compactMap(\.self)).count == 200)
    close(input)
  }

  private func readLines(_ descriptor: Int32, count: Int) async -> [String] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let got = read(descriptor, &buffer, buffer.count)
      if got <= 0 { break }
      bytes += buffer[..<got]
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
