import JSON
import LinuxSystem
import PluginProto
import PluginSDK
import TTRPC
import TestPlaces
import Testing

@testable import LocalDriver

@Suite("Containers' logs are read by positions that stay valid")
struct LogReadingTests {
  let temporary = TemporaryDirectory()

  @Test("a position outlives cuts and a driver's restart; what is no longer kept is said to be so")
  func positions() throws {
    let path = "\(temporary.path)/a.log"
    let log = KeptLog(path: path)
    var keeper = try LogKeeper()
    let writer = try keeper.open(path)
    try writer.writeAll("one\ntwo\n".utf8)
    let first = try log.passage(from: 0)
    #expect(first.text == Array("one\ntwo\n".utf8))
    #expect(first.nextOffset == 8)
    try LogKeeper.bound(path, maximumBytes: 4)
    // The part before is still kept, at its old place.
    #expect(try log.passage(from: 4) == .init(text: Array("two\n".utf8), nextOffset: 8))
    let gap = try log.passage(from: 2)
    #expect(gap == .init(text: Array("two\n".utf8), nextOffset: 8, isBehindGap: true))
    try writer.writeAll("three\nfo".utf8)
    // Another driver finds the same: nothing of it is remembered.
    #expect(try KeptLog(path: path).passage(from: 8).text == Array("three\n".utf8))
    // A line without an end comes when nothing else does.
    #expect(try log.passage(from: 14) == .init(text: Array("fo".utf8), nextOffset: 16))
    #expect(try log.passage(from: 16).text.isEmpty)
    try LogKeeper.bound(path, maximumBytes: 4)
    try writer.writeAll("ur\n".utf8)
    #expect(try log.passage(from: 16) == .init(text: Array("ur\n".utf8), nextOffset: 19))
    // A log that was removed and begun again has no such position.
    try FileSystem.remove(path)
    try FileSystem.remove("\(path).1")
    try FileSystem.remove("\(path).base")
    try AtomicFile.write("new\n".utf8, to: path)
    #expect(
      try log.passage(from: 19)
        == .init(text: Array("new\n".utf8), nextOffset: 4, isBehindGap: true))
  }

  @Test("what was written since a moment is told by the looks at the log's length")
  func times() {
    var times = LogTimes(start: 100)
    let growths = [(100, 1000), (150, 2000), (170, 3000)].map { times.look(end: $0, at: $1) }
    #expect(growths == [false, true, true])
    #expect(times.position(since: 0) == 100)
    #expect(times.position(since: 2000) == 100)
    #expect(times.position(since: 2001) == 150)
    #expect(times.position(since: 3001) == 170)
    // Shorter: it is another log.
    times.look(end: 10, at: 4000)
    #expect(times.position(since: 1) == 0)
    for index in 0..<UInt64(3 * LogTimes.marksMax) {
      times.look(end: 11 + index, at: 5000 + Int64(index))
    }
    #expect(times.marks.count <= LogTimes.marksMax)
    // Fewer marks tell less precisely, and never too little.
    let since: Int64 = 5000 + 100
    #expect(times.position(since: since) <= 11 + 100)
  }

  @Test(
    "a set's containers are named, read and followed through the protocol", .timeLimit(.minutes(3)))
  func driver() async throws {
    let scenario = Scenario()
    let trigger = "\(scenario.directory.path)/trigger"
    try scenario.image(
      "app:1",
      """
      echo ready
      until [ -e \(trigger) ]; do sleep 0.05; done
      echo went on
      exec sleep 1000
      """)
    let driver = try await DriverProcess(in: scenario.directory)
    try await driver.apply(Scenario.claim)
    try await driver.apply(Scenario.set())
    try await driver.observe(Scenario.set()) { $0["readyReplicas"] == 1 }
    var request = PluginV1.ReadLogRequest(id: Scenario.set().id)
    #expect(try await driver.readLog(request).processes == ["web-0/app"])
    request.process = "web-0/app"
    request.waitMS = 30_000
    let first = try await driver.readLog(request)
    #expect(String(decoding: first.text, as: UTF8.self) == "ready\n")
    request.offset = first.nextOffset
    let following = request
    async let next = driver.readLog(following)
    try AtomicFile.write("".utf8, to: trigger)
    #expect(String(decoding: try await next.text, as: UTF8.self) == "went on\n")
    request.process = "web-9/app"
    do {
      _ = try await driver.readLog(request)
      Issue.record("it is answered")
    } catch let error as RPCError {
      #expect(error.reason == "UnknownProcess")
    }
    try await driver.remove(Scenario.set())
  }
}
