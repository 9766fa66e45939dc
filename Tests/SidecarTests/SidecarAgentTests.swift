import Glibc
import JSON
import LinuxSystem
import Testing

@testable import Sidecar

/// A real agent process, spoken to over HTTP as the plugin does.
@Suite("The sidecar's agent as a process")
struct SidecarAgentTests {
  private let http = HTTPClient()

  private func get(_ url: String) async throws -> (status: Int, json: JSONValue) {
    let response = try await http.send(
      HTTPRequest(method: "GET", url: url, timeoutMS: 60_000))
    return (response.status, try JSONValue(parsing: response.body))
  }

  private func post(
    _ agent: AgentProcess, _ id: String, _ type: String, _ params: JSONValue = [:],
    waitMS: Int = 30_000
  ) async throws -> (status: Int, json: JSONValue) {
    let task: JSONValue = ["id": .string(id), "type": .string(type), "params": params]
    let response = try await http.send(
      HTTPRequest(
        method: "POST", url: "\(agent.url)/v0/tasks?wait_ms=\(waitMS)", body: task.serialized(),
        timeoutMS: 60_000))
    return (response.status, try JSONValue(parsing: response.body))
  }

  private func probes(_ agent: AgentProcess) async throws -> [Int] {
    [
      try await get("\(agent.url)/v0/healthz").status,
      try await get("\(agent.url)/v0/startz").status,
      try await get("\(agent.url)/v0/readyz").status,
    ]
  }

  @Test("a pod is started once it was armed, ready while it is marked, and a restart keeps both")
  func readiness() async throws {
    let agent = try AgentProcess()
    #expect(try await probes(agent) == [200, 503, 503])
    #expect(
      try await post(agent, "1", "config-apply", ["config": ["a": "1"]]).json["state"]
        == "Complete")
    #expect(try await post(agent, "2", "mark-ready").json["outputs"] == ["ready": true])
    #expect(try await probes(agent) == [200, 200, 200])
    #expect(try await post(agent, "3", "mark-not-ready").json["outputs"] == ["ready": false])
    #expect(try await probes(agent) == [200, 200, 503])
    try agent.kill()
    try agent.restart()
    #expect(try await probes(agent) == [200, 200, 503])
  }

  @Test("config-apply writes the file and tells whether it was another one")
  func configApply() async throws {
    let agent = try AgentProcess()
    let first = try await post(agent, "1", "config-apply", ["config": ["maxmemory": "64mb"]])
    #expect(first.status == 200)
    #expect(first.json["outputs"]?["changed"] == true)
    #expect(first.json["outputs"]?["config"] == ["maxmemory": "64mb"])
    #expect(try agent.config() == "maxmemory 64mb\n")
    let again = try await post(agent, "2", "config-apply", ["config": ["maxmemory": "64mb"]])
    #expect(again.json["outputs"]?["changed"] == false)
    #expect(again.json["outputs"]?["hash"] == first.json["outputs"]?["hash"])
  }

  @Test("an id is done once, however often it is submitted, also after a restart")
  func idempotency() async throws {
    let agent = try AgentProcess()
    let first = try await post(agent, "1", "config-apply", ["config": ["a": "1"]])
    try AtomicFile.write("changed by hand\n".utf8, to: agent.configFile)
    #expect(try await post(agent, "1", "config-apply", ["config": ["a": "1"]]).json == first.json)
    try agent.kill()
    try agent.restart()
    #expect(try await post(agent, "1", "config-apply", ["config": ["a": "1"]]).json == first.json)
    #expect(try agent.config() == "changed by hand\n")
    #expect(try agent.effects() == ["config-apply 1"])
    #expect(try await post(agent, "1", "config-apply", ["config": ["a": "2"]]).status == 409)
  }

  @Test("a configuration that fails validation can't be armed")
  func brokenConfig() async throws {
    let agent = try AgentProcess(["VALIDATE_COMMAND": #"cat "$CONFIG_FILE" >&2; exit 3"#])
    #expect(
      try await post(agent, "0", "mark-ready").json["error"]?["reason"] == "ConfigMissing")
    _ = try await post(agent, "1", "config-apply", ["config": ["broken": "thing"]])
    let failed = try await post(agent, "2", "config-validate")
    #expect(failed.json["state"] == "Failed")
    #expect(failed.json["error"]?["reason"] == "ConfigInvalid")
    #expect(failed.json["error"]?["transient"] == false)
    let message = failed.json["error"]?["message"]?.string ?? ""
    #expect(message.contains("exit code 3") && message.contains("broken thing"))
    #expect(
      try await post(agent, "3", "mark-ready").json["error"]?["reason"] == "ConfigInvalid")
    #expect(try await probes(agent) == [200, 503, 503])
  }

  @Test("a validation has bounds of time and output, and leaves no process behind")
  func boundedValidation() async throws {
    let agent = try AgentProcess([
      "VALIDATE_TIMEOUT_MS": "300",
      "VALIDATE_COMMAND": #"sleep 600 & echo $! > "$CONFIG_FILE.pid"; exec yes"#,
    ])
    _ = try await post(agent, "1", "config-apply", ["config": [:]])
    let failed = try await post(agent, "2", "config-validate")
    #expect(failed.json["error"]?["reason"] == "ValidateTimeout")
    #expect(failed.json["error"]?["transient"] == true)
    #expect((failed.json["error"]?["message"]?.string ?? "").utf8.count < 1000)
    let text = String(
      decoding: try FileSystem.read(agent.configFile + ".pid").dropLast(), as: UTF8.self)
    let sleeper = try #require(pid_t(text))
    #expect(isGone(sleeper))
  }

  /// Killed, though nobody may have reaped it yet.
  private func isGone(_ pid: pid_t) -> Bool {
    guard let stat = try? FileSystem.read("/proc/\(pid)/stat") else { return true }
    return String(decoding: stat, as: UTF8.self).contains(") Z ")
  }

  @Test("a question waits for the task's end and learns it at once")
  func longPoll() async throws {
    let agent = try AgentProcess([
      "VALIDATE_COMMAND": #"read word < "$CONFIG_FILE.gate""#, "VALIDATE_TIMEOUT_MS": "600000",
    ])
    _ = try await post(agent, "1", "config-apply", ["config": [:]])
    #expect(mkfifo(agent.configFile + ".gate", 0o600) == 0)
    let submitted = try await post(agent, "2", "config-validate", waitMS: 0)
    #expect(submitted.status == 202)
    #expect(submitted.json["state"] == "Running")
    #expect(try await get("\(agent.url)/v0/tasks/2?wait_ms=20").status == 202)
    let url = agent.url
    async let answer = get("\(url)/v0/tasks/2?wait_ms=30000")
    #expect(try await get("\(agent.url)/v0/healthz").status == 200)
    // Open for reading as well: it does not wait for the reader, whenever that comes.
    let gate = try Descriptor.open(agent.configFile + ".gate", O_RDWR)
    try gate.writeAll("go\n".utf8)
    let (status, json) = try await answer
    #expect(status == 200)
    #expect(json["state"] == "Complete")
  }

  @Test("a body that is too large is refused, and the agent serves on")
  func largeBody() async throws {
    let agent = try AgentProcess()
    let text = JSONValue.string(String(repeating: "x", count: 300 << 10))
    let refused = try await post(agent, "1", "config-apply", ["config": ["a": text]])
    #expect(refused.status == 413)
    #expect(refused.json["error"]?["reason"] == "BodyTooLarge")
    #expect(try await get("\(agent.url)/v0/healthz").status == 200)
  }

  @Test("SIGTERM ends it cleanly")
  func terminate() throws {
    let agent = try AgentProcess()
    try agent.signal(SIGTERM)
    #expect(try agent.waitForEnd() == .exited(code: 0))
  }

  @Test("a port that is taken stops it with a message")
  func takenPort() throws {
    let agent = try AgentProcess()
    #expect(throws: (any Error).self) { try AgentProcess(["SIDECAR_PORT": agent.port]) }
  }
}
