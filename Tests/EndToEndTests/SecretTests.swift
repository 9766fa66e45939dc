import JSON
import LinuxSystem
import PluginProto
import TTRPC
import TestPlaces
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
            - {name: third, type: picky, params: {bad: true}}
    """

  private static let manifest =
    "{apiVersion: mortise.dev/v1, kind: Leaking, metadata: {name: one}, spec: {}}"

  @Test("are in no log, error, status, event, answer or file of a host, however they are told")
  func grep() async throws {
    let installation = try Installation(plugins: [])
    try installation.install(
      "recorder", program: "recording-plugin", yaml: Self.yaml, blueprint: Self.blueprint)
    try AtomicFile.write(
      "\(Self.inFile)\n".utf8, to: "\(installation.plugins)/recorder/key.txt", mode: 0o600)
    let host = try RunningHost(installation, environment: ["PLANTED": Self.inEnvironment])
    try await host.untilPlugins("its plugin") { $0.contains(where: \.serving) }
    let plan = HostV1.PlanRequest(manifests: [
      HostV1.Manifest(source: "one.yaml", content: Array(Self.manifest.utf8))
    ])
    let preview = try await host.call(HostV1.Host.plan, plan).preview
    #expect(String(decoding: preview, as: UTF8.self).contains("would be picky with"))
    try await host.apply(text: Self.manifest)
    try await host.until("Leaking", "one", "why its first call was refused") { object in
      "\(object?["status"] ?? .null)".contains("not with")
    }
    let object = try await host.until("Leaking", "one", "the words of its last task") { object in
      object?["status"]?["all"] != nil
        && "\(object?["status"] ?? .null)".contains("bad is not good enough for")
    }
    // What it told did get here.
    #expect(object?["status"]?["all"]?["key"]?.string == "[secret]")
    try await host.untilPlugins("its words of its health") { plugins in
      plugins.contains { $0.message.contains(#"{"key":"[secret]""#) }
    }
    var told = [
      ("plan", String(decoding: preview, as: UTF8.self)), ("status", "\(object ?? .null)"),
    ]
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
    for path in try FileTree.files(below: installation.state) {
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
}
