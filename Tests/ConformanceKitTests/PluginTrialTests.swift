import ConformanceKit
import Glibc
import JSON
import LinuxSystem
import Synchronization
import TTRPC
import TestPlaces
import Testing

@Suite("One task can be tried against a plugin without a host")
struct PluginTrialTests {
  @Test("the trace shows every call with its answer, a message's field on a line")
  func trace() async throws {
    let (outcome, lines) = try await trial(
      Subjects.switchboard(nil), "note", ["file": "${scratch}/note", "text": "two\nlines"])
    #expect(outcome.isSuccess)
    #expect(outcome.text == #"complete {"text":"two\nlines"}"#)
    let heads = lines.compactMap { $0.split(separator: "/").dropFirst().first }
      .compactMap { $0.split(separator: " ").first }
    let calls: [Substring] = ["Handshake", "Describe", "Configure", "Execute", "Shutdown"]
    #expect(heads == calls.flatMap { [$0, $0] })
    #expect(lines.map(\.first) == Array(repeating: ["→", "←"], count: calls.count).flatMap { $0 })
    let execute = try #require(lines.first { $0.contains("Tasks/Execute") })
    #expect(execute.contains(#""text":"two\nlines"}"#))
    let description = try #require(lines.first { $0.contains("← stream 3") })
    #expect(description.contains(#"      paramsSchema: {"type":"object","required":["#))
  }

  @Test("a type with phases is tried phase by phase, until one waits for what nobody here does")
  func phases() async throws {
    let (outcome, lines) = try await trial(
      Subjects.program("groups-plugin", name: "groups"), "AddNodeToGroup",
      ["group": "g", "keySet": "k", "node": "n"])
    #expect(outcome.isSuccess)
    #expect(outcome.text.hasPrefix("waits for intents\n"))
    #expect(lines.filter { $0.hasPrefix("→") && $0.contains("Tasks/Execute") }.count == 1)
    #expect(lines.contains { $0.contains("phase: key-set") })
  }

  @Test("a plugin that runs already is tried and tested as often as one likes")
  func attached() async throws {
    let directory = TemporaryDirectory()
    let socket = "\(directory.path)/s"
    let plugin = try Self.startListening(at: socket)
    defer { _ = try? plugin.pidfd.signal(SIGKILL) }
    var subject = try Subjects.switchboard(nil)
    subject.place = .socket(socket)
    var options = quick()
    options.focus = ["idempotency."]
    for _ in 1...2 {
      let file = "\(directory.path)/note"
      _ = try await trial(subject, "note", ["file": .string(file), "text": "a"])
      let report = try await conformance(subject, options)
      #expect(report.failures.isEmpty, "\(list(report))")
    }
    #expect(try FileSystem.read("\(directory.path)/note").count { $0 == UInt8(ascii: "\n") } == 2)
  }

  private static func startListening(at socket: String) throws -> SpawnedProcess {
    let listener = try UnixSocket.listen(socket)
    let path = BuiltProducts.path("switchboard-plugin")
    var spec = ProcessSpec(
      .path(path), arguments: [path], descriptors: [.init(listener, as: 3)])
    spec.environment["MORTISE_LISTEN_FD"] = "3"
    return try spawn(spec)
  }

  private func trial(
    _ subject: ConformanceSubject, _ type: String, _ params: JSONValue
  ) async throws -> (PluginTrial.Outcome, [String]) {
    let loop = try EventLoop.startThread("trial")
    defer { loop.stop() }
    let lines = TraceLines()
    let outcome = try await withTaskExecutorPreference(loop) {
      try await PluginTrial(subject, on: loop).run(
        type: type, params: params, log: { _ in }, trace: { lines.append($0) })
    }
    return (outcome, lines.all)
  }
}

private final class TraceLines: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  func append(_ line: String) { lines.withLock { $0.append(line) } }
}
