import Glibc
import LinuxSystem
import TTRPC
import Testing

@testable import PluginSupervision

/// Versions side by side as real processes, installed and removed while the host runs.
@Suite("versions of a plugin", .timeLimit(.minutes(10)))
struct PluginVersionTests {
  private func ended(_ handle: PluginHandle) throws -> @Sendable (EventLoop) async throws -> Void {
    let identity = try #require(try ProcessIdentity.read(handle.pid))
    return { try await ProcessWait.ended(identity, on: $0) }
  }

  @Test("a newer version in a folder of its own takes over; the older one stays for its tasks")
  func upgrade() async throws {
    let workshop = try Workshop()
    try workshop.install(version: "1.0.0", in: "tester")
    try await workshop.supervisor.start()
    let old = try await workshop.events.nextReady()
    #expect(try await workshop.events.nextServing() == "1.0.0")
    workshop.supervisor.setReferences(1, of: "tester@1.0.0")

    try workshop.install(version: "1.1.0", in: "tester@1.1.0")
    #expect(try await workshop.events.nextServing() == "1.1.0")
    #expect(workshop.provider(of: "test.do")?.version == "1.1.0")
    #expect(workshop.provider(of: "test.do", range: "<1.1")?.pid == old.pid)
    guard case .ready(let same) = workshop.supervisor.version("tester@1.0.0", digest: old.digest)
    else {
      Issue.record("the version that began the task is not found")
      return
    }
    #expect(same.pid == old.pid)

    let oldEnded = try ended(old)
    workshop.supervisor.setReferences(0, of: "tester@1.0.0")
    try await oldEnded(workshop.loop)
    let snapshots = workshop.supervisor.snapshot()
    #expect(snapshots.map(\.place) == ["tester@1.1.0", "tester"])
    #expect(snapshots.map(\.isServing) == [true, false])
    #expect(workshop.provider(of: "test.do")?.version == "1.1.0")
    try await workshop.close()
  }

  @Test("a resting version is started for a task that is pinned to it")
  func pinned() async throws {
    let workshop = try Workshop()
    try workshop.install(version: "1.0.0", in: "tester")
    try workshop.install(version: "1.1.0", in: "tester@1.1.0")
    workshop.supervisor.setReferences(1, of: "tester@1.0.0")
    try await workshop.supervisor.start()
    #expect(try await workshop.events.nextServing() == "1.1.0")
    let old = try await workshop.events.next {
      if case .ready(let handle) = $0, handle.version == "1.0.0" { handle } else { nil }
    }
    let oldEnded = try ended(old)
    workshop.supervisor.setReferences(0, of: "tester@1.0.0")
    try await oldEnded(workshop.loop)
    try await until(workshop.loop) { workshop.supervisor.snapshot().last?.phase == .stopped }
    #expect(workshop.provider(of: "test.do", range: "=1.0.0") == nil)
    let again = try await workshop.events.next {
      if case .ready(let handle) = $0, handle.version == "1.0.0" { handle } else { nil }
    }
    #expect(workshop.provider(of: "test.do", range: "=1.0.0")?.pid == again.pid)
    #expect(workshop.provider(of: "test.do")?.version == "1.1.0")
    try await workshop.close()
  }

  @Test("a version that was started for a pinned task rests when nobody asks, as often as needed")
  func pinnedRests() async throws {
    var patience = PluginPatience()
    patience.unasked = .milliseconds(20)
    let workshop = try Workshop(patience: patience)
    try workshop.install(version: "1.0.0", in: "tester")
    try workshop.install(version: "1.1.0", in: "tester@1.1.0")
    workshop.supervisor.setReferences(1, of: "tester@1.0.0")
    try await workshop.supervisor.start()
    #expect(try await workshop.events.nextServing() == "1.1.0")
    func nextOld() async throws -> PluginHandle {
      try await workshop.events.next {
        if case .ready(let handle) = $0, handle.version == "1.0.0" { handle } else { nil }
      }
    }
    _ = try await nextOld()
    workshop.supervisor.setReferences(0, of: "tester@1.0.0")
    for _ in 1...2 {
      try await until(workshop.loop) { workshop.supervisor.snapshot().last?.phase == .stopped }
      #expect(workshop.provider(of: "test.do", range: "=1.0.0") == nil)
      _ = try await nextOld()
    }
    // While it has tasks it stays, however long nobody asks.
    _ = workshop.provider(of: "test.do", range: "=1.0.0")
    workshop.supervisor.setReferences(1, of: "tester@1.0.0")
    try await until(workshop.loop) { workshop.supervisor.snapshot().last?.phase == .ready }
    workshop.supervisor.setReferences(0, of: "tester@1.0.0")
    try await until(workshop.loop) { workshop.supervisor.snapshot().last?.phase == .stopped }
    #expect(workshop.provider(of: "test.do")?.version == "1.1.0")
    try await workshop.close()
  }

  @Test("a driver's next version is configured when the one before has ended, and serves then")
  func driver() async throws {
    let workshop = try Workshop()
    let lock = "\(workshop.root)/lock"
    try workshop.write("tester", Self.exclusive("1.0.0", lock))
    try await workshop.supervisor.start()
    let old = try await workshop.events.nextReady()
    let oldEnded = try ended(old)
    try workshop.write("tester@1.1.0", Self.exclusive("1.1.0", lock))
    #expect(try await workshop.events.nextServing() == "1.0.0")
    #expect(try await workshop.events.nextServing() == "1.1.0")
    try await oldEnded(workshop.loop)
    #expect(workshop.supervisor.driver(forIntentKind: "Thing", target: "here")?.version == "1.1.0")
    let gone = workshop.events.pending.filter { if case .gone = $0 { true } else { false } }
    #expect(gone.isEmpty)
    try await workshop.close()
  }

  /// A plugin that takes a lock when it is configured, and fails where another has it.
  private static func exclusive(_ version: String, _ lock: String) -> String {
    """
    name: tester
    version: \(version)
    executable: \(Workshop.program)
    arguments: ["--version", "\(version)", "--configure-lock", "\(lock)"]
    """
  }

  @Test("what is written bit by bit is picked up when it is whole, and harms nothing before")
  func halfWritten() async throws {
    let workshop = try Workshop()
    try workshop.install("other")
    try await workshop.supervisor.start()
    let folder = "\(workshop.directory)/late"
    try FileSystem.makeDirectories(folder)
    try AtomicFile.write(Array("name: late\n".utf8), to: "\(folder)/plugin.yaml")
    #expect(try await workshop.events.nextQuarantined().contains("version"))
    try AtomicFile.write(
      Array("name: late\nversion: 1.0.0\nexecutable: run\narguments: [--name, late]\n".utf8),
      to: "\(folder)/plugin.yaml")
    #expect(try await workshop.events.nextQuarantined().contains("run"))
    let bytes = try FileSystem.read(Workshop.program, limit: 1 << 30)
    try AtomicFile.write(bytes, to: "\(folder)/run", mode: 0o755)
    _ = try await workshop.events.next {
      if case .ready(let handle) = $0, handle.name == "late" { handle } else { nil }
    }
    try await workshop.close()
  }

  @Test("changed settings are taken; another version or executable in the folder is refused")
  func changes() async throws {
    let workshop = try Workshop()
    try workshop.install(version: "1.0.0", in: "tester")
    try await workshop.supervisor.start()
    let first = try await workshop.events.nextReady()
    try workshop.install(version: "1.0.0", in: "tester", more: "config: {colour: red}")
    let second = try await workshop.events.nextReady()
    #expect(second.pid != first.pid)

    try workshop.install(version: "2.0.0", in: "tester")
    #expect(try await workshop.events.nextRefusedChange().contains("tester@2.0.0"))
    #expect(workshop.supervisor.snapshot()[0].message.contains("tester@2.0.0"))
    #expect(workshop.supervisor.snapshot()[0].pid == second.pid)
    workshop.supervisor.setReferences(2, of: "tester@1.0.0")
    let refusal = await #expect(throws: PluginSupervisor.Refusal.self) {
      try await workshop.supervisor.restart("tester")
    }
    #expect(refusal?.message.contains("2 tasks") == true)
    workshop.supervisor.setReferences(0, of: "tester@1.0.0")
    try await workshop.supervisor.restart("tester")
    #expect(try await workshop.events.nextReady().version == "2.0.0")
    try await workshop.close()
  }

  @Test(
    "an executable that changes under the running version is refused, which runs on, crashes too")
  func changedExecutable() async throws {
    let workshop = try Workshop()
    let executable = "\(workshop.directory)/tester/run"
    let bytes = try FileSystem.read(Workshop.program, limit: 1 << 30)
    try FileSystem.makeDirectories("\(workshop.directory)/tester")
    try AtomicFile.write(bytes, to: executable, mode: 0o755)
    try workshop.install(executable: "run")
    try await workshop.supervisor.start()
    let first = try await workshop.events.nextReady()

    try AtomicFile.write(bytes + [0], to: executable, mode: 0o755)
    let reason = try await workshop.events.nextRefusedChange()
    #expect(reason.contains("executable changed under the running version 1.0.0"))
    #expect(workshop.supervisor.snapshot()[0].message.contains(reason))
    #expect(workshop.supervisor.snapshot()[0].pid == first.pid)
    await #expect(throws: RPCError.self) { try await first.execute("exit") }
    let second = try await workshop.events.nextReady()
    #expect(second.digest == first.digest, "what was verified is what runs again")

    try await workshop.supervisor.restart("tester")
    let third = try await workshop.events.nextReady()
    #expect(third.digest != first.digest)
    #expect(workshop.supervisor.snapshot()[0].message.contains("changed") == false)
    try await workshop.close()
  }

  @Test("two plugins that offer one type: the first by name gets it, and both are told")
  func sharedType() async throws {
    let workshop = try Workshop()
    try workshop.install("second", arguments: ["--no-driver"])
    try await workshop.supervisor.start()
    _ = try await workshop.events.nextServing()
    #expect(workshop.provider(of: "test.do")?.name == "second")
    try workshop.install("first", arguments: ["--no-driver"])
    let plugins = try await workshop.events.next {
      if case .typeShared("test.do", let plugins) = $0 { plugins } else { nil }
    }
    #expect(plugins == ["first", "second"])
    try await until(workshop.loop) { workshop.provider(of: "test.do")?.name == "first" }
    #expect(
      workshop.supervisor.snapshot().last?.message
        .contains("new tasks of type test.do go to plugin first") == true)
    try await workshop.close()
  }

  @Test("two drivers of one kind and target: the first by name drives it, and both are told, once")
  func sharedIntents() async throws {
    let workshop = try Workshop()
    try workshop.install("second")
    try await workshop.supervisor.start()
    _ = try await workshop.events.nextReady("second")
    #expect(workshop.supervisor.driver(forIntentKind: "Thing", target: "here")?.name == "second")
    try workshop.install("first")
    func nextShared(_ wanted: String) async throws -> [String] {
      try await workshop.events.next {
        if case .intentsShared("Thing", wanted, let plugins) = $0 { plugins } else { nil }
      }
    }
    #expect(try await nextShared("here") == ["first", "second"])
    #expect(workshop.supervisor.driver(forIntentKind: "Thing", target: "here")?.name == "first")
    #expect(
      workshop.supervisor.snapshot().last?.message
        .contains("go to plugin first, which drives them, too") == true)
    // Another target that both have is news.
    #expect(try await nextShared("here, there") == ["first", "second"])

    let first = try await workshop.events.nextReady("first")
    await #expect(throws: RPCError.self) { try await first.execute("exit") }
    _ = try await workshop.events.nextReady("first")
    try await until(workshop.loop) {
      workshop.supervisor.driver(forIntentKind: "Thing", target: "there")?.name == "first"
    }
    let again = workshop.events.pending.filter {
      if case .intentsShared = $0 { true } else { false }
    }
    #expect(again.isEmpty, "a driver that crashed and returned is no news")
    try await workshop.close()
  }

  @Test("a version whose folder is removed goes when its tasks are done, and the one before serves")
  func removed() async throws {
    let workshop = try Workshop()
    try workshop.install(version: "1.0.0", in: "tester")
    try workshop.install(version: "1.1.0", in: "tester@1.1.0")
    try await workshop.supervisor.start()
    #expect(try await workshop.events.nextServing() == "1.1.0")
    workshop.supervisor.setReferences(1, of: "tester@1.1.0")
    try FileSystem.removeTree("\(workshop.directory)/tester@1.1.0")
    #expect(try await workshop.events.nextServing() == "1.0.0")
    let newer = try #require(workshop.supervisor.snapshot().first)
    #expect(newer.phase == .ready)
    #expect(newer.message.contains("its folder is gone"))
    workshop.supervisor.setReferences(0, of: "tester@1.1.0")
    try await until(workshop.loop) { workshop.supervisor.snapshot().map(\.place) == ["tester"] }
    try await workshop.close()
  }

  @Test("a drained version takes nothing new; a disabled one does not run until it is enabled")
  func holds() async throws {
    let workshop = try Workshop()
    try workshop.install(version: "1.0.0", in: "tester")
    try await workshop.supervisor.start()
    _ = try await workshop.events.nextReady()
    workshop.supervisor.setReferences(1, of: "tester@1.0.0")
    workshop.supervisor.setHolds(["tester": .draining])
    #expect(workshop.provider(of: "test.do") == nil)
    #expect(workshop.supervisor.snapshot()[0].phase == .ready)
    workshop.supervisor.setHolds(["tester": .disabled])
    try await until(workshop.loop) { workshop.supervisor.snapshot()[0].phase == .stopped }
    workshop.supervisor.setHolds([:])
    _ = try await workshop.events.nextReady()
    #expect(workshop.provider(of: "test.do") != nil)
    try await workshop.close()
  }

  /// Looks again and again whether the condition holds; the time limit is the deadline.
  private func until(_ loop: EventLoop, _ condition: () -> Bool) async throws {
    while !condition() { try await loop.sleep(for: .milliseconds(5)) }
  }
}
