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

  private func isBegun(_ object: JSONValue?, on id: String) -> Bool {
    let task = object?["status"]?["plan"]?["tasks"]?.array?.first
    return task?["plugin"]?.string == id
  }

  @Test(
    "a task ends on the version that began it, across a kill of the host; new ones are upgraded")
  func upgrade() async throws {
    let installation = try Installation(plugins: [])
    let (slow, quick) = ("\(installation.root)/slow", "\(installation.root)/quick")
    try AtomicFile.write([], to: quick)
    try installation.install(
      "recorder", program: "recording-plugin", yaml: Self.plugin("1.0.0"),
      blueprint: GatedKind.blueprint())
    let host = try RunningHost(installation)
    try await GatedKind.apply("one", gate: slow, to: host)
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
      blueprint: GatedKind.blueprint())
    try await host.untilPlugins("the new version's service") { plugins in
      plugins.contains { $0.version == "1.1.0" && $0.serving }
    }
    try await GatedKind.apply("two", gate: quick, to: host)
    try await host.until("Gated", "two", "the new one's end", GatedKind.isDone)
    host.kill()
    try await host.untilPlugins("both versions after the kill") { plugins in
      plugins.contains { $0.version == "1.0.0" && $0.state == "Ready" && $0.references > 0 }
        && plugins.contains { $0.version == "1.1.0" && $0.serving }
    }
    #expect(
      try Installation.lines("\(installation.state)/plugins/recorder@1.1.0/effects").count == 2)

    try AtomicFile.write([], to: slow)
    try await host.until("Gated", "one", "the old one's end", GatedKind.isDone)
    try await host.untilPlugins("the old version's end") { plugins in
      plugins.contains { $0.version == "1.0.0" && $0.state == "Stopped" && $0.pid == 0 }
    }
    let executed = try Installation.lines("\(installation.state)/plugins/recorder/effects")
    #expect(executed.count == 1, "its second task began after the upgrade, on the new version")
    #expect(
      try Installation.lines("\(installation.state)/plugins/recorder@1.1.0/effects").count == 3)
    try await host.stop()
    #expect(try installation.processes() == [])
  }

  @Test("the way down is the same: drained, a version ends what it began across a kill of the host")
  func downgrade() async throws {
    let installation = try Installation(plugins: [])
    let (slow, quick) = ("\(installation.root)/slow", "\(installation.root)/quick")
    try AtomicFile.write([], to: quick)
    for (folder, version) in [("recorder", "1.0.0"), ("recorder@1.1.0", "1.1.0")] {
      try installation.install(
        folder, program: "recording-plugin", yaml: Self.plugin(version),
        blueprint: GatedKind.blueprint())
    }
    let host = try RunningHost(installation)
    try await host.untilPlugins("the newer version's service") { plugins in
      plugins.contains { $0.version == "1.1.0" && $0.serving }
    }
    try await GatedKind.apply("one", gate: slow, to: host)
    let newer = "\(installation.state)/plugins/recorder@1.1.0/calls"
    try await host.within("the first delivery") {
      while try Installation.lines(newer).isEmpty {
        try await host.loop.sleep(for: .milliseconds(10))
      }
    }
    _ = try await host.call(
      HostV1.Host.controlPlugin,
      HostV1.ControlPluginRequest(plugin: "recorder@1.1.0", action: .drain, note: "it is slow"))
    try await host.untilPlugins("the older version's service") { plugins in
      plugins.contains { $0.version == "1.0.0" && $0.serving }
    }
    try await GatedKind.apply("two", gate: quick, to: host)
    try await host.until("Gated", "two", "the end on the older version", GatedKind.isDone)
    host.kill()
    try await host.untilPlugins("both versions after the kill") { plugins in
      plugins.contains { $0.version == "1.0.0" && $0.serving }
        && plugins.contains {
          $0.version == "1.1.0" && $0.state == "Ready" && $0.hold == "Draining" && $0.references > 0
        }
    }
    let older = "\(installation.state)/plugins/recorder/effects"
    #expect(try Installation.lines(older).count == 2)
    try AtomicFile.write([], to: slow)
    try await host.until("Gated", "one", "the end of what the newer one began", GatedKind.isDone)
    try await host.untilPlugins("the newer version's end") { plugins in
      plugins.contains { $0.version == "1.1.0" && $0.state == "Stopped" && $0.pid == 0 }
    }
    #expect(
      try Installation.lines("\(installation.state)/plugins/recorder@1.1.0/effects").count == 1)
    #expect(try Installation.lines(older).count == 3, "its second task began after the drain")
    try await host.stop()
    #expect(try installation.processes() == [])
  }

  @Test("a blueprint that pins a range gets a version of that range, beside the one that serves")
  func pinned() async throws {
    let installation = try Installation(plugins: [])
    let gate = "\(installation.root)/gate"
    try AtomicFile.write([], to: gate)
    let pinned = GatedKind.blueprint(second: #"{name: second, type: record, version: "<1.1"}"#)
    for (folder, version) in [("recorder", "1.0.0"), ("recorder@1.1.0", "1.1.0")] {
      try installation.install(
        folder, program: "recording-plugin", yaml: Self.plugin(version), blueprint: pinned)
    }
    let host = try RunningHost(installation)
    try await host.untilPlugins("the newer version's service") { plugins in
      plugins.contains { $0.version == "1.1.0" && $0.serving }
    }
    try await GatedKind.apply("one", gate: gate, to: host)
    try await host.until("Gated", "one", "its end", GatedKind.isDone)
    for folder in ["recorder", "recorder@1.1.0"] {
      #expect(
        try Installation.lines("\(installation.state)/plugins/\(folder)/effects").count == 1)
    }
    try await host.stop()
    #expect(try installation.processes() == [])
  }
}
