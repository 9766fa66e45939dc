import JSON
import Model
import PluginProto
import Testing

@testable import MortiseCLI

@Suite("events and logs")
struct NewsTests {
  private static func event(
    _ reason: Event.Reason, of resource: Resource, at seconds: Double, count: Int64 = 1
  ) -> Event {
    var event = Event(
      subject: resource.key, subjectUID: resource.metadata.uid,
      severity: reason == .taskParked ? .warning : .normal, reason: reason,
      message: "message of \(reason.rawValue)", plan: "init", task: "mark-ready",
      at: Sample.moment(seconds))
    event.count = count
    return event
  }

  private static func host() throws -> FakeHost {
    let other = Sample.resource("cache")
    let redis = CommandTests.running
    let events = [
      event(.taskParked, of: redis, at: -5, count: 3), event(.planStarted, of: redis, at: -90),
      event(.planComplete, of: other, at: -60),
    ]
    return try FakeHost(
      HostRecord([redis, other]) { $0.objects += events.map(\.json) })
  }

  @Test("events come in the order in which they happened, with counts and whose they are")
  func events() async throws {
    let host = try Self.host()
    defer { try? host.stop() }
    let all = try await mortise("events", host: host)
    #expect(
      all.lines == [
        "LAST   TYPE     REASON        OBJECT              COUNT  MESSAGE",
        "1m30s  Normal   PlanStarted   statefulnode/redis  1      "
          + "init/mark-ready: message of PlanStarted",
        "1m00s  Normal   PlanComplete  statefulnode/cache  1      "
          + "init/mark-ready: message of PlanComplete",
        "5s     Warning  TaskParked    statefulnode/redis  3      "
          + "init/mark-ready: message of TaskParked",
      ])
    let one = try await mortise("events", "statefulnode", "cache", host: host)
    #expect(one.lines.count == 2)
    #expect(one.lines.last?.hasPrefix("1m00s  Normal  PlanComplete  1") == true)
    let json = try await mortise("events", "-o", "json", host: host)
    #expect(try JSONValue(parsing: json.output)["items"]?.array?.count == 3)
  }

  @Test("describe shows an object's events, not among what it owns")
  func described() async throws {
    let host = try Self.host()
    defer { try? host.stop() }
    let result = try await mortise("describe", "statefulnode/redis", host: host)
    #expect(result.lines.contains("Events:"))
    #expect(
      result.lines.contains(
        "  5s     Warning  TaskParked   3      init/mark-ready: message of TaskParked"))
    #expect(!result.output.contains("OWNS"))
  }

  @Test(
    "logs asks for what was named",
    arguments: [
      (["statefulnode", "redis"], "logs statefulnode/redis ||"),
      (["statefulnode/redis", "--task", "t", "-f"], "logs statefulnode/redis |t| -f"),
      (["statefulnode/redis", "--process", "p"], "logs statefulnode/redis ||p"),
      (["--plugin", "workload", "--since", "5m"], "logs / workload|| since"),
    ])
  func asked(arguments: [String], call: String) async throws {
    let host = try FakeHost(HostRecord())
    defer { try? host.stop() }
    let result = try await mortise(["logs"] + arguments, host: host)
    #expect(result.code == .ok, "\(result.errors)")
    #expect(host.record.calls == [call])
  }

  @Test("lines of several processes say whose they are, those of one do not")
  func sources() async throws {
    let chunks = [
      HostV1.LogChunk(text: Array("one\n\ntwo\n".utf8), source: "redis-0/server"),
      HostV1.LogChunk(text: Array("three\n".utf8), source: "redis-0/sidecar"),
    ]
    let host = try FakeHost(HostRecord { $0.logs = [chunks, chunks] })
    defer { try? host.stop() }
    let all = try await mortise("logs", "statefulnode/redis", host: host)
    #expect(
      all.output
        == "redis-0/server: one\nredis-0/server: \nredis-0/server: two\nredis-0/sidecar: three\n")
    let one = try await mortise("logs", "statefulnode/redis", "--process", "x", host: host)
    #expect(one.output == "one\n\ntwo\nthree\n")
  }

  @Test("a log that is followed goes on with the next host; one that isn't ends with 3")
  func reconnects() async throws {
    func chunk(_ text: String) -> HostV1.LogChunk { HostV1.LogChunk(text: Array(text.utf8)) }
    let scripts: [[HostV1.LogChunk?]] = [[chunk("one\n"), nil], [chunk("two\n")]]
    let host = try FakeHost(HostRecord { $0.logs = scripts })
    defer { try? host.stop() }
    let followed = try await mortise("logs", "--plugin", "a", "-f", host: host)
    #expect(followed.code == .ok)
    #expect(followed.output == "one\ntwo\n")
    #expect(followed.errors == "the host went away; waiting for it to come back\n")
    #expect(host.record.calls == ["logs / a|| -f", "logs / a|| -f since"])
    let other = try FakeHost(HostRecord { $0.logs = scripts })
    defer { try? other.stop() }
    #expect(try await mortise("logs", "--plugin", "a", host: other).code == .unreachable)
  }

  @Test(
    "what excludes each other is refused before the host is asked",
    arguments: [
      ["a/b", "--task", "t", "--process", "p"], ["a/b", "--plugin", "p"], [], ["statefulnode"],
    ])
  func refused(arguments: [String]) async throws {
    #expect(try await mortise(["logs"] + arguments).code == .usage)
  }
}
