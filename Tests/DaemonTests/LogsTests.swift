import Glibc
import JSON
import LinuxSystem
import PluginProto
import Storage
import TTRPC
import Testing

@testable import Daemon
@testable import Model

@Suite("Logs are found, sent whole, and followed")
struct LogsTests {
  @Test("a task's lines are told from others', since a moment, through both files that are kept")
  func task() async throws {
    let desk = try await LogDesk()
    try desk.append("mover.log.1", [(1, "stderr", "begun task-1"), (2, "stderr", "other task-2")])
    try desk.append("mover.log", [(3, "stdout", "task-1 goes on"), (4, "stderr", "nobody's")])
    #expect(
      try await desk.read { $0.task = "move" } == [
        "\(LogDesk.moment(1)) stderr begun task-1", "\(LogDesk.moment(3)) stdout task-1 goes on",
      ])
    let late = try await desk.read { request in
      request.task = "mover-type"
      request.sinceUnixMS = LogDesk.moment(2).milliseconds
    }
    #expect(late == ["\(LogDesk.moment(3)) stdout task-1 goes on"])
  }

  @Test("a log that is followed goes on with what is written, also into the next file")
  func followed() async throws {
    let desk = try await LogDesk()
    try desk.append("mover.log", [(1, "stderr", "task-1 a")])
    let follower = try await desk.follow { $0.task = "move" }
    #expect(try await follower.next() == "\(LogDesk.moment(1)) stderr task-1 a")
    try desk.append("mover.log", [(2, "stderr", "task-2 b"), (3, "stderr", "task-1 c")])
    #expect(try await follower.next() == "\(LogDesk.moment(3)) stderr task-1 c")
    try FileSystem.rename(desk.path("mover.log"), to: desk.path("mover.log.1"))
    try desk.append("mover.log", [(4, "stderr", "task-1 d")])
    #expect(try await follower.next() == "\(LogDesk.moment(4)) stderr task-1 d")
  }

  @Test("processes' lines come whole with whose they are, and go on over a driver that is away")
  func processes() async throws {
    let desk = try await LogDesk()
    desk.processes.write("one\ntw", to: "p-0/server")
    desk.processes.write("mark\n", to: "p-0/sidecar")
    let all = try await desk.chunks { _ in }.map {
      "\($0.source) \(String(decoding: $0.text, as: UTF8.self))"
    }
    #expect(all == ["p-0/server one\n", "p-0/server tw\n", "p-0/sidecar mark\n"])
    #expect(try await desk.read { $0.process = "sidecar" } == ["mark"])
    let follower = try await desk.follow { $0.process = "p-0/server" }
    #expect(try await follower.next() == "one")
    desk.processes.fail(
      RPCError(.unavailable, reason: "ConnectionLost", message: "the driver crashed"))
    desk.processes.write("o\n", to: "p-0/server")
    #expect(try await follower.next() == "two")
  }

  @Test("a process that comes while all are followed is followed, too")
  func discovered() async throws {
    let desk = try await LogDesk()
    desk.processes.write("one\n", to: "p-0/server")
    let follower = try await desk.follow { _ in }
    #expect(try await follower.next() == "one")
    desk.processes.write("new\n", to: "p-1/server")
    #expect(try await follower.next() == "new")
  }

  @Test("a client that vanishes while it follows leaves nothing behind")
  func vanished() async throws {
    let desk = try await LogDesk()
    desk.processes.write("one\n", to: "p-0/server")
    try desk.append("mover.log", [(1, "stderr", "task-1 a")])
    var followers: [LogFollower] = []
    // Of a plugin that is not installed two files are read: its version's own and its name's.
    let tasks = 8
    for number in 0..<(LogReaders.limit - tasks) {
      let follower = try await desk.follow { request in
        if number < tasks { request.task = "move" } else { request.process = "server" }
      }
      _ = try await follower.next()
      followers.append(follower)
    }
    // All places are taken; the next client is told so.
    let refused = try? await desk.read { $0.process = "server" }
    #expect(refused == nil)
    let crowd = followers.filter { $0.isOfProcess }.count
    try await desk.host.engine.until("all wait") { desk.processes.waiting == crowd }
    for follower in followers { follower.vanish() }
    try await desk.host.engine.until("nobody waits any more") { desk.processes.waiting == 0 }
    try await desk.host.engine.until("every place is free") {
      (try? desk.host.service.logReaders.enter(LogReaders.limit)) != nil
    }
  }

  @Test(
    "what can't be meant is refused with what could be",
    arguments: [
      ("nobody", "", "", "", "notFound NotFound"),
      ("box", "", "later", "", "failedPrecondition TaskNotBegun"),
      ("box", "", "none", "", "failedPrecondition UnknownTask"),
      ("box", "", "", "none", "failedPrecondition NoSuchProcess"),
      ("box", "", "", "p-0", "invalidArgument SeveralProcesses"),
      ("", "none", "", "", "failedPrecondition UnknownPlugin"),
      ("box", "mover", "", "", "invalidArgument SeveralLogs"),
      ("", "", "", "", "invalidArgument NameMissing"),
    ])
  func refused(name: String, plugin: String, task: String, process: String, as answer: String)
    async throws
  {
    let desk = try await LogDesk()
    desk.processes.write("a\n", to: "p-0/server")
    desk.processes.write("b\n", to: "p-0/sidecar")
    do {
      _ = try await desk.chunks { request in
        request.name = name.isEmpty ? nil : HostV1.ObjectName(kind: "box", name: name)
        (request.plugin, request.task, request.process) = (plugin, task, process)
      }
      Issue.record("it is answered")
    } catch let error as RPCError {
      #expect("\(error.code) \(error.reason)" == answer, "\(error.message)")
    }
  }
}

/// A host with a box that has a plan, an intent and a plugin's log.
private final class LogDesk: Sendable {
  let host: HostFixture
  let processes = ScriptedProcesses()

  static func moment(_ second: Int64) -> Timestamp { Timestamp(milliseconds: second * 1000) }

  init() async throws {
    host = try HostFixture(processLogs: processes)
    host.service.catalog.set(
      try Blueprint(
        spec: JSONReader(
          ["kind": "Box", "target": "near", "schema": ["type": "object"]], path: "spec")))
    var resource = Resource(
      apiVersion: APIVersion.current, kind: "Box", metadata: ObjectMeta(name: "box", uid: "u"),
      spec: [:])
    resource.status.plan = Plan(
      id: "plan", name: "init", generation: 1, target: "near", targetPhase: "", failedPhase: "",
      condition: nil,
      tasks: [Self.task("move", isBegun: true), Self.task("later", isBegun: false)],
      startedAt: Self.moment(0))
    _ = try await host.engine.store.create(resource.stored)
    let intent = Intent(
      write: IntentWrite(
        key: IntentKey(target: "near", kind: "Lid", key: "a"), spec: [:], specVersion: 0,
        references: []),
      uid: "i", owner: IntentOwner(resource: resource.key, uid: "u"),
      writer: IntentWriter(taskID: "task-1", attempt: 1, step: 1))
    _ = try await host.engine.store.create(intent.stored)
    try FileSystem.makeDirectories("\(host.engine.directory)/logs/plugins")
  }

  private static func task(_ name: String, isBegun: Bool) -> PlannedTask {
    var task = PlannedTask(
      id: isBegun ? "task-1" : "task-9", name: name, type: isBegun ? "mover-type" : name,
      versionRange: "", params: [:], outputPaths: [], maxRetries: 0, timeout: .seconds(1))
    task.plugin = "mover@1.0.0"
    if isBegun { task.state = .running }
    return task
  }

  func path(_ name: String) -> String { "\(host.engine.directory)/logs/plugins/\(name)" }

  func append(_ name: String, _ lines: [(second: Int64, stream: String, text: String)]) throws {
    let file = try Descriptor.open(path(name), O_WRONLY | O_CREAT | O_APPEND)
    for line in lines {
      try file.writeAll("\(Self.moment(line.second)) \(line.stream) \(line.text)\n".utf8)
    }
  }

  func follow(_ change: (inout HostV1.LogsRequest) -> Void) async throws -> LogFollower {
    var request = HostV1.LogsRequest(name: HostV1.ObjectName(kind: "box", name: "box"))
    change(&request)
    request.follow = true
    let client = try host.client()
    return LogFollower(
      client, try await client.openStream(HostV1.Host.logs, request),
      isOfProcess: !request.process.isEmpty)
  }

  func chunks(_ change: (inout HostV1.LogsRequest) -> Void) async throws -> [HostV1.LogChunk] {
    var request = HostV1.LogsRequest(name: HostV1.ObjectName(kind: "box", name: "box"))
    change(&request)
    let client = try host.client()
    defer { client.close() }
    var chunks: [HostV1.LogChunk] = []
    for try await chunk in try await client.openStream(HostV1.Host.logs, request) {
      chunks.append(chunk)
    }
    return chunks
  }

  func read(_ change: (inout HostV1.LogsRequest) -> Void) async throws -> [String] {
    String(decoding: try await chunks(change).flatMap(\.text), as: UTF8.self)
      .split(separator: "\n").map(String.init)
  }
}

/// A client that follows a log, line by line.
private final class LogFollower {
  private let client: Client
  private var chunks: ResponseStream<HostV1.LogChunk>.AsyncIterator
  private var lines: [String] = []
  let isOfProcess: Bool

  init(_ client: Client, _ stream: ResponseStream<HostV1.LogChunk>, isOfProcess: Bool) {
    self.client = client
    self.isOfProcess = isOfProcess
    chunks = stream.makeAsyncIterator()
  }

  deinit { client.close() }

  func next() async throws -> String? {
    while lines.isEmpty {
      guard let chunk = try await chunks.next() else { return nil }
      lines += String(decoding: chunk.text, as: UTF8.self).split(separator: "\n").map(String.init)
    }
    return lines.removeFirst()
  }

  func vanish() { client.close() }
}
