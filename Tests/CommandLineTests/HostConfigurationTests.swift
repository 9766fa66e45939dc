import Diagnostics
import LinuxSystem
import Manifests
import Testing

@testable import Daemon
@testable import MortiseCLI

@Suite("mortise.yaml is read, and refused by place")
struct HostConfigurationTests {
  private func read(_ text: String) throws(ManifestError) -> HostConfiguration {
    let documents = try ManifestDocument.parse(Array(text.utf8), source: "mortise.yaml")
    return try HostConfiguration(documents[0], folder: "/etc/mortise")
  }

  @Test("every field is taken over; relative paths are below the file's folder")
  func whole() throws {
    let found = try read(
      """
      state: /var/lib/mortise
      plugins: plugins
      socket: run/host.sock
      log: {level: warning, format: json}
      stop: {grace: 30s}
      external: {acceptance: 5m}
      store: {size: 2Gi, history: 64, watches: 32}
      """)
    var expected = HostConfiguration()
    expected.stateDirectory = "/var/lib/mortise"
    expected.pluginDirectory = "/etc/mortise/plugins"
    expected.socketPath = "/etc/mortise/run/host.sock"
    expected.logLevel = .warning
    expected.logFormat = .json
    expected.stopGrace = .seconds(30)
    expected.externalAcceptance = .seconds(300)
    expected.storeBytesMax = 2 << 30
    expected.storeHistory = 64
    expected.storeWatches = 32
    #expect(found == expected)
    #expect(try read("{}") == HostConfiguration())
  }

  @Test(
    "what is wrong is told with line, column and path",
    arguments: [
      ("stat: /x", "mortise.yaml:1:7: stat: unknown field"),
      ("log:\n  level: loud", "mortise.yaml:2:10: log.level: must be one of"),
      ("stop: {grace: 30}", "mortise.yaml:1:15: stop.grace: must be a string"),
      ("stop: {grace: 0s}", "mortise.yaml:1:15: stop.grace: must be longer than nothing"),
      ("stop: {grace: 11m}", "mortise.yaml:1:15: stop.grace: must be longer than nothing"),
      ("stop: {grace: 1.5s}", "mortise.yaml:1:15: stop.grace: \"1.5s\" is no duration"),
      (
        "external: {acceptance: 61m}", "mortise.yaml:1:24: external.acceptance: must be longer than"
      ),
      ("store: {size: 1.5Gi}", "mortise.yaml:1:15: store.size: must be at least 1Mi"),
      ("store: {size: 16Ei}", "mortise.yaml:1:15: store.size: must be at least 1Mi"),
      ("store: {size: 1023Ki}", "mortise.yaml:1:15: store.size: must be at least 1Mi"),
      ("store: {history: 1}", "mortise.yaml:1:18: store.history: must be at least 16"),
      ("state: ''", "mortise.yaml:1:8: state: must have at least 1 character"),
      ("- a", "mortise.yaml:1:1: must be an object"),
    ])
  func refusals(text: String, problem: String) {
    do {
      _ = try read(text)
      Issue.record("\(text) is accepted")
    } catch {
      #expect(error.description.hasPrefix(problem), "\(error)")
    }
  }

  @Test("several problems are told together")
  func several() {
    do {
      _ = try read("socket: \(String(repeating: "x", count: 120))\nstop: {grace: 0s}")
      Issue.record("it is accepted")
    } catch {
      #expect(error.problems.map(\.path) == ["socket", "stop.grace"])
    }
  }

  @Test(
    "what config show prints comes to the same settings",
    arguments: [
      ([], []),
      (["--stop-grace", "1500ms", "--log-format", "json"], ["grace: \"1500ms\"", "format: json"]),
      (["--log-level", "debug"], ["level: debug", "size: \"16Gi\""]),
    ])
  func shown(flags: [String], lines: [String]) async throws {
    let arguments =
      ["config", "show", "--state", "/s", "--plugins", "/p", "--socket", "/h"] + flags
    let result = try await mortise(arguments)
    #expect(result.code == .ok, "\(result.errors)")
    for line in lines { #expect(result.output.contains(line)) }
    let path = "/tmp/mortise-shown-\(UInt64.random(in: 0...UInt64.max)).yaml"
    try AtomicFile.write(result.output.utf8, to: path)
    defer { try? FileSystem.remove(path) }
    let again = try await mortise("config", "show", "--config", path)
    #expect(again.output == result.output)
    #expect(try await mortise("config", "check", path).code == .ok)
    // A flag comes before what the file says.
    let other = try await mortise(
      "config", "show", "--config", path, "--log-level", "error", "--state", "/other")
    #expect(other.lines.contains("  level: error") && other.lines.contains("state: /other"))
    #expect(!other.lines.contains("state: /s"))
  }

  @Test("config show says what only a file can say, and what the host does where none says it")
  func shownOfFile() async throws {
    let path = "/tmp/mortise-shown-\(UInt64.random(in: 0...UInt64.max)).yaml"
    defer { try? FileSystem.remove(path) }
    for (text, shown) in [("", "30s"), ("external: {acceptance: 7s}\n", "7s")] {
      try AtomicFile.write("state: /s\nplugins: /p\n\(text)".utf8, to: path)
      let result = try await mortise("config", "show", "--config", path)
      #expect(result.output.contains("acceptance: \"\(shown)\"\n"), "\(result.output)")
    }
  }

  @Test("a change is in force at once or waits for a restart; none is forgotten")
  func changes() {
    let old = HostSettings(stateDirectory: "a", pluginDirectory: "b", socketPath: "c")
    var new = old
    #expect(SettingsChange(from: old, to: new).applied == [])
    new.logLevel = .debug
    new.stopGrace = .seconds(1)
    #expect(SettingsChange(from: old, to: new).applied == ["log.level", "stop.grace"])
    #expect(SettingsChange(from: old, to: new).waiting == [])
    new.stateDirectory = "x"
    new.pluginDirectory = "x"
    new.socketPath = "x"
    new.logFormat = .json
    new.storeBytesMax = 1
    new.storeHistory = 1
    new.storeWatches = 1
    #expect(
      SettingsChange(from: old, to: new).waiting == [
        "state", "plugins", "socket", "log.format", "store.size", "store.history", "store.watches",
      ])
  }
}
