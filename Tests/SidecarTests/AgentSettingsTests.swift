import Testing

@testable import SidecarAgent

@Suite("The agent's settings")
struct AgentSettingsTests {
  static let usual = [
    "POD_IP": "127.0.0.1", "SIDECAR_PORT": "7070", "STATE_DIR": "/s", "CONFIG_FILE": "/d/c",
    "VALIDATE_COMMAND": "true",
  ]

  @Test("a pod's usual environment is read")
  func reads() throws {
    let settings = try AgentSettings { Self.usual[$0] }
    #expect(settings.address == "127.0.0.1")
    #expect(settings.port == 7070)
    #expect(settings.stateDirectory == "/s")
    #expect(settings.configFile == "/d/c")
    #expect(settings.configFormat == .space)
    #expect(settings.validateCommand == "true")
    #expect(settings.validateTimeoutMS == AgentSettings.defaultValidateTimeoutMS)
    #expect(settings.failpoint == nil)
  }

  @Test(
    "a wrong setting is named",
    arguments: [
      ("POD_IP", ""), ("SIDECAR_PORT", ""), ("SIDECAR_PORT", "70000"), ("SIDECAR_PORT", "x"),
      ("STATE_DIR", ""), ("STATE_DIR", "state"), ("CONFIG_FILE", "node.conf"),
      ("CONFIG_FILE", ""), ("CONFIG_FORMAT", "toml"), ("VALIDATE_TIMEOUT_MS", "1"),
      ("VALIDATE_TIMEOUT_MS", "soon"),
    ])
  func refuses(_ name: String, _ value: String) throws {
    var environment = Self.usual
    environment[name] = value
    let error = #expect(throws: AgentError.self) { try AgentSettings { environment[$0] } }
    guard case .setting(name, _) = error else {
      Issue.record("\(String(describing: error)) does not name \(name)")
      return
    }
  }
}
