import Glibc
import LinuxSystem
import PluginProto
import TTRPC
import Testing

@testable import PluginSupervision

/// Real processes. Every wait is for an event; the time limit is the deadline.
@Suite("plugin supervisor", .timeLimit(.minutes(10)))
struct PluginSupervisorTests {
  @Test("a plugin becomes ready, is found by what it offers and takes calls")
  func ready() async throws {
    let workshop = try Workshop()
    try workshop.install(more: "config: {colour: red}\ngrants: {intents: [Thing]}")
    try await workshop.supervisor.start()
    let handle = try await workshop.events.nextReady()
    #expect(handle.name == "tester")
    #expect(handle.digest.hasPrefix("sha256:"))
    #expect(handle.grants.intents == ["Thing"])
    let found = try #require(workshop.provider(of: "test.do"))
    #expect(try await found.execute("hello") == "hello")
    #expect(workshop.provider(of: "test.other") == nil)
    #expect(workshop.supervisor.driver(forIntentKind: "Thing", target: "here") != nil)
    #expect(workshop.supervisor.driver(forIntentKind: "Thing", target: "nowhere") == nil)
    #expect(workshop.supervisor.driver(forIntentKind: "Other", target: "here") == nil)

    let snapshot = try #require(workshop.supervisor.snapshot().first)
    #expect(snapshot.phase == .ready)
    #expect(snapshot.pid == handle.pid)
    #expect(snapshot.taskTypes == ["test.do"])
    #expect(snapshot.intentKinds == ["Thing"])
    #expect(snapshot.inFlight == 0)
    #expect(snapshot.message.contains("no digest"))
    try await workshop.close()
  }

  @Test("a plugin of the SDK's is supervised like any other, and ends when it is asked to")
  func sdkPlugin() async throws {
    let workshop = try Workshop()
    try workshop.install("files", executable: Workshop.built("files-plugin"))
    try await workshop.supervisor.start()
    let handle = try await workshop.events.nextReady()
    #expect(handle.description.taskTypes.map(\.type) == ["write-file", "await-file"])
    let path = "\(workshop.root)/written"
    let reply = try await handle.call(
      PluginV1.Tasks.execute,
      PluginV1.ExecuteRequest(
        taskID: "t1", attempt: 1, step: 1, type: "write-file", typeVersion: "1.0.0",
        params: Array(#"{"path": "\#(path)", "content": "hello"}"#.utf8)),
      timeout: .seconds(10))
    guard case .complete = reply.outcome else {
      Issue.record("the task was answered with \(reply)")
      return
    }
    #expect(try FileSystem.read(path) == Array("hello".utf8))
    await workshop.supervisor.shutdown(grace: .seconds(10))
    let log = try FileSystem.read("\(workshop.state)/logs/plugins/files.log")
    #expect(!String(decoding: log, as: UTF8.self).contains("fault"))
    #expect(workshop.supervisor.snapshot()[0].phase == .stopped)
    try await workshop.close()
  }

  @Test("what a plugin tells through Updates comes as events, and a new target is routed to")
  func updates() async throws {
    let workshop = try Workshop()
    try workshop.install()
    try await workshop.supervisor.start()
    let change = try await workshop.events.next {
      if case .target(let change, "tester") = $0 { change } else { nil }
    }
    #expect(change.target?.name == "there")
    #expect(workshop.supervisor.driver(forIntentKind: "Thing", target: "there") != nil)
    let update = try await workshop.events.next {
      if case .task(let update, "tester") = $0 { update } else { nil }
    }
    #expect(update.taskID == "t1")
    try await workshop.close()
  }

  @Test("kill -9 of a plugin is one event with its last lines, then it is ready again")
  func killed() async throws {
    let workshop = try Workshop()
    try workshop.install()
    try await workshop.supervisor.start()
    let first = try await workshop.events.nextReady()
    let identity = try #require(try ProcessIdentity.read(first.pid))
    try PIDFD.open(identity)?.signal(SIGKILL)
    let exit = try await workshop.events.nextGone()
    #expect(exit.cause == .signal(SIGKILL))
    #expect(exit.endedByHost == nil)
    #expect(exit.pid == first.pid)
    #expect(exit.lastLines.prefix(3) == ["line 1", "line 2", "line 3"])
    let second = try await workshop.events.nextReady()
    #expect(second.pid != first.pid)
    #expect(try await second.execute("again") == "again")
    #expect(workshop.supervisor.snapshot()[0].restarts == 1)
    let gone = workshop.events.pending.filter { if case .gone = $0 { true } else { false } }
    #expect(gone.isEmpty)
    try await workshop.close()
  }

  @Test("a lost connection of a live process is made again, without a crash")
  func reconnects() async throws {
    let workshop = try Workshop()
    try workshop.install()
    try await workshop.supervisor.start()
    let first = try await workshop.events.nextReady()
    first.client.close()
    let second = try await workshop.events.nextReady()
    #expect(second.pid == first.pid)
    #expect(try await second.execute("again") == "again")
    #expect(workshop.supervisor.snapshot()[0].restarts == 0)
    try await workshop.close()
  }

  @Test("a plugin that always crashes is quarantined, and tried again after a reset")
  func crashLoop() async throws {
    let workshop = try Workshop()
    let flag = "\(workshop.root)/works"
    try workshop.install(
      executable: "/bin/sh",
      arguments: ["-c", "test -e \(flag) && exec \(Workshop.program); echo no config >&2; exit 3"])
    try await workshop.supervisor.start()
    let exit = try await workshop.events.nextGone()
    #expect(exit.cause == .code(3))
    #expect(exit.lastLines == ["no config"])
    let reason = try await workshop.events.nextQuarantined()
    #expect(reason.contains("8 starts in a row"))
    #expect(reason.contains("code 3"))
    #expect(workshop.supervisor.snapshot()[0].phase == .quarantined)

    try AtomicFile.write([], to: flag)
    try await workshop.supervisor.reset("tester")
    #expect(try await workshop.events.nextReady().name == "tester")
    await #expect(throws: PluginSupervisor.Refusal.self) {
      try await workshop.supervisor.reset("tester")
    }
    try await workshop.close()
  }

  @Test("an executable of another digest is never run, and neither is an incomplete plugin.yaml")
  func refused() async throws {
    let workshop = try Workshop()
    let zeros = "sha256:\(String(repeating: "0", count: 64))"
    try workshop.install(more: "digest: \(zeros)")
    try workshop.write("nameless", "version: 1.0.0\nexecutable: x\n")
    try await workshop.supervisor.start()
    let reasons = [
      try await workshop.events.nextQuarantined(), try await workshop.events.nextQuarantined(),
    ].sorted { $0.contains(zeros) && !$1.contains(zeros) }
    #expect(reasons[0].contains("plugin.yaml says \(zeros)"))
    #expect(reasons[1].contains("nameless/plugin.yaml:1:1: name: "))
    let snapshots = workshop.supervisor.snapshot()
    #expect(snapshots.map(\.name) == ["nameless", "tester"])
    #expect(snapshots.allSatisfy { $0.phase == .quarantined && $0.pid == 0 })
    #expect(workshop.events.pending.isEmpty)
    try await workshop.close()
  }

  @Test("a crash runs the very executable again; another one is refused where there is a digest")
  func changedExecutable() async throws {
    let workshop = try Workshop()
    let copy = "\(workshop.root)/copy"
    let bytes = try FileSystem.read(Workshop.program, limit: 1 << 30)
    try AtomicFile.write(bytes, to: copy, mode: 0o755)
    try workshop.install(executable: copy)
    try await workshop.supervisor.start()
    let digest = try await workshop.events.nextReady().digest
    await workshop.supervisor.shutdown(grace: .seconds(5))

    let second = try Workshop(root: workshop.root)
    try second.install(executable: copy, more: "digest: \(digest)")
    try await second.supervisor.start()
    let handle = try await second.events.nextReady()
    try AtomicFile.write(bytes + [0], to: copy, mode: 0o755)
    let identity = try #require(try ProcessIdentity.read(handle.pid))
    try PIDFD.open(identity)?.signal(SIGKILL)
    let again = try await second.events.nextReady()
    #expect(again.pid != handle.pid)
    #expect(again.digest == digest)
    try await second.supervisor.restart("tester")
    #expect(try await second.events.nextQuarantined().contains("plugin.yaml says \(digest)"))
    workshop.loop.stop()
    try await second.close()
  }

  @Test(
    "a process that is not what plugin.yaml says is ended and quarantined",
    arguments: [
      (["--name", "other"], "it calls itself other 1.0.0"),
      (["--version", "2.0.0"], "its plugin.yaml says tester 1.0.0"),
      (["--disjoint"], "this plugin speaks [2, 3], the host [1]"),
      (["--refuse-config"], "config.colour: unknown"),
    ])
  func impostor(arguments: [String], reason: String) async throws {
    let workshop = try Workshop()
    try workshop.install(arguments: arguments)
    try await workshop.supervisor.start()
    let exit = try await workshop.events.nextGone()
    #expect(exit.endedByHost?.contains(reason) == true)
    #expect(try await workshop.events.nextQuarantined().contains(reason))
    #expect(workshop.supervisor.snapshot()[0].pid == 0)
    try await workshop.close()
  }

  @Test("the environment is what plugin.yaml allows, and the limits are set")
  func confined() async throws {
    setenv("MS_ALLOWED", "1", 1)
    setenv("MS_FORBIDDEN", "1", 1)
    let workshop = try Workshop()
    try workshop.install(more: "environment: [MS_ALLOWED, MS_UNSET]\nlimits: {openFiles: 77}")
    try await workshop.supervisor.start()
    let handle = try await workshop.events.nextReady()
    #expect(
      try await handle.execute("environment")
        == "MORTISE_LISTEN_FD,MORTISE_LIVENESS_FD,MORTISE_NONCE,MORTISE_PLUGIN,MS_ALLOWED")
    #expect(try await handle.execute("limits") == "77")
    try await workshop.close()
  }

  @Test("stdout and stderr are kept in the plugin's log")
  func log() async throws {
    let workshop = try Workshop()
    try workshop.install()
    try await workshop.supervisor.start()
    _ = try await workshop.events.nextReady()
    await workshop.supervisor.shutdown(grace: .seconds(5))
    let log = try FileSystem.read("\(workshop.state)/logs/plugins/tester.log")
    let lines = String(decoding: log, as: UTF8.self).split(separator: "\n")
    #expect(lines.first?.hasSuffix("Z stderr line 1") == true)
    #expect(lines.contains { $0.hasSuffix(" stderr configured with {}") })
    try await workshop.close()
  }

  @Test("only the host's user reaches a plugin's socket, and a path too long is explained")
  func socket() async throws {
    let workshop = try Workshop()
    try workshop.install()
    let name = String(repeating: "x", count: 63)
    let deep = "\(workshop.root)/\(String(repeating: "d", count: 40))"
    try workshop.write(name, "name: \(name)\nversion: 1.0.0\nexecutable: /bin/true\n")
    let other = try Workshop(root: deep)
    try FileSystem.makeDirectories(deep)
    try FileSystem.rename(workshop.directory, to: other.directory)
    try await other.supervisor.start()
    #expect(try await other.events.nextQuarantined().contains("Linux allows 107"))
    _ = try await other.events.nextReady()
    let directory = try #require(try FileSystem.status("\(other.state)/sockets"))
    let socket = try #require(try FileSystem.status("\(other.state)/sockets/tester.sock"))
    #expect(directory.mode == 0o700)
    #expect(socket.mode == 0o600)
    await other.supervisor.shutdown(grace: .seconds(5))
    other.loop.stop()
    try await workshop.close()
  }
}
