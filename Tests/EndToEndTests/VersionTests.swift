import JSON
import LinuxSystem
import PluginProto
import TTRPC
import Testing

/// An upgrade while work is under way, with all processes and a host that is killed in between.
@Suite("Versions", .serialized)
struct VersionTests {
  private static func plugin(_ version: String) -> String {
    """
    name: recorder
    version: \(version)
    executable: recording-plugin
    arguments: ["--version", "\(version)"]
    """
  }

  private static let blueprint = """
    apiVersion: mortise.dev/v1
    kind: Blueprint
    metadata: {name: gated}
    spec:
      kind: Gated
      target: local
      schema: {type: object, properties: {gate: {type: string}}}
      plans:
        - name: record
          when: {phaseIn: [Pending]}
          targetPhase: Recorded
          tasks:
            - {name: first, type: record, params: {gate: "${spec.gate}"}}
            - {name: second, type: record}
    """

  private func apply(_ name: String, gate: String, to host: RunningHost) async throws {
    var manifest = HostV1.Manifest()
    manifest.source = "\(name).yaml"
    manifest.content = Array(
      """
      apiVersion: mortise.dev/v1
      kind: Gated
      metadata: {name: \(name)}
      spec: {gate: \(gate)}
      """.utf8)
    var request = HostV1.ApplyRequest()
    request.manifests = [manifest]
    #expect(try await host.call(HostV1.Host.apply, request).problems == [])
  }

  private func plugins(_ host: RunningHost) async throws -> [HostV1.PluginStatus] {
    try await host.call(HostV1.Host.plugins, HostV1.PluginsRequest()).plugins
  }

  private func until(
    _ host: RunningHost, _ what: String,
    _ isMet: @escaping @Sendable ([HostV1.PluginStatus]) -> Bool
  ) async throws {
    try await host.within(what) { [self] in
      while try await !isMet(plugins(host)) { try await host.loop.sleep(for: .milliseconds(20)) }
    }
  }

  private func isBegun(_ object: JSONValue?, on id: String) -> Bool {
    let task = object?["status"]?["plan"]?["tasks"]?.array?.first
    return task?["plugin"]?.string == id
  }

  private func isDone(_ object: JSONValue?) -> Bool {
    object?["status"]?["phase"]?.string == "Recorded" && object?["status"]?["plan"] == nil
  }

  @Test(
    "a task ends on the version that began it, across a kill of the host; new ones are upgraded")
  func upgrade() async throws {
    let installation = try Installation(plugins: [])
    let (slow, quick) = ("\(installation.root)/slow", "\(installation.root)/quick")
    try AtomicFile.write([], to: quick)
    try installation.install(
      "recorder", program: "recording-plugin", yaml: Self.plugin("1.0.0"),
      blueprint: Self.blueprint)
    let host = try RunningHost(installation)
    try await apply("one", gate: slow, to: host)
    let old = "\(installation.state)/plugins/recorder/calls"
    try await host.within("the first delivery") {
      while try Installation.lines(old).isEmpty {
        try await host.loop.sleep(for: .milliseconds(10))
      }
    }
    // Named before it was delivered.
    try await host.until("Gated", "one", "its plugin's name") { isBegun($0, on: "recorder@1.0.0") }

    try installation.install(
      "recorder@1.1.0", program: "recording-plugin", yaml: Self.plugin("1.1.0"),
      blueprint: Self.blueprint)
    try await until(host, "the new version's service") { plugins in
      plugins.contains { $0.version == "1.1.0" && $0.serving }
    }
    try await apply("two", gate: quick, to: host)
    try await host.until("Gated", "two", "the new one's end", isDone)
    host.kill()
    try await until(host, "both versions after the kill") { plugins in
      plugins.contains { $0.version == "1.0.0" && $0.state == "Ready" && $0.references > 0 }
        && plugins.contains { $0.version == "1.1.0" && $0.serving }
    }
    #expect(
      try Installation.lines("\(installation.state)/plugins/recorder@1.1.0/effects").count == 2)

    try AtomicFile.write([], to: slow)
    try await host.until("Gated", "one", "the old one's end", isDone)
    try await until(host, "the old version's end") { plugins in
      plugins.contains { $0.version == "1.0.0" && $0.state == "Stopped" && $0.pid == 0 }
    }
    let executed = try Installation.lines("\(installation.state)/plugins/recorder/effects")
    #expect(executed.count == 1, "its second task began after the upgrade, on the new version")
    #expect(
      try Installation.lines("\(installation.state)/plugins/recorder@1.1.0/effects").count == 3)
    try await host.stop()
    #expect(try installation.processes() == [])
  }
}
