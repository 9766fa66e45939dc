import Glibc
import JSON
import LinuxSystem
import Testing

@testable import MortiseCLI

@Suite("a host as a process: its configuration and its end", .timeLimit(.minutes(10)))
struct ServeTests {
  @Test("a file says where everything is; SIGHUP reads it again, and says what waits")
  func reload() async throws {
    let place = try HostPlace()
    defer { try? place.remove() }
    try place.configure("log: {level: info, format: json}\nstop: {grace: 20s}")
    let host = try place.start()
    try await host.errorLine(with: "\"message\":\"ready\"")
    #expect(try await mortise(["plugins", "--socket", place.socket]).code == .ok)
    try place.configure("log: {level: warning, format: text}\nstop: {grace: 15s}")
    try host.process.pidfd.signal(SIGHUP)
    let waiting = try await host.errorLine(with: "wait for a restart")
    #expect(waiting.contains("\"settings\":[\"log.format\"]"), "\(waiting)")
    try place.configure("log: {level: loud}")
    try host.process.pidfd.signal(SIGHUP)
    let refused = try await host.errorLine(with: "the host goes on as it was")
    #expect(refused.contains("mortise.yaml:4:"), "\(refused)")
    #expect(try await mortise(["plugins", "--socket", place.socket]).code == .ok)
    try place.configure("log: {level: info, format: json}")
    try host.process.pidfd.signal(SIGHUP)
    try await host.errorLine(with: "\"applied\":[\"log.level\",\"stop.grace\"]")
    try host.process.pidfd.signal(SIGTERM)
    #expect(try await host.ended() == .exited(code: 0))
  }

  @Test("somebody who watches does not keep a host from ending")
  func endsUnderWatch() async throws {
    let place = try HostPlace()
    defer { try? place.remove() }
    // Longer than the test may take: waiting for the watcher would fail it.
    try place.configure("log: {format: text}\nstop: {grace: 10m}")
    let host = try place.start()
    try await host.errorLine(with: "ready")
    let watcher = try ProgramProcess(
      ["watch", "blueprints", "-o", "name"], environment: ["MORTISE_SOCKET": place.socket])
    let applied = try await mortise(
      ["apply", "-f", "-", "--socket", place.socket],
      input: """
        {apiVersion: mortise.dev/v1, kind: Blueprint, metadata: {name: thing},
         spec: {kind: Thing, target: local, schema: {type: object}}}
        """)
    #expect(applied.errors == "")
    #expect(try await watcher.line() == "blueprint/thing")
    try host.process.pidfd.signal(SIGTERM)
    #expect(try await host.ended() == .exited(code: 0))
    #expect(try FileSystem.status(place.socket) == nil)
    try watcher.process.pidfd.signal(SIGINT)
    #expect(try await watcher.ended() == .exited(code: 130))
  }

  @Test("a plugin that does not end holds a host up for its grace and no longer")
  func endsInTime() async throws {
    let place = try HostPlace()
    defer { try? place.remove() }
    try WaitingPlace.installFiles(in: place.plugins)
    try place.configure("log: {format: json}\nstop: {grace: 2s}")
    let host = try place.start()
    let ready = try await host.errorLine(with: "plugin is ready")
    let pid = try #require(try JSONValue(parsing: Array(ready.utf8))["pid"]?.integer)
    #expect(kill(pid_t(pid), SIGSTOP) == 0)
    let began = MonotonicTime.now()
    try host.process.pidfd.signal(SIGTERM)
    try await host.errorLine(with: "stopping")
    #expect(try await host.ended() == .exited(code: 0))
    #expect(MonotonicTime.now().duration(since: began) < .seconds(60))
    #expect(try FileSystem.status("/proc/\(pid)") == nil, "the plugin was killed")
  }

  @Test("what is missing or wrong is told before anything is started")
  func refusals() async throws {
    let nothing = try await mortise("serve")
    #expect(nothing.code == .usage)
    #expect(
      nothing.errors == "mortise serve: --state DIR is missing, and no file of --config says "
        + "\"state\". See: mortise help serve\n")
    let place = try HostPlace()
    defer { try? place.remove() }
    try place.configure("log: {level: loud}\nx: 1")
    for command in [["serve", "--config", place.file], ["config", "check", place.file]] {
      let result = try await mortise(command)
      #expect(result.code == .refused)
      #expect(result.errors.hasPrefix("\(place.file):4:"))
      #expect(result.errors.split(separator: "\n").count == 2)
    }
    try place.configure("")
    let good = try await mortise("config", "check", place.file)
    #expect(good.lines == ["\(place.file) is in order"])
    let missing = try await mortise("config", "check", "/does/not/exist.yaml")
    #expect(missing.code == .refused)
    #expect(missing.errors.contains("No such file"))
  }
}

/// Where a test's host keeps its things.
struct HostPlace {
  let path: String
  var file: String { path + "/mortise.yaml" }
  var socket: String { path + "/host.sock" }
  var plugins: String { path + "/plugins" }

  init() throws {
    path = "/tmp/mortise-serve-\(UInt64.random(in: 0...UInt64.max))"
    try FileSystem.makeDirectories(plugins)
  }

  /// Writes mortise.yaml: the paths, then this.
  func configure(_ more: String) throws {
    let text = "state: state\nplugins: plugins\nsocket: host.sock\n\(more)\n"
    try AtomicFile.write(text.utf8, to: file)
  }

  func start() throws -> ProgramProcess {
    try ProgramProcess(["serve", "--config", file], environment: ["PATH": "/usr/bin:/bin"])
  }

  func remove() throws {
    try FileSystem.removeTree(path)
  }
}
