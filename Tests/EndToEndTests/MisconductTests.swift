import JSON
import LinuxSystem
import PluginProto
import Testing

/// A whole host beside a plugin that breaks the protocol on purpose: what becomes of its tasks, of the
/// host's memory and of everybody else's work.
@Suite("Misconduct", .serialized)
struct MisconductTests {
  private static let plugin = """
    name: bad
    version: 1.0.0
    executable: supervision-test-program
    arguments: [misbehave, --timeout, "1000"]
    """

  private static let blueprint = """
    apiVersion: mortise.dev/v1
    kind: Blueprint
    metadata: {name: misled}
    spec:
      kind: Misled
      target: local
      schema: {type: object, properties: {misdeed: {type: string}}}
      plans:
        - name: mislead
          when: {phaseIn: [Pending]}
          targetPhase: Done
          tasks: [{name: first, type: test.do, params: {misdeed: "${spec.misdeed}"}}]
    """

  private static let misdeeds = [
    "late", "oversized", "zeros", "garbage", "4-gib", "unknown-stream", "even-stream",
    "flood-ended",
    "flood-own",
  ]

  /// More than a host may need in the course of all of it. What floods a connection is up to 64 MiB.
  private static let memoryMiBMax = 48

  @Test(
    "leaves its tasks' outcomes unknown, the host's memory bounded and everybody else's work alone")
  func misdeeds() async throws {
    let installation = try Installation(plugins: [])
    try installation.install(
      "bad", program: "supervision-test-program", yaml: Self.plugin, blueprint: Self.blueprint)
    try installation.install(
      "recorder", program: "recording-plugin", yaml: DeliveryTests.plugin,
      blueprint: DeliveryTests.blueprint)
    let host = try RunningHost(installation)
    try await host.untilPlugins("both plugins") { $0.count(where: \.serving) == 2 }
    try await neighbourWorks("before", host)
    let before = try host.peakMemoryMiB()
    for misdeed in Self.misdeeds {
      try await apply(misdeed, to: host)
      try await neighbourWorks("beside-\(misdeed)", host)
      try await host.until("Misled", misdeed, "the outcome of \(misdeed)") { object in
        let task = object?["status"]?["plan"]?["tasks"]?.array?.first
        return task?["park"]?["reason"]?.string == "OutcomeUnknown"
      }
    }
    // So many connections in a row are too many.
    try await host.untilEvent("the end of its process") { event in
      event["reason"]?.string == "PluginCrashed"
        && event["message"]?.string?.contains("it lost 5 connections in a row") == true
    }
    try await apply("flood-log", to: host)
    try await host.untilPlugins("its slower output") { plugins in
      plugins.contains { $0.name == "bad" && $0.message.contains("slowed down") }
    }
    try await neighbourWorks("beside-flood-log", host)
    let after = try host.peakMemoryMiB()
    #expect(after - before <= Self.memoryMiBMax, "\(before) MiB became \(after)")
    #expect(host.deaths == 0)
    try await host.stop()
    #expect(try installation.processes() == [])
  }

  private func apply(_ misdeed: String, to host: RunningHost) async throws {
    try await host.apply(
      text: """
        {apiVersion: mortise.dev/v1, kind: Misled, metadata: {name: \(misdeed)}, spec: {misdeed: \(misdeed)}}
        """)
  }

  private func neighbourWorks(_ name: String, _ host: RunningHost) async throws {
    try await host.apply(
      text: DeliveryTests.manifest.replacing("name: one", with: "name: \(name)"))
    try await host.until("Recording", name, "a neighbour's task \(name)") { object in
      object?["status"]?["phase"]?.string == "Recorded"
    }
  }
}
