import Glibc
import LinuxSystem
import TTRPC
import Testing

@testable import PluginSupervision

/// Plugins that the host does not start, as real processes.
@Suite("external plugins", .timeLimit(.minutes(10)))
struct ExternalPluginTests {
  /// Ends with the test.
  private final class Process: Sendable {
    let process: SpawnedProcess

    init(_ arguments: [String]) throws {
      process = try spawn(
        ProcessSpec(
          .path(Workshop.program), arguments: ["external"] + arguments,
          environment: ["MORTISE_PLUGIN": "tester"]))
    }

    func kill(on loop: EventLoop) async throws {
      _ = try process.pidfd.signal(SIGKILL)
      try await loop.waitReadable(process.pidfd.descriptor.number)
      _ = try process.pidfd.reap()
    }

    deinit {
      _ = try? process.pidfd.signal(SIGKILL)
    }
  }

  private func plugin(_ socket: String, _ more: [String] = []) throws -> Process {
    try Process(["--socket", socket, "--no-driver"] + more)
  }

  private func nextJoined(_ workshop: Workshop) async throws -> String {
    try await workshop.events.next {
      if case .joined(_, let version, _) = $0 { version } else { nil }
    }
  }

  private func nextLeft(_ workshop: Workshop) async throws -> String {
    try await workshop.events.next { if case .left(_, _, let reason) = $0 { reason } else { nil } }
  }

  private func nextRefusal(_ workshop: Workshop) async throws -> String {
    try await workshop.events.next {
      if case .notAccepted(_, let reason) = $0 { reason } else { nil }
    }
  }

  @Test("a socket that appears joins and serves before what is installed; it leaves and comes back")
  func directory() async throws {
    let workshop = try Workshop()
    try workshop.install(
      version: "1.0.0", in: "tester", more: "grants: {intents: [Thing], targets: [here]}")
    try await workshop.supervisor.start()
    let installed = try await workshop.events.nextReady()
    #expect(try await workshop.events.nextServing() == "1.0.0")

    let socket = "\(workshop.directory)/tester.sock"
    let first = try plugin(socket, ["--version", "0.9.0"])
    #expect(try await nextJoined(workshop) == "0.9.0")
    #expect(try await workshop.events.nextServing() == "0.9.0")
    let external = try #require(workshop.provider(of: "test.do"))
    #expect(external.id == "tester@0.9.0~external")
    #expect(external.grants.allow(kind: "Thing", target: "here"), "as plugin.yaml of its name says")
    #expect(try await external.execute("hello") == "hello")
    #expect(workshop.provider(of: "test.do", range: ">=1.0")?.pid == installed.pid)

    try await first.kill(on: workshop.loop)
    _ = try await nextLeft(workshop)
    #expect(try await workshop.events.nextServing() == "1.0.0")
    guard case .absent(let reason) = workshop.supervisor.version(external.id, digest: "") else {
      Issue.record("what an external plugin began is given to an installed one")
      return
    }
    #expect(reason.contains("start it again, or attach it"))

    try FileSystem.remove(socket)
    let second = try plugin(socket, ["--version", "0.9.1"])
    #expect(try await nextJoined(workshop) == "0.9.1")
    #expect(try await workshop.events.nextServing() == "0.9.1")
    try FileSystem.remove(socket)
    #expect(try await nextLeft(workshop).contains("socket"))
    #expect(try await workshop.events.nextServing() == "1.0.0")
    #expect(!second.process.pidfd.hasEnded, "it goes on without this host")
    withExtendedLifetime(second) {}
    try await workshop.close()
  }

  @Test("one that an operator attaches serves until it is detached")
  func attach() async throws {
    let workshop = try Workshop()
    try workshop.install(version: "1.0.0", in: "tester")
    try await workshop.supervisor.start()
    #expect(try await workshop.events.nextServing() == "1.0.0")
    let socket = "\(workshop.root)/debugged.sock"
    let missing = await #expect(throws: PluginSupervisor.Refusal.self) {
      try await workshop.supervisor.attach(socket)
    }
    #expect(missing?.message.contains("--socket \(socket)") == true)

    let process = try plugin(socket)
    while try FileSystem.status(socket) == nil {
      try await workshop.loop.sleep(for: .milliseconds(5))
    }
    let snapshot = try await workshop.supervisor.attach(socket)
    #expect(snapshot.id == "tester@1.0.0~external")
    #expect(snapshot.pid == process.process.identity.pid)
    #expect(workshop.provider(of: "test.do")?.id == snapshot.id)
    #expect(try await workshop.supervisor.attach(socket).id == snapshot.id, "again is no error")

    #expect(try await workshop.supervisor.detach(socket) == socket)
    #expect(workshop.provider(of: "test.do")?.id == "tester@1.0.0")
    #expect(workshop.supervisor.snapshot().map(\.place) == ["tester"])
    let none = await #expect(throws: PluginSupervisor.Refusal.self) {
      try await workshop.supervisor.detach("tester")
    }
    #expect(none?.message.contains("not attached") == true)
    withExtendedLifetime(process) {}
    try await workshop.close()
  }

  @Test("what calls itself otherwise, or as another that is there, is refused and shown so")
  func names() async throws {
    let workshop = try Workshop()
    try await workshop.supervisor.start()
    let wrong = try plugin("\(workshop.directory)/other.sock", ["--name", "tester"])
    #expect(try await nextRefusal(workshop).contains("rename its socket"))
    #expect(workshop.supervisor.snapshot().first?.phase == .quarantined)
    #expect(workshop.provider(of: "test.do") == nil)

    let first = try plugin("\(workshop.directory)/tester.sock")
    _ = try await nextJoined(workshop)
    let socket = "\(workshop.root)/second.sock"
    let second = try plugin(socket)
    while try FileSystem.status(socket) == nil {
      try await workshop.loop.sleep(for: .milliseconds(5))
    }
    let clash = await #expect(throws: PluginSupervisor.Refusal.self) {
      try await workshop.supervisor.attach(socket)
    }
    #expect(clash?.message.contains("another external plugin is called tester") == true)
    let bad = try plugin("\(workshop.directory)/bad.sock", ["--name", "../bad"])
    #expect(try await nextRefusal(workshop).contains("another external plugin"))
    #expect(try await nextRefusal(workshop).contains("no name of a plugin"))
    withExtendedLifetime((wrong, first, second, bad)) {}
    try await workshop.close()
  }

  @Test("one that does not introduce itself in time is refused and shown so, and may try again")
  func notInTime() async throws {
    var patience = PluginPatience()
    patience.acceptance = .milliseconds(100)
    let workshop = try Workshop(patience: patience)
    try workshop.install("neighbour")
    try await workshop.supervisor.start()
    let neighbour = try await workshop.events.nextReady("neighbour")
    let socket = "\(workshop.directory)/tester.sock"
    let mute = try plugin(socket, ["--mute"])
    let reason = try await nextRefusal(workshop)
    #expect(reason.hasPrefix("it was not accepted within 100 ms: "), "\(reason)")
    let shown = try #require(workshop.supervisor.snapshot().first { $0.place == "tester.sock" })
    #expect(shown.phase == .quarantined)
    #expect(shown.message == reason)
    #expect(try await neighbour.execute("well") == "well")
    try await workshop.supervisor.reset("tester")
    // Another try, as long as the first.
    #expect(try await nextRefusal(workshop).hasPrefix("it was not accepted within 100 ms: "))
    withExtendedLifetime(mute) {}
    try await workshop.close()
  }

  @Test("a socket that another user listens at is refused", .enabled(if: geteuid() == 0))
  func user() async throws {
    let workshop = try Workshop()
    try await workshop.supervisor.start()
    chmod(workshop.directory, 0o777)
    let process = try plugin("\(workshop.directory)/tester.sock", ["--user", "65534"])
    #expect(try await nextRefusal(workshop).contains("user 65534 listens at"))
    #expect(workshop.provider(of: "test.do") == nil)
    withExtendedLifetime(process) {}
    try await workshop.close()
  }

  @Test("an operator's orders hold for it: drained it gets nothing new, disabled it is let go of")
  func holds() async throws {
    let workshop = try Workshop()
    try await workshop.supervisor.start()
    let process = try plugin("\(workshop.directory)/tester.sock")
    _ = try await workshop.events.nextServing()
    workshop.supervisor.setHolds(["tester": .draining])
    #expect(workshop.provider(of: "test.do") == nil)
    #expect(workshop.supervisor.snapshot().first?.phase == .ready)
    workshop.supervisor.setHolds(["tester": .disabled])
    _ = try await nextLeft(workshop)
    workshop.supervisor.setHolds([:])
    _ = try await workshop.events.nextServing()
    #expect(workshop.provider(of: "test.do") != nil)
    withExtendedLifetime(process) {}
    try await workshop.close()
  }

  @Test("a plugin.yaml of an external plugin waits for it, and says so")
  func declared() async throws {
    let workshop = try Workshop()
    try workshop.write("tester", "{name: tester, version: 1.0.0, external: true}")
    try await workshop.supervisor.start()
    let waiting = try #require(workshop.supervisor.snapshot().first)
    #expect(waiting.phase == .discovered)
    #expect(waiting.message.contains("tester.sock"))
    let process = try plugin("\(workshop.directory)/tester.sock")
    _ = try await workshop.events.nextServing()
    #expect(workshop.supervisor.snapshot().map(\.place) == ["tester.sock"])
    withExtendedLifetime(process) {}
    try await workshop.close()
  }
}
