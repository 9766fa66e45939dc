import Glibc
import JSON
import LinuxSystem
import PluginSDK
import Testing

@testable import Sidecar

/// The task types as the SDK calls them, against a real agent.
@Suite("The sidecar's tasks")
struct SidecarTaskTests {
  private let http = HTTPClient()

  private func context(_ id: String, attempt: Int = 1) -> TaskContext {
    TaskContext(taskID: id, attempt: attempt)
  }

  @Test("the same attempt is the same task; the next one is another")
  func attempts() async throws {
    let agent = try AgentProcess()
    let task = ConfigApply(http: http)
    let params = ConfigApply.Params(url: agent.url, config: ["a": "1"])
    for _ in 1...3 {
      let outputs = try await completed(task.execute(params, context("t")))
      #expect(outputs?.changed == true)
      #expect(outputs?.config == ["a": "1"])
    }
    let next = try await completed(task.execute(params, context("t", attempt: 2)))
    #expect(next?.changed == false)
    #expect(try agent.effects() == ["config-apply t.1", "config-apply t.2"])
  }

  @Test("all four types say what the agent said")
  func types() async throws {
    let agent = try AgentProcess()
    let params = AgentParams(url: agent.url)
    let config = ConfigApply.Params(url: agent.url, config: ["a": "1"])
    let applied = try await completed(ConfigApply(http: http).execute(config, context("1")))
    let validated = try await completed(ConfigValidate(http: http).execute(params, context("2")))
    #expect(applied?.hash == validated?.hash)
    let ready = try await completed(MarkReady(http: http).execute(params, context("3")))
    #expect(ready == ReadinessOutputs(ready: true))
    let held = try await completed(MarkNotReady(http: http).execute(params, context("4")))
    #expect(held == ReadinessOutputs(ready: false))
  }

  @Test("an agent that isn't there accepted nothing")
  func refused() async throws {
    let agent = try AgentProcess()
    try agent.kill()
    let refusal = await #expect(throws: TaskRefusal.self) {
      _ = try await MarkReady(http: http).execute(AgentParams(url: agent.url), context("t"))
    }
    #expect(refusal?.condition == .unavailable)
    #expect(refusal?.reason == "SidecarUnavailable")
  }

  @Test("what the agent calls failed is failed, with its reason")
  func failed() async throws {
    let agent = try AgentProcess()
    let params = ConfigApply.Params(url: agent.url, config: ["broken": "1"])
    _ = try await completed(ConfigApply(http: http).execute(params, context("1")))
    let failure = await #expect(throws: TaskFailure.self) {
      let params = AgentParams(url: agent.url)
      _ = try await completed(ConfigValidate(http: http).execute(params, context("2")))
    }
    #expect(failure?.reason == "ConfigInvalid")
    #expect(failure?.isTransient == false)
  }

  @Test("an id that names other work is a terminal failure")
  func conflict() async throws {
    let agent = try AgentProcess()
    let params = AgentParams(url: agent.url)
    _ = try await MarkNotReady(http: http).execute(params, context("1"))
    let failure = await #expect(throws: TaskFailure.self) {
      _ = try await ConfigValidate(http: http).execute(params, context("1"))
    }
    #expect(failure?.reason == "IDConflict")
  }

  @Test("a slow task runs on and its end is followed, over a restart of the agent")
  func slow() async throws {
    let agent = try AgentProcess([
      "VALIDATE_COMMAND": #"read word < "$CONFIG_FILE.gate"; [ "$word" = go ]"#
    ])
    let config = ConfigApply.Params(url: agent.url, config: [:])
    _ = try await ConfigApply(http: http).execute(config, context("1"))
    #expect(mkfifo(agent.configFile + ".gate", 0o600) == 0)
    let task = ConfigValidate(http: http)
    let params = AgentParams(url: agent.url)
    let work = try #require(followed(try await task.execute(params, context("2"))))
    async let end = work()
    try agent.kill()
    try agent.restart()
    let gate = try Descriptor.open(agent.configFile + ".gate", O_WRONLY)
    try gate.writeAll("go\n".utf8)
    #expect(try await completed(end) != nil)
    #expect(try agent.effects() == ["config-apply 1.1", "config-validate 2.1"])
  }

  @Test("Recover tells not started, running, finished and failed apart")
  func recover() async throws {
    let agent = try AgentProcess([
      "VALIDATE_COMMAND": #"read word < "$CONFIG_FILE.gate"; [ "$word" = go ]"#
    ])
    let task = ConfigValidate(http: http)
    let params = AgentParams(url: agent.url)
    func recovery(_ id: String) async throws -> Recovery<ConfigValidate.Outputs> {
      try await task.recover(params, handle: [], context(id))
    }
    guard case .notStarted = try await recovery("2") else {
      Issue.record("an unknown id was started")
      return
    }
    let config = ConfigApply.Params(url: agent.url, config: [:])
    _ = try await ConfigApply(http: http).execute(config, context("1"))
    #expect(mkfifo(agent.configFile + ".gate", 0o600) == 0)
    _ = try await task.execute(params, context("2"))
    guard case .finished(let running) = try await recovery("2") else {
      Issue.record("a running task is not known as such")
      return
    }
    let work = try #require(followed(running))
    let gate = try Descriptor.open(agent.configFile + ".gate", O_WRONLY)
    try gate.writeAll("go\n".utf8)
    #expect(try await completed(work()) != nil)
    guard case .finished(let ended) = try await recovery("2") else {
      Issue.record("an ended task is not known as such")
      return
    }
    #expect(try await completed(ended) != nil)
  }

  @Test("an agent that forgot a running task gets it again")
  func forgotten() async throws {
    let agent = try AgentProcess()
    let conversation = AgentConversation(
      MarkNotReady(http: http), AgentParams(url: agent.url), context("t"))
    let work = try #require(followed(conversation.following))
    #expect(try await completed(work()) == ReadinessOutputs(ready: false))
    #expect(try agent.effects() == ["mark-not-ready t.1"])
  }

  /// The outputs of a task, followed to its end where it did not end at once.
  private func completed<Outputs>(_ outcome: TaskOutcome<Outputs>) async throws -> Outputs? {
    switch outcome {
    case .complete(let outputs): return outputs
    case .running(_, _, let work?): return try await completed(try await work())
    case .running, .wait:
      Issue.record("not complete: \(outcome)")
      return nil
    }
  }

  private func followed<Outputs>(
    _ outcome: TaskOutcome<Outputs>
  ) -> (@Sendable () async throws -> TaskOutcome<Outputs>)? {
    guard case .running(_, _, let work) = outcome else {
      Issue.record("not running: \(outcome)")
      return nil
    }
    return work
  }
}
