import Glibc
import JSON
import LinuxSystem
import PluginProto
import TTRPC
import TestPlaces
import Testing

/// A plugin under somebody else's hands, as a developer has it who attaches his debugger.
@Suite("External plugins", .serialized)
struct ExternalPluginTests {
  private func start(_ socket: String, _ installation: Installation) throws -> SpawnedProcess {
    try spawn(
      ProcessSpec(
        .path(BuiltProducts.path("recording-plugin")),
        arguments: ["recording-plugin", "--socket", socket, "--version", "1.0.0"],
        // Names the installation, so that nothing outlives the test.
        environment: ["HOME": "\(installation.root)/"]))
  }

  private func end(_ process: SpawnedProcess, on loop: EventLoop) async throws {
    _ = try process.pidfd.signal(SIGKILL)
    try await loop.waitReadable(process.pidfd.descriptor.number)
    _ = try process.pidfd.reap()
  }

  private func attach(_ socket: String, to host: RunningHost) async throws {
    try await host.within("the socket") {
      while try FileSystem.status(socket) == nil {
        try await host.loop.sleep(for: .milliseconds(10))
      }
    }
    let reply = try await host.call(
      HostV1.Host.controlPlugin, HostV1.ControlPluginRequest(plugin: socket, action: .attach))
    #expect(reply.plugins.map(\.name) == ["recorder"])
  }

  @Test("a socket where nobody speaks is given up in time: state, event and attach say why")
  func notAccepted() async throws {
    let installation = try Installation(plugins: [])
    let configuration = "\(installation.root)/mortise.yaml"
    try AtomicFile.write("external: {acceptance: 300ms}".utf8, to: configuration)
    try FileSystem.makeDirectories(installation.plugins)
    let host = try RunningHost(installation, options: ["--config", configuration])
    let why = "it was not accepted within 300 ms"
    // It accepts, as the kernel does for it, and never answers.
    let mute = try UnixSocket.listen("\(installation.plugins)/mute.sock")
    try await host.untilPlugins("its refusal") { plugins in
      plugins.contains {
        $0.name == "mute" && $0.state == "Quarantined" && $0.message.hasPrefix(why)
      }
    }
    let told = try await host.untilEvent("the event") {
      $0["reason"]?.string == "PluginNotAccepted"
    }
    #expect(told["regarding"]?["name"]?.string == "mute")
    #expect(told["message"]?.string?.hasPrefix(why) == true)

    let socket = "\(installation.root)/debugged.sock"
    let other = try UnixSocket.listen(socket)
    let refusal = await #expect(throws: RPCError.self) {
      try await host.call(
        HostV1.Host.controlPlugin, HostV1.ControlPluginRequest(plugin: socket, action: .attach))
    }
    #expect(refusal?.message.hasPrefix(why) == true)
    withExtendedLifetime((mute, other)) {}
    try await host.stop()
  }

  @Test("what it began stays its own, over its end, its return and a kill of the host")
  func attached() async throws {
    let installation = try Installation(plugins: [])
    let (socket, gate) = ("\(installation.root)/debugged.sock", "\(installation.root)/gate")
    try installation.install(
      "recorder", program: "recording-plugin",
      yaml: "{name: recorder, version: 1.0.0, executable: recording-plugin}",
      blueprint: GatedKind.blueprint())
    let host = try RunningHost(installation)
    try await host.untilPlugins("the installed one's service") { $0.contains(where: \.serving) }
    let first = try start(socket, installation)
    try await attach(socket, to: host)
    try await GatedKind.apply("one", gate: gate, to: host)
    let calls = "\(installation.state)/plugins/recorder@external/calls"
    func until(_ call: String, count: Int) async throws {
      try await host.within("\(count) times \(call)") {
        while try Installation.lines(calls).count(where: { $0.hasPrefix(call) }) < count {
          try await host.loop.sleep(for: .milliseconds(10))
        }
      }
    }
    try await until("Execute", count: 1)

    // Its socket's file stays, as a debugger's does that is killed.
    try await end(first, on: host.loop)
    try await host.untilPlugins("its leaving") { plugins in
      plugins.contains { $0.place == socket && $0.state == "Stopped" }
        && plugins.contains { $0.place == "recorder" && $0.serving }
    }
    let request = HostV1.WhyRequest(name: host.name("one", kind: "Gated"))
    try await host.within("why it waits") {
      while try await !String(
        decoding: host.call(HostV1.Host.why, request).explanation, as: UTF8.self
      ).contains("recorder@1.0.0~external") { try await host.loop.sleep(for: .milliseconds(20)) }
    }
    try FileSystem.remove(socket)
    let second = try start(socket, installation)
    try await until("Recover", count: 1)
    try await until("Execute", count: 2)

    host.kill()
    try await until("Recover", count: 2)
    try AtomicFile.write([], to: gate)
    try await host.until("Gated", "one", "its end on the attached plugin", GatedKind.isDone)
    let installed = "\(installation.state)/plugins/recorder/calls"
    #expect(try Installation.lines(installed).isEmpty)

    _ = try await host.call(
      HostV1.Host.controlPlugin, HostV1.ControlPluginRequest(plugin: "recorder", action: .detach))
    try await host.untilPlugins("the installed one alone") { plugins in
      plugins.map(\.place) == ["recorder"] && plugins[0].serving
    }
    try await GatedKind.apply("two", gate: gate, to: host)
    try await host.until("Gated", "two", "its end on the installed one", GatedKind.isDone)
    #expect(try Installation.lines(installed).contains { $0.hasPrefix("Execute") })
    for reason in ["PluginJoined", "PluginLeft"] {
      try await host.untilEvent(reason) { $0["reason"]?.string == reason }
    }
    try await end(second, on: host.loop)
    try await host.stop()
    #expect(try installation.processes() == [])
  }
}
