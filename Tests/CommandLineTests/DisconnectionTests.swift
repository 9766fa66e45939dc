import Glibc
import LinuxSystem
import PluginProto
import TTRPC
import TestPlaces
import Testing

@testable import MortiseCLI

@Suite("the work is the host's, whoever watches and whatever ends", .timeLimit(.minutes(10)))
struct DisconnectionTests {
  @Test("a client that is killed while it waits leaves the work going on")
  func clientKilled() async throws {
    let place = try WaitingPlace()
    defer { try? place.remove() }
    let host = try place.start()
    try await host.errorLine(with: "ready")
    let client = try place.program(["apply", "-f", place.manifest, "--wait"])
    try await client.outputLine(with: "thing/one: init/await-file Running")
    try client.process.pidfd.signal(SIGKILL)
    #expect(try await client.ended() == .signalled(signal: SIGKILL))
    try place.letItGoOn()
    let result = try await place.run(["wait", "thing/one", "--for=phase=Running"])
    #expect(result.code == .ok, "\(result.errors)")
    try host.process.pidfd.signal(SIGTERM)
    #expect(try await host.ended() == .exited(code: 0))
  }

  @Test("a host that is killed and started again is followed on, and the client says so")
  func hostKilled() async throws {
    let place = try WaitingPlace()
    defer { try? place.remove() }
    let first = try place.start()
    try await first.errorLine(with: "ready")
    let follower = try place.program(["apply", "-f", place.manifest, "--wait"])
    try await follower.outputLine(with: "thing/one: init/await-file Running")
    try first.process.pidfd.signal(SIGKILL)
    #expect(try await first.ended() == .signalled(signal: SIGKILL))
    try await follower.outputLine(with: "the host went away; waiting for it to come back")
    let second = try place.start()
    try await second.errorLine(with: "ready")
    try place.letItGoOn()
    try await follower.outputLine(with: "thing/one: phase Running")
    #expect(try await follower.ended() == .exited(code: 0))
    try second.process.pidfd.signal(SIGTERM)
    #expect(try await second.ended() == .exited(code: 0))
  }

  @Test("watchers that miss a restart and all that the store forgets list anew; events are kept")
  func missed() async throws {
    let place = try WaitingPlace(configuration: "store: {history: 16}")
    defer { try? place.remove() }
    let first = try place.start()
    try await first.errorLine(with: "ready")
    #expect(try await place.run(["apply", "-f", place.manifest]).code == .ok)
    let list = try place.program(["get", "blueprints", "--watch"])
    try await list.outputLine(with: "thing")
    let waiter = try place.program(["wait", "thing/one", "--for=phase=Running"])
    try await waiter.outputLine(with: "thing/one: init/await-file Running")
    let killed = try place.program(["watch", "thing/one"])
    try await killed.outputLine(with: "thing/one: init/await-file Running")
    try killed.process.pidfd.signal(SIGKILL)
    let events = try place.program(["events", "thing/one", "--watch"])
    try await events.outputLine(with: "PlanStarted")
    // So that it comes back only after the store has forgotten what it has seen.
    try list.process.pidfd.signal(SIGSTOP)
    try first.process.pidfd.signal(SIGKILL)
    #expect(try await first.ended() == .signalled(signal: SIGKILL))
    let second = try place.start()
    try await second.errorLine(with: "ready")
    for command in ["events", "describe"] {
      let told = try await place.run([command, "thing/one"])
      #expect(told.lines.contains { $0.contains("PlanStarted") }, "\(command): \(told.output)")
    }
    let blueprints = (0..<100).map(WaitingPlace.blueprint).joined(separator: "\n---\n")
    #expect(try await place.run(["apply", "-f", "-"], input: blueprints).code == .ok)
    try list.process.pidfd.signal(SIGCONT)
    try await list.outputLine(with: "kind99")
    #expect(
      try await place.run(["apply", "-f", "-"], input: WaitingPlace.blueprint(100)).code == .ok)
    try await list.outputLine(with: "kind100")
    try place.letItGoOn()
    try await waiter.outputLine(with: "thing/one: phase Running")
    #expect(try await waiter.ended() == .exited(code: 0))
    try list.process.pidfd.signal(SIGINT)
    #expect(try await list.ended() == .exited(code: 130))
    try second.process.pidfd.signal(SIGTERM)
    #expect(try await second.ended() == .exited(code: 0))
  }

  @Test("a watch from a version that was compacted is refused as such: the reader lists anew")
  func compacted() async throws {
    let place = try WaitingPlace(configuration: "store: {history: 16}")
    defer { try? place.remove() }
    let host = try place.start()
    try await host.errorLine(with: "ready")
    // The store drops changes in steps of 64, which are beyond what it was told to keep.
    let blueprints = (0..<100).map(WaitingPlace.blueprint).joined(separator: "\n---\n")
    let result = try await place.run(["apply", "-f", "-"], input: blueprints)
    #expect(result.code == .ok, "\(result.errors)")
    let loop = try EventLoop.startThread("compacted")
    defer { loop.stop() }
    let client = try await Client.connect(path: place.socket, on: loop)
    defer { client.close() }
    var request = HostV1.WatchRequest()
    request.kind = "blueprints"
    request.fromVersion = 1
    let error = await #expect(throws: RPCError.self) {
      for try await _ in try await client.openStream(HostV1.Host.watch, request) {}
    }
    #expect(error?.code == .outOfRange)
    #expect(error?.reason == "VersionTooOld")
    try host.process.pidfd.signal(SIGTERM)
    #expect(try await host.ended() == .exited(code: 0))
  }
}

/// A host with the example's plugin, and a kind whose one task waits for a file.
struct WaitingPlace {
  let place: HostPlace
  var socket: String { place.socket }
  var manifest: String { place.path + "/thing.yaml" }
  private var file: String { place.path + "/go-on" }

  init(configuration: String = "") throws {
    place = try HostPlace()
    try place.configure("log: {format: text}\n" + configuration)
    try Self.installFiles(in: place.plugins)
    let text = """
      apiVersion: mortise.dev/v1
      kind: Blueprint
      metadata: {name: thing}
      spec:
        kind: Thing
        target: local
        schema: {type: object, required: [path], properties: {path: {type: string}}}
        plans:
        - name: init
          when: {phaseIn: [Pending]}
          targetPhase: Running
          tasks: [{type: await-file, params: {path: "${spec.path}"}}]
      ---
      apiVersion: mortise.dev/v1
      kind: Thing
      metadata: {name: one}
      spec: {path: \(file)}

      """
    try AtomicFile.write(text.utf8, to: manifest)
  }

  /// The example's plugin, as it would be installed.
  static func installFiles(in plugins: String) throws {
    let folder = plugins + "/files"
    try FileSystem.makeDirectories(folder)
    try AtomicFile.write(
      "name: files\nversion: 1.0.0\nexecutable: files-plugin\n".utf8, to: folder + "/plugin.yaml")
    let program = BuiltProducts.path("files-plugin")
    try AtomicFile.write(
      try FileSystem.read(program, limit: 512 << 20), to: folder + "/files-plugin", mode: 0o755)
  }

  static func blueprint(_ index: Int) -> String {
    """
    {apiVersion: mortise.dev/v1, kind: Blueprint, metadata: {name: kind\(index)},
     spec: {kind: Kind\(index), target: local, schema: {type: object}}}
    """
  }

  func start() throws -> ProgramProcess { try place.start() }

  func program(_ arguments: [String]) throws -> ProgramProcess {
    try ProgramProcess(arguments, environment: ["MORTISE_SOCKET": socket])
  }

  func run(_ arguments: [String], input: String = "") async throws -> CommandResult {
    try await mortise(arguments + ["--socket", socket], input: input)
  }

  /// Ends the task's waiting.
  func letItGoOn() throws { try AtomicFile.write("".utf8, to: file) }

  func remove() throws { try place.remove() }
}
