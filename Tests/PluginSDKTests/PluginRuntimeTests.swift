import JSON
import LinuxSystem
import PluginProto
import TTRPC
import Testing

@testable import PluginSDK

@Suite struct PluginRuntimeTests {
  private func withPlugin(
    tasks: [any TaskType] = [], _ body: (PluginHarness, String) async throws -> Void
  ) async throws {
    try await withDirectory { directory in
      let plugin = try PluginHarness(tasks: tasks)
      do { try await body(plugin, directory) } catch {
        await plugin.stop()
        throw error
      }
      await plugin.stop()
    }
  }

  @Test("every call but Handshake is refused before Handshake")
  func beforeHandshake() async throws {
    try await withPlugin(tasks: [Greet()]) { plugin, _ in
      let refused = "FAILED_PRECONDITION HandshakeRequired"
      let client = plugin.client
      #expect(await reason { try await client.call(PluginV1.Plugin.describe, .init()) } == refused)
      #expect(await reason { try await plugin.execute("greet") } == refused)
      #expect(await reason { try await plugin.updates(waitMS: 0) } == refused)
      #expect(await reason { try await client.call(PluginV1.Tasks.expand, .init()) } == refused)
      try await plugin.handshake()
      #expect(try await client.call(PluginV1.Plugin.describe, .init()).name == "sample")
      // Another connection starts anew.
      let other = try plugin.connect()
      #expect(await reason { try await other.call(PluginV1.Plugin.describe, .init()) } == refused)
    }
  }

  @Test("a host that was replaced is refused, on its own connection too")
  func staleHost() async throws {
    try await withPlugin { plugin, _ in
      try await plugin.handshake(epoch: 1)
      let newer = try plugin.connect()
      _ = try await newer.call(
        PluginV1.Plugin.handshake, .init(protocolMajors: [1], hostEpoch: 2))
      #expect(
        await reason { try await plugin.client.call(PluginV1.Plugin.describe, .init()) }
          == "FAILED_PRECONDITION StaleHostEpoch")
      _ = try await newer.call(PluginV1.Plugin.describe, .init(call: .init(hostEpoch: 2)))
    }
  }

  @Test("Describe says what the types declare")
  func describe() async throws {
    try await withPlugin(tasks: [Greet(), Scripted(recorder: Recorder())]) { plugin, _ in
      try await plugin.handshake()
      let reply = try await plugin.client.call(PluginV1.Plugin.describe, .init())
      #expect(reply.version == "1.2.3")
      #expect(reply.driver == nil)
      let greet = try #require(reply.taskTypes.first { $0.type == "greet" })
      #expect(greet.acts == .throughIntents)
      #expect(greet.intentKinds == ["Greeting"])
      #expect(greet.idempotent)
      #expect(greet.timeoutMS == 2500)
      #expect(greet.maxConcurrent == 3)
      #expect(greet.capabilities == ["dryRun", "validate"])
      #expect(try JSONValue(parsing: greet.paramsSchema) == Greet.paramsSchema)
      let scripted = try #require(reply.taskTypes.first { $0.type == "scripted" })
      #expect(scripted.acts == .externally)
      #expect(!scripted.idempotent)
      #expect(scripted.capabilities == ["cancel"])
    }
  }

  @Test("work is refused before Configure, and a second configuration after it")
  func configure() async throws {
    try await withPlugin(tasks: [Greet()]) { plugin, directory in
      try await plugin.handshake()
      #expect(
        await reason { try await plugin.execute("greet") } == "FAILED_PRECONDITION NotConfigured")
      #expect(
        await reason {
          try await plugin.client.call(PluginV1.Plugin.configure, .init(stateDirectory: "x"))
        } == "INVALID_ARGUMENT MissingField")
      try await plugin.start(directory, config: ["a": 1])
      try await plugin.start(directory, config: ["a": 1])
      #expect(
        await reason { try await plugin.start(directory, config: ["a": 2]) }
          == "FAILED_PRECONDITION AlreadyConfigured")
    }
  }

  @Test("a state directory that another process holds is refused; it is taken once free")
  func stateInUse() async throws {
    try await withPlugin(tasks: [Scripted(recorder: Recorder())]) { plugin, directory in
      do {
        let holder = try Journal(directory: directory)
        #expect(
          await reason { try await plugin.start(directory) }
            == "FAILED_PRECONDITION StateDirectoryInUse")
        await holder.close()
      }
      try await plugin.start(directory)
      #expect(
        try await plugin.client.call(PluginV1.Plugin.health, .init()).status == .serving)
    }
  }

  @Test("a task through intents answers what to wait for, and goes on with what was observed")
  func intentTask() async throws {
    try await withPlugin(tasks: [Greet()]) { plugin, directory in
      try await plugin.start(directory)
      let outcome = try await plugin.execute("greet", ["name": "Ada"])
      let key = PluginV1.IntentKey(target: "local", kind: "Greeting", key: "default/Ada")
      let wait = PluginV1.Wait(
        set: [.init(id: key, spec: Array(#"{"text":"Hello, Ada"}"#.utf8))],
        gate: .init(clauses: [
          .init(intent: key, test: .committed),
          .init(intent: key, test: .atLeast, path: "copies[0]", value: Array("2".utf8)),
        ]))
      #expect(outcome == .wait(wait))
      // Pure: the same call, the same answer, and nothing to recover.
      #expect(try await plugin.execute("greet", ["name": "Ada"]) == outcome)
      #expect(try await plugin.recover("greet").state == .notStarted)
      let request = PluginV1.ExecuteRequest(
        taskID: "t", attempt: 1, step: 2, type: "greet", params: Array(#"{"name":"Ada"}"#.utf8),
        intents: [
          .init(
            id: key, spec: Array("{}".utf8), state: .committed,
            observed: Array(#"{"copies":[2]}"#.utf8))
        ], target: "local")
      let complete = PluginV1.TaskReply.Outcome.complete(
        .init(outputs: Array(#"{"copies":2}"#.utf8)))
      #expect(try await plugin.client.call(PluginV1.Tasks.execute, request).outcome == complete)
      #expect(try FileSystem.status(directory + "/journal") == nil)
    }
  }

  @Test(
    "params that do not fit are refused, naming the path",
    arguments: [
      ("{}", "params.name is missing"), (#"{"name":1}"#, "params.name is not of type String"),
      (#"{"name":"x","tags":[{"key":"a"},{}]}"#, "params.tags[1].key is missing"),
      (#"{"name":null}"#, "params.name is null where String is expected"),
    ])
  func invalidParams(_ params: String, _ message: String) async throws {
    try await withPlugin(tasks: [Greet()]) { plugin, directory in
      try await plugin.start(directory)
      let error = await #expect(throws: RPCError.self) {
        try await plugin.execute("greet", JSONValue(parsing: params))
      }
      #expect(error?.code == .invalidArgument)
      #expect(error?.reason == "InvalidParams")
      #expect(error?.message == message)
      let problems = try await plugin.client.call(
        PluginV1.Tasks.validate, .init(type: "greet", params: Array(params.utf8)))
      #expect(problems.problems == [message])
    }
  }

  @Test("a type's own check answers Validate")
  func validate() async throws {
    try await withPlugin(tasks: [Greet()]) { plugin, _ in
      try await plugin.handshake()
      let reply = try await plugin.client.call(
        PluginV1.Tasks.validate, .init(type: "greet", params: Array(#"{"name":""}"#.utf8)))
      #expect(reply.problems == ["name is empty"])
    }
  }

  @Test("bad requests are refused, and what is not offered is UNIMPLEMENTED")
  func refusals() async throws {
    let tasks: [any TaskType] = [Greet(), Scripted(recorder: Recorder())]
    try await withPlugin(tasks: tasks) { plugin, directory in
      try await plugin.start(directory)
      let client = plugin.client
      #expect(await reason { try await plugin.execute("none") } == "UNIMPLEMENTED UnknownTaskType")
      #expect(
        await reason { try await plugin.execute("scripted", id: "") }
          == "INVALID_ARGUMENT MissingField")
      #expect(
        await reason { try await plugin.execute("scripted", attempt: 0) }
          == "INVALID_ARGUMENT MissingField")
      let long = String(repeating: "x", count: 2000)
      #expect(
        await reason { try await plugin.execute("scripted", id: long) }
          == "INVALID_ARGUMENT MissingField")
      let dryRun = PluginV1.ExecuteRequest(
        taskID: "t", attempt: 1, step: 1, type: "scripted", dryRun: true)
      #expect(
        await reason { try await client.call(PluginV1.Tasks.execute, dryRun) }
          == "UNIMPLEMENTED NoDryRun")
      let notJSON = PluginV1.ExecuteRequest(
        taskID: "t", attempt: 1, step: 1, type: "scripted", params: [0x7B])
      #expect(
        await reason { try await client.call(PluginV1.Tasks.execute, notJSON) }
          == "INVALID_ARGUMENT InvalidParams")
      #expect(
        await reason { try await client.call(PluginV1.Tasks.expand, .init(type: "scripted")) }
          == "UNIMPLEMENTED NotOffered")
      #expect(
        await reason { try await client.call(PluginV1.Tasks.revert, .init(type: "greet")) }
          == "UNIMPLEMENTED NotOffered")
      #expect(
        await reason {
          try await client.call(
            PluginV1.Tasks.recover,
            .init(taskID: "t", attempt: 1, step: 1, type: "scripted", revert: true))
        } == "UNIMPLEMENTED NotOffered")
      #expect(
        await reason { try await client.call(PluginV1.Drivers.apply, .init()) }
          == "UNIMPLEMENTED UnknownMethod")
      _ = try await client.call(PluginV1.Tasks.recoveryComplete, .init())
    }
  }

  @Test("a poll ends without news when its time is over")
  func pollTimesOut() async throws {
    try await withPlugin { plugin, _ in
      try await plugin.handshake()
      let reply = try await plugin.updates(waitMS: 1)
      #expect(reply.tasks.isEmpty && reply.targets.isEmpty && !reply.reset)
      #expect(try await plugin.updates(after: reply.cursor, waitMS: 0).cursor == reply.cursor)
      let foreign = try await plugin.updates(after: 17)
      #expect(foreign.reset)
    }
  }

  @Test("log lines are JSON, tagged with the task")
  func logs() async throws {
    let task = Scripted(recorder: Recorder()) { _, context in
      context.log.info("halfway\nthere", ["percent": 50])
      return .complete([:])
    }
    try await withPlugin(tasks: [task]) { plugin, directory in
      try await plugin.start(directory)
      _ = try await plugin.execute("scripted", id: "t9", attempt: 2)
      let line = try #require(plugin.log.all.first)
      #expect(line.hasSuffix("\n"))
      #expect(
        try JSONValue(parsing: line) == [
          "level": "info", "msg": "halfway\nthere", "task": "t9", "attempt": 2,
          "type": "scripted", "percent": 50,
        ])
    }
  }
}

/// A task through intents, for tests.
private struct Greet: IntentTask, ValidatingTask {
  struct Params: Codable, Sendable {
    struct Tag: Codable, Sendable { var key: String }
    var name: String
    var tags: [Tag]?
  }
  struct Outputs: Codable, Sendable { var copies: Int }

  static let name = "greet"
  static let version = "2.0.0"
  static let intentKinds = ["Greeting"]
  static let timeout: Duration? = .milliseconds(2500)
  static let maxConcurrent: Int? = 3
  static let paramsSchema: JSONValue = ["type": "object", "required": ["name"]]

  func validate(_ params: Params) async -> [String] { params.name.isEmpty ? ["name is empty"] : [] }

  func execute(_ params: Params, _ context: TaskContext) async throws -> TaskOutcome<Outputs> {
    let key = IntentKey("Greeting", "default/\(params.name)")
    if let copies = context.intent("Greeting", key.key)?.observed?.value(at: "copies[0]")?.integer {
      return .complete(Outputs(copies: Int(copies)))
    }
    return .wait(
      Wait(
        set: [IntentWrite(key, spec: ["text": "Hello, \(params.name)"])],
        until: .all(.committed(key), .atLeast(key, "copies[0]", 2))))
  }
}
