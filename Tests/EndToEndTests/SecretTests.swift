import JSON
import LinuxSystem
import PluginProto
import TTRPC
import Testing

/// A planted secret that its plugin tells wherever it can, looked for in all that a host keeps and says.
@Suite("Secrets", .serialized)
struct SecretTests {
  private static let inFile = "planted-in-a-file-77f0"
  private static let inEnvironment = "planted-in-the-environment-41c2"

  private static let yaml = """
    name: recorder
    version: 1.0.0
    executable: recording-plugin
    arguments: [--leak]
    config:
      key: {valueFrom: {file: key.txt}}
      more: {valueFrom: {env: PLANTED}}
    """

  private static let blueprint = """
    apiVersion: mortise.dev/v1
    kind: Blueprint
    metadata: {name: leaking}
    spec:
      kind: Leaking
      target: local
      schema: {type: object}
      plans:
        - name: leak
          when: {phaseIn: [Pending]}
          targetPhase: Leaked
          tasks:
            - {name: first, type: leak, maxRetries: 1, outputs: {all: status.all}}
            - {name: second, type: record, params: {seen: "${tasks.first.outputs.all}"}}
    """

  @Test("are in no log, error, status, event, answer or file of a host, however they are told")
  func grep() async throws {
    let installation = try Installation(plugins: [])
    try installation.install(
      "recorder", program: "recording-plugin", yaml: Self.yaml, blueprint: Self.blueprint)
    try AtomicFile.write(
      "\(Self.inFile)\n".utf8, to: "\(installation.plugins)/recorder/key.txt", mode: 0o600)
    let host = try RunningHost(installation, environment: ["PLANTED": Self.inEnvironment])
    try await host.apply(
      text: "{apiVersion: mortise.dev/v1, kind: Leaking, metadata: {name: one}, spec: {}}")
    let object = try await host.until("Leaking", "one", "the outputs of its second attempt") {
      $0?["status"]?["all"] != nil
    }
    // What it told did get here.
    #expect(object?["status"]?["all"]?["key"]?.string == "[secret]")
    try await host.untilPlugins("its words of its health") { plugins in
      plugins.contains { $0.message.contains(#"{"key":"[secret]""#) }
    }
    var told: [(String, String)] = []
    for kind in ["Leaking", "Event", "Blueprint", "Intent"] {
      let reply = try await host.call(HostV1.Host.list, HostV1.ListRequest(kind: kind))
      told += reply.objects.map { (kind, String(decoding: $0, as: UTF8.self)) }
    }
    let name = host.name("one", kind: "Leaking")
    let why = try await host.call(HostV1.Host.why, HostV1.WhyRequest(name: name))
    told.append(("why", String(decoding: why.explanation, as: UTF8.self)))
    let plugins = try await host.call(HostV1.Host.plugins, HostV1.PluginsRequest())
    told.append(("plugins", "\(plugins)"))
    let described = try await host.call(
      HostV1.Host.describePlugin, HostV1.DescribePluginRequest(plugin: "recorder"))
    told += described.details.map { ("describe", String(decoding: $0, as: UTF8.self)) }
    #expect(told.contains { $0.0 == "Event" && $0.1.contains("[secret]") })
    try await host.stop()
    told.append(("host.log", try text("\(installation.root)/host.log")))
    for path in try files(below: installation.state) {
      // The plugin's own notes are its own affair.
      if !path.contains("/plugins/recorder/") { told.append((path, try text(path))) }
    }
    #expect(told.contains { $0.0.hasSuffix("recorder.log") && $0.1.contains("[secret]") })
    for (place, text) in told {
      #expect(!text.contains(Self.inFile) && !text.contains(Self.inEnvironment), "\(place)")
    }
  }

  private func text(_ path: String) throws -> String {
    String(decoding: try FileSystem.read(path, limit: 1 << 30), as: UTF8.self)
  }

  private func files(below path: String) throws -> [String] {
    try FileSystem.list(path).flatMap { name -> [String] in
      let child = "\(path)/\(name)"
      switch try FileSystem.status(child)?.kind {
      case .directory: return try files(below: child)
      case .file: return [child]
      default: return []
      }
    }
  }
}
