import JSON
import LinuxSystem
import Manifests
import Testing

@testable import PluginSupervision

@Suite("plugin.yaml")
struct PluginManifestTests {
  private func parse(_ text: String) throws -> PluginManifest {
    let document = try ManifestDocument.parse(Array(text.utf8), source: "p/plugin.yaml")[0]
    return try PluginManifest(document, folder: "/p/web")
  }

  @Test("says what a plugin is, how it is run and what it may do")
  func complete() throws {
    let manifest = try parse(
      """
      name: web
      version: 1.2.3
      executable: bin/web
      arguments: [--fast]
      digest: sha256:\(String(repeating: "0a", count: 32))
      environment: [HOME]
      limits: {memory: 512Mi, openFiles: 256, processes: 64}
      config: {port: 80}
      grants: {intents: [Service], targets: [local]}
      survivesHost: false
      """)
    #expect(manifest.executable == "/p/web/bin/web")
    #expect(manifest.arguments == ["--fast"])
    #expect(manifest.environment == ["HOME"])
    #expect(manifest.limits == PluginLimits(memory: 512 << 20, openFiles: 256, processes: 64))
    #expect(manifest.config["port"] == 80)
    #expect(manifest.grants.allow(kind: "Service", target: "local"))
    #expect(!manifest.grants.allow(kind: "Service", target: "elsewhere"))
    #expect(!manifest.grants.allow(kind: "Volume", target: "local"))
    let everywhere = PluginGrants(intents: ["Service"], targets: ["*"])
    #expect(everywhere.allow(kind: "Service", target: "elsewhere"))
    #expect(!everywhere.allow(kind: "Volume", target: "elsewhere"))
  }

  @Test("needs no more than name, version and executable")
  func minimal() throws {
    let manifest = try parse("name: web\nversion: 1.0.0\nexecutable: /bin/web\n")
    #expect(manifest.executable == "/bin/web")
    #expect(manifest.digest == nil)
    #expect(!manifest.grants.allow(kind: "Service", target: "local"))
  }

  @Test(
    "names file, line, column and path of what is wrong",
    arguments: [
      ("version: 1\nexecutable: x\nname: web", "p/plugin.yaml:1:10: version: "),
      ("name: web\nversion: 1.0.0", "p/plugin.yaml:1:1: executable: "),
      (
        "name: web\nversion: 1.0.0\nexecutable: x\nexternal: true",
        "p/plugin.yaml:3:13: executable: must not be there"
      ),
      (
        "name: web\nversion: 1.0.0\nexecutable: x\nsurvivesHost: true",
        "p/plugin.yaml:4:15: survivesHost: true is not offered"
      ),
      ("name: webs\nversion: 1.0.0\nexecutable: x", "p/plugin.yaml:1:7: name: "),
      (
        "name: web\nversion: 1.0.0\nexecutable: x\nconfig: {a: [{valueFrom: {vault: x}}]}",
        "p/plugin.yaml:4:15: config.a[0].valueFrom: "
      ),
      (
        "name: web\nversion: 1.0.0\nexecutable: x\nfiles: {read: [data]}",
        "p/plugin.yaml:4:16: files.read[0]: "
      ),
      (
        "name: web\nversion: 1.0.0\nexecutable: x\ndigest: md5:00",
        "p/plugin.yaml:4:9: digest: "
      ),
      (
        "name: web\nversion: 1.0.0\nexecutable: x\nlimits:\n  memory: 500m",
        "p/plugin.yaml:5:11: limits.memory: "
      ),
      (
        "name: web\nversion: 1.0.0\nexecutable: x\nenvironment: [MORTISE_NONCE]",
        "p/plugin.yaml:4:15: environment[0]: "
      ),
      (
        "name: web\nversion: 1.0.0\nexecutable: x\nsurvivesHost: true",
        "p/plugin.yaml:4:15: survivesHost: "
      ),
      ("name: web\nversion: 1.0.0\nexecutable: x\ncolour: red", "p/plugin.yaml:4:9: colour: "),
    ])
  func problems(text: String, beginning: String) {
    let error = #expect(throws: ManifestError.self) { try parse(text) }
    #expect(error?.description.hasPrefix(beginning) == true, "\(error?.description ?? "")")
  }

  @Test(
    "an amount of memory is whole bytes",
    arguments: [
      ("1", 1), ("3Ki", 3072), ("1Ti", 1 << 40), ("1.5Mi", nil), ("0", nil), ("-1", nil),
      ("5M", nil), ("18446744073709551615Ki", nil),
    ] as [(String, UInt64?)])
  func memory(quantity: String, bytes: UInt64?) {
    #expect(PluginManifest.bytes(quantity) == bytes)
  }

  @Test("a folder whose plugin.yaml is wrong does not hide the others")
  func discovery() throws {
    let root = try Workshop.makeRoot()
    defer { try? FileSystem.removeTree(root) }
    for (name, text) in [
      ("good", "name: good\nversion: 1.0.0\nexecutable: x"), ("bad", "name: [\n"),
    ] {
      try FileSystem.makeDirectories("\(root)/plugins/\(name)/blueprints")
      try AtomicFile.write(Array(text.utf8), to: "\(root)/plugins/\(name)/plugin.yaml")
      try AtomicFile.write([], to: "\(root)/plugins/\(name)/blueprints/node.yaml")
    }
    try FileSystem.makeDirectories("\(root)/plugins/no-plugin")
    let contents = try PluginDirectory(path: "\(root)/plugins").discover()
    #expect(contents.manifests.map(\.name) == ["good"])
    #expect(
      contents.manifests[0].blueprints == ["\(root)/plugins/good/blueprints/node.yaml"])
    #expect(contents.problems.map(\.folder) == ["bad"])
    #expect(contents.problems[0].error.description.contains("bad/plugin.yaml:"))
  }
}
