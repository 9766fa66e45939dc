import Glibc
import LinuxSystem
import TTRPC
import Testing

@testable import PluginSupervision

/// Nothing of a plugin is left when its host ends, however it ends.
@Suite("the end of plugins", .timeLimit(.minutes(10)))
struct PluginEndingTests {
  private func identity(of handle: PluginHandle) throws -> ProcessIdentity {
    try #require(try ProcessIdentity.read(handle.pid))
  }

  @Test("a shutdown leaves no process, record or socket, and is no crash")
  func shutdown() async throws {
    let workshop = try Workshop()
    try workshop.install()
    try await workshop.supervisor.start()
    let process = try identity(of: try await workshop.events.nextReady())
    await workshop.supervisor.shutdown(grace: .seconds(5))
    #expect(!process.exists)
    #expect(workshop.supervisor.snapshot()[0].phase == .stopped)
    #expect(try FileSystem.list("\(workshop.state)/run/plugins") == [])
    #expect(try FileSystem.list("\(workshop.state)/sockets") == [])
    let gone = workshop.events.pending.filter { if case .gone = $0 { true } else { false } }
    #expect(gone.isEmpty)
    try await workshop.close()
  }

  @Test("a plugin that ignores every request to end is killed after its grace")
  func stubborn() async throws {
    let workshop = try Workshop()
    try workshop.install(arguments: ["--stubborn"])
    try await workshop.supervisor.start()
    let process = try identity(of: try await workshop.events.nextReady())
    await workshop.supervisor.shutdown(grace: .milliseconds(50))
    #expect(!process.exists)
    try await workshop.close()
  }

  @Test("a shutdown ends a plugin that has not introduced itself")
  func mute() async throws {
    let workshop = try Workshop()
    try workshop.install(arguments: ["--mute"])
    try await workshop.supervisor.start()
    await workshop.supervisor.shutdown(grace: .seconds(5))
    #expect(workshop.supervisor.snapshot()[0].phase == .stopped)
    #expect(try FileSystem.list("\(workshop.state)/run/plugins") == [])
    try await workshop.close()
  }

  @Test("what a plugin started in its group ends with it")
  func group() async throws {
    let workshop = try Workshop()
    let path = "\(workshop.root)/child.pid"
    try workshop.install(arguments: ["--child", path])
    try await workshop.supervisor.start()
    let process = try identity(of: try await workshop.events.nextReady())
    let child = try await childIdentity(path)
    try PIDFD.open(process)?.signal(SIGKILL)
    _ = try await workshop.events.nextGone()
    try await ProcessWait.ended(child, on: workshop.loop)
    try await workshop.close()
  }

  @Test("what an earlier host left is ended before the same plugin starts again")
  func orphan() async throws {
    let workshop = try Workshop()
    let child = "\(workshop.root)/child.pid"
    // The lock is the plugin's while it lives: one started beside it would exit with code 99.
    try workshop.install(
      arguments: ["--stubborn", "--lock", "\(workshop.root)/lock", "--child", child])
    let (host, orphan) = try startHost(workshop)
    let orphansChild = try await childIdentity(child)
    try FileSystem.remove(child)
    try await kill(host, workshop)
    #expect(PIDFD.isRunning(orphan))

    try await workshop.supervisor.start()
    #expect(!PIDFD.isRunning(orphan))
    #expect(!PIDFD.isRunning(orphansChild))
    let handle = try await workshop.events.nextReady()
    #expect(handle.pid != orphan.pid)
    await workshop.supervisor.shutdown(grace: .zero)
    try await workshop.close()
  }

  @Test("a plugin ends by itself when its host is killed")
  func liveness() async throws {
    let workshop = try Workshop()
    try workshop.install()
    let (host, plugin) = try startHost(workshop)
    try await kill(host, workshop)
    try await ProcessWait.ended(plugin, on: workshop.loop)
    try await workshop.close()
  }

  /// A host in a process of its own, and its one plugin.
  private func startHost(
    _ workshop: Workshop
  ) throws -> (host: SpawnedProcess, plugin: ProcessIdentity) {
    let output = try Pipe()
    let host = try spawn(
      ProcessSpec(
        .path(Workshop.program), arguments: ["host", "host", workshop.directory, workshop.state],
        descriptors: [.init(output.writeEnd, as: 1)]))
    output.writeEnd.close()
    let line = String(decoding: try output.readEnd.read(upTo: 100), as: UTF8.self)
    let fields = line.split(whereSeparator: \.isWhitespace)
    try #require(fields.count == 3, "the host said \(line)")
    return (host, try #require(try ProcessIdentity.read(Int32(fields[2]) ?? 0)))
  }

  private func kill(_ host: SpawnedProcess, _ workshop: Workshop) async throws {
    try host.pidfd.signal(SIGKILL)
    try await workshop.loop.waitReadable(host.pidfd.descriptor.number)
    _ = try host.pidfd.reap()
  }

  /// The plugin's child writes its pid by rename, so what is there is whole.
  private func childIdentity(_ path: String) async throws -> ProcessIdentity {
    while true {
      if try FileSystem.status(path) != nil { break }
      await Task.yield()
    }
    let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
    return try #require(try ProcessIdentity.read(Int32(text.dropLast()) ?? 0))
  }
}

extension PIDFD {
  /// Whether a process of this identity exists and has not ended.
  fileprivate static func isRunning(_ identity: ProcessIdentity) -> Bool {
    guard let handle = try? open(identity) else { return false }
    return !handle.hasEnded
  }
}
