import Glibc
import JSON
import LinuxSystem
import Testing

@testable import Sidecar

/// The agent killed between an effect and its record, at each place of each task.
@Suite("The sidecar's agent under kill -9")
struct SidecarCrashTests {
  struct Crash: Sendable, CustomTestStringConvertible {
    var type: String
    var place: String
    var testDescription: String { "\(type) \(place)" }

    static let all = ["config-apply", "config-validate", "mark-ready", "mark-not-ready"].flatMap {
      type in ["before", "after", "recorded"].map { Crash(type: type, place: $0) }
    }
  }

  private let http = HTTPClient()

  /// What each task ends with where nothing interrupts it.
  private static let tasks: [(type: String, params: JSONObject)] = [
    ("config-apply", JSONObject([("config", ["a": "1"])])), ("config-validate", JSONObject()),
    ("mark-ready", JSONObject()), ("mark-not-ready", JSONObject()),
  ]

  /// Runs all tasks; the one that the crash is about finds its agent killed, and is submitted again.
  private func run(
    _ agent: AgentProcess, expecting crash: Crash?
  ) async throws -> [AgentClient.TaskState] {
    var states: [AgentClient.TaskState] = []
    let client = AgentClient(http: http, url: agent.url)
    for (type, params) in Self.tasks {
      func submit() async throws -> AgentClient.TaskState {
        try await client.submit(id: type, type: type, params: params, waitMS: 30_000)
      }
      if crash?.type == type {
        // Answered or not: the agent may tell how a task ended before it is killed.
        _ = try? await submit()
        #expect(try agent.waitForEnd() == .signalled(signal: SIGKILL))
        try agent.restart()
      }
      states.append(try await submit())
    }
    return states
  }

  @Test(
    "a task that was interrupted ends as if it had not been, with one effect", arguments: Crash.all)
  func crash(_ crash: Crash) async throws {
    let calm = try AgentProcess()
    let undisturbed = try await run(calm, expecting: nil)
    let agent = try AgentProcess(["MORTISE_FAILPOINT": "agent.\(crash.type).\(crash.place)"])
    let states = try await run(agent, expecting: crash)
    #expect(states == undisturbed)
    #expect(try agent.config() == calm.config())
    #expect(try agent.effects() == calm.effects())
    #expect(try agent.effects() == Self.tasks.map { "\($0.type) \($0.type)" })
  }
}
