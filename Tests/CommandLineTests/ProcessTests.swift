import Glibc
import LinuxSystem
import Model
import TTRPC
import Testing

@testable import MortiseCLI

@Suite("the program as a process, its hosts too", .timeLimit(.minutes(10)))
struct ProcessTests {
  /// A kind whose one task never ends, and an object of it.
  private static let stuck = """
    apiVersion: mortise.dev/v1
    kind: Blueprint
    metadata: {name: thing}
    spec:
      kind: Thing
      target: local
      schema: {type: object}
      plans:
      - name: init
        when: {phaseIn: [Pending]}
        targetPhase: Running
        tasks: [{type: await-file, params: {path: /does/not/exist}}]
    ---
    apiVersion: mortise.dev/v1
    kind: Thing
    metadata: {name: one}
    spec: {}

    """

  @Test("an interrupt ends following with 130 and leaves the work to the host")
  func interrupt() async throws {
    let host = try FakeHost(HostRecord([Sample.resource(phase: "Pending")]))
    defer { try? host.stop() }
    let program = try ProgramProcess(
      ["wait", "statefulnode/redis", "--for=phase=Running"],
      environment: ["MORTISE_SOCKET": host.path])
    // A line in a pipe comes when it is written, not when the program ends.
    #expect(try await program.line() == "statefulnode/redis: phase Pending")
    try program.process.pidfd.signal(SIGINT)
    #expect(try await program.ended() == .exited(code: 130))
    #expect(
      try program.errorText() == "mortise: interrupted; the host goes on with the work. "
        + "Look again with: mortise watch statefulnode/redis\n")
    #expect(host.record.calls.allSatisfy { !$0.hasPrefix("delete") })
  }

  @Test("run applies to a host of its own and leaves nothing behind")
  func run() async throws {
    let scratch = try Scratch()
    defer { try? scratch.remove() }
    try WaitingPlace.installFiles(in: scratch.plugins)
    let blueprint = Self.stuck.split(separator: "---")[0]
    let result = try await mortise(
      ["run", "-f", "-", "--plugins", scratch.plugins], input: String(blueprint),
      environment: ["TMPDIR": scratch.path])
    #expect(result.errors == "")
    #expect(result.lines == ["blueprint/thing created", "blueprint/thing: deleted"])
    #expect(result.code == .ok)
    #expect(try FileSystem.list(scratch.path) == ["plugins"])
  }

  @Test("run that is interrupted takes down what it applied, then its host")
  func interruptedRun() async throws {
    let scratch = try Scratch()
    defer { try? scratch.remove() }
    try WaitingPlace.installFiles(in: scratch.plugins)
    let manifest = scratch.plugins + "/stuck.yaml"
    try Descriptor.open(manifest, O_WRONLY | O_CREAT).writeAll(Self.stuck.utf8)
    let program = try ProgramProcess(
      ["run", "-f", manifest, "--plugins", scratch.plugins], environment: ["TMPDIR": scratch.path])
    while try await !program.line().hasPrefix("thing/one: init/await-file Running") {}
    try program.process.pidfd.signal(SIGINT)
    #expect(try await program.ended() == .exited(code: 130))
    let errors = try program.errorText()
    #expect(errors.contains("interrupted; what was applied has been deleted"), "\(errors)")
    #expect(try FileSystem.list(scratch.path) == ["plugins"])
  }

  @Test("run gives up in time, with what the host had to say")
  func timedOut() async throws {
    let scratch = try Scratch()
    defer { try? scratch.remove() }
    try WaitingPlace.installFiles(in: scratch.plugins)
    let result = try await mortise(
      ["run", "-f", "-", "--plugins", scratch.plugins, "--timeout", "200ms"], input: Self.stuck,
      environment: ["TMPDIR": scratch.path])
    #expect(result.code == .timedOut)
    #expect(try FileSystem.list(scratch.path) == ["plugins"])
  }

  @Test("a host that can't start says why")
  func failedStart() async throws {
    let scratch = try Scratch()
    defer { try? scratch.remove() }
    let state = scratch.plugins + "/state"
    try Descriptor.open(state, O_WRONLY | O_CREAT).writeAll("a file".utf8)
    let result = try await mortise(
      ["run", "-f", "-", "--plugins", scratch.plugins, "--state", state], input: Self.stuck,
      environment: ["TMPDIR": scratch.path])
    #expect(result.code == .failed)
    #expect(result.errors.hasPrefix("mortise run: the host ended with exit code 1"))
    #expect(result.errors.contains("host: mortise serve: "), "\(result.errors)")
    #expect(try FileSystem.list(scratch.path) == ["plugins"])
  }
}

/// A directory of a test, with an empty one for plugins in it.
private struct Scratch {
  let path: String
  var plugins: String { path + "/plugins" }

  init() throws {
    path = "/tmp/mortise-run-\(UInt64.random(in: 0...UInt64.max))"
    try FileSystem.makeDirectories(plugins)
  }

  func remove() throws {
    try FileSystem.removeTree(path)
  }
}
