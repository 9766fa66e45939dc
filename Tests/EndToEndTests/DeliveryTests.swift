import JSON
import PluginProto
import Testing

/// What the host really sent, written down by a plugin that speaks the bare protocol.
@Suite("Delivery", .serialized)
struct DeliveryTests {
  static let tasks = ["first", "second", "third"]
  static let pluginFailpoints = ["recorder.before-effect", "recorder.after-effect"]
    .flatMap { point in [1, 3].map { "\(point).\($0)" } }
  static let failpoints = ["host.before-dispatch", "host.after-effect", "host.after-flush"]
    .flatMap { point in tasks.map { "\(point).\($0)" } }

  static let plugin = """
    name: recorder
    version: 1.0.0
    executable: recording-plugin
    environment: [MORTISE_FAILPOINT]
    """

  static let blueprint = """
    apiVersion: mortise.dev/v1
    kind: Blueprint
    metadata: {name: recording}
    spec:
      kind: Recording
      target: local
      schema: {type: object}
      plans:
        - name: record
          when: {phaseIn: [Pending]}
          targetPhase: Recorded
          tasks:
            - {name: first, type: record}
            - {name: second, type: record}
            - {name: third, type: record}
    """

  static let manifest = """
    apiVersion: mortise.dev/v1
    kind: Recording
    metadata: {name: one}
    spec: {}
    """

  @Test(
    "Recover comes before any second Execute of one delivery, and every effect is made once",
    arguments: failpoints + pluginFailpoints)
  func recoverFirst(_ failpoint: String) async throws {
    let installation = try Installation(plugins: [])
    try installation.install(
      "recorder", program: "recording-plugin", yaml: Self.plugin, blueprint: Self.blueprint)
    let host = try RunningHost(installation, failpoint: failpoint)
    try await host.apply(text: Self.manifest)
    try await host.until("Recording", "one", "the plan's end") { object in
      object?["status"]?["phase"]?.string == "Recorded" && object?["status"]?["plan"] == nil
    }
    #expect(
      try installation.marker(of: failpoint) != nil, "nobody reached \(failpoint) and died there")
    #expect(host.deaths == (Self.failpoints.contains(failpoint) ? 1 : 0))

    let state = "\(installation.state)/plugins/recorder"
    let effects = try Installation.lines("\(state)/effects")
    #expect(effects.count == Self.tasks.count)
    #expect(Set(effects).count == effects.count)
    var executed: Set<Substring> = []
    for call in try Installation.lines("\(state)/calls") {
      let key = call.dropFirst("Execute ".count)
      if call.hasPrefix("Recover ") {
        executed.remove(key)
      } else {
        #expect(executed.insert(key).inserted, "a second Execute without a Recover: \(call)")
      }
    }
    try await host.stop()
    #expect(try installation.processes() == [])
  }
}
