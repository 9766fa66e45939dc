import JSON
import LinuxSystem
import PluginProto
import TTRPC
import Testing

/// Calls that ask and tell around a task: Validate, dry run, RecoveryComplete; and a host that holds all.
@Suite("Calls around a task", .serialized)
struct PluginCallTests {
  private static func blueprint(_ tasks: String) -> String {
    """
    apiVersion: mortise.dev/v1
    kind: Blueprint
    metadata: {name: asked}
    spec:
      kind: Asked
      target: local
      schema: {type: object, properties: {gate: {type: string}}}
      plans:
        - name: ask
          when: {phaseIn: [Pending]}
          targetPhase: Done
          failedPhase: Failed
          tasks: [\(tasks)]
    """
  }

  private static let manifest =
    "{apiVersion: mortise.dev/v1, kind: Asked, metadata: {name: one}, spec: {}}"

  private func start(_ tasks: String, options: [String] = []) async throws -> RunningHost {
    let installation = try Installation(plugins: [])
    try installation.install(
      "recorder", program: "recording-plugin",
      yaml: "{name: recorder, version: 1.0.0, executable: recording-plugin}",
      blueprint: Self.blueprint(tasks))
    let host = try RunningHost(installation, options: options)
    try await host.untilPlugins("its plugin") { $0.contains(where: \.serving) }
    return host
  }

  private func calls(_ host: RunningHost) throws -> [String] {
    try Installation.lines("\(host.installation.state)/plugins/recorder/told")
  }

  private func preview(_ host: RunningHost) async throws -> String {
    let manifest = HostV1.Manifest(source: "one.yaml", content: Array(Self.manifest.utf8))
    let reply = try await host.call(HostV1.Host.plan, HostV1.PlanRequest(manifests: [manifest]))
    return String(decoding: reply.preview, as: UTF8.self)
  }

  @Test("params that a type refuses fail the task before anything is done, and are shown by plan")
  func refused() async throws {
    let host = try await start("{name: first, type: picky, params: {bad: true}, maxRetries: 3}")
    #expect(
      try await preview(host).contains("it would fail: InvalidParams: picky: bad is not good"))
    try await host.apply(text: Self.manifest)
    let object = try await host.until("Asked", "one", "the plan's end") { object in
      object?["status"]?["phase"]?.string == "Failed"
    }
    let record = object?["status"]?["history"]?.array?.first ?? object?["status"]?["plan"]
    #expect("\(record ?? .null)".contains("InvalidParams"))
    #expect(try !calls(host).contains { $0.hasPrefix("Execute") })
    try await host.stop()
  }

  @Test("a task that acts on the world says what it would do, and is validated once")
  func previewed() async throws {
    let host = try await start("{name: first, type: picky}")
    #expect(try await preview(host).contains("would be picky"))
    #expect(try !calls(host).contains { $0.hasPrefix("Execute") })
    let before = try calls(host).count { $0 == "Validate picky" }
    try await host.apply(text: Self.manifest)
    try await host.until("Asked", "one", "its end") { $0?["status"]?["phase"]?.string == "Done" }
    #expect(try calls(host).count { $0 == "Validate picky" } == before + 1)
    try await host.stop()
  }

  @Test("each process of a plugin is told once, when all that was to be recovered from it is")
  func recoveryComplete() async throws {
    let host = try await start(#"{name: first, type: record, params: {gate: "${spec.gate}"}}"#)
    let gate = "\(host.installation.root)/gate"
    try await host.within("the first RecoveryComplete") {
      while try calls(host) != ["RecoveryComplete"] {
        try await host.loop.sleep(for: .milliseconds(10))
      }
    }
    try await host.apply(
      text: """
        {apiVersion: mortise.dev/v1, kind: Asked, metadata: {name: one}, spec: {gate: \(gate)}}
        """)
    try await host.within("the delivery") {
      while try !calls(host).contains(where: { $0.hasPrefix("Execute") }) {
        try await host.loop.sleep(for: .milliseconds(10))
      }
    }
    host.kill()
    // While what was recovered is still under way.
    try await host.within("RecoveryComplete after Recover") {
      while try calls(host).last(where: { $0.hasPrefix("Recover") }) != "RecoveryComplete"
        || calls(host).count(where: { $0 == "RecoveryComplete" }) < 2
      {
        try await host.loop.sleep(for: .milliseconds(10))
      }
    }
    try AtomicFile.write([], to: gate)
    try await host.until("Asked", "one", "its end") { $0?["status"]?["phase"]?.string == "Done" }
    try await host.kill(plugin: "recorder")
    try await host.within("RecoveryComplete of the third process") {
      while try calls(host).count(where: { $0 == "RecoveryComplete" }) < 3 {
        try await host.loop.sleep(for: .milliseconds(10))
      }
    }
    try await host.stop()
    let told = try calls(host).map { $0.split(separator: " ")[0] }
    #expect(
      told.filter { $0.hasPrefix("Recover") }
        == ["RecoveryComplete", "Recover", "RecoveryComplete", "RecoveryComplete"],
      "once for each process, and after what there was to recover: \(told)")
  }

  @Test("a host that is started parked delivers nothing until it is unparked, over a kill of it")
  func startParked() async throws {
    let host = try await start("{name: first, type: record}", options: ["--start-parked"])
    try await host.apply(text: Self.manifest)
    @Sendable func isParked(_ object: JSONValue?) -> Bool {
      let task = object?["status"]?["plan"]?["tasks"]?.array?.first
      return task?["park"]?["reason"]?.string == "OperatorHold"
    }
    try await host.until("Asked", "one", "its park", isParked)
    host.kill()
    try await host.untilPlugins("its plugin") { $0.contains(where: \.serving) }
    try await host.until("Asked", "one", "its park", isParked)
    #expect(try !calls(host).contains { $0.hasPrefix("Execute") })
    let holds = try await host.call(HostV1.Host.holds, HostV1.HoldsRequest()).holds
    #expect(holds.map(\.note) == ["serve --start-parked"])
    _ = try await host.call(HostV1.Host.park, HostV1.ParkRequest(scope: .all, held: false))
    try await host.until("Asked", "one", "its end") { $0?["status"]?["phase"]?.string == "Done" }
    try await host.stop()
  }
}
