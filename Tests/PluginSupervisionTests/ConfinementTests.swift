import Glibc
import LinuxSystem
import PluginProto
import TTRPC
import Testing

@testable import PluginSupervision

/// What a plugin that means harm can reach of its host and of its neighbours.
@Suite("a plugin that tries", .timeLimit(.minutes(10)))
struct ConfinementTests {
  /// Where the Swift runtime of a debug build is: an installed plugin has it inside.
  private static let runtime: String = {
    let maps = String(decoding: (try? FileSystem.read("/proc/self/maps")) ?? [], as: UTF8.self)
    let line = maps.split(separator: "\n").first { $0.hasSuffix("/libswiftCore.so") } ?? ""
    return FileSystem.parent(of: String(line.drop { $0 != "/" }))
  }()

  @Test(
    "with `files` it reads and writes its own alone, and signals nobody",
    .enabled(if: FileAccess.version != nil))
  func confined() async throws {
    let workshop = try Workshop()
    let allowed = "\(workshop.root)/allowed"
    try FileSystem.makeDirectories(allowed)
    try workshop.install("neighbour")
    try workshop.install("spy", more: "files: {read: [\(Self.runtime)], write: [\(allowed)]}")
    try await workshop.supervisor.start()
    let spy = try await workshop.events.nextReady("spy")
    let neighbour = try await workshop.events.nextReady("neighbour")
    let secret = "\(workshop.state)/plugins/neighbour/journal"
    try AtomicFile.write("mine".utf8, to: secret)

    for path in [
      secret, "\(workshop.state)/logs/plugins/neighbour.log",
      "\(workshop.directory)/neighbour/plugin.yaml", "/proc/\(getpid())/environ",
      "/proc/\(neighbour.pid)/environ",
    ] {
      let answer = try await spy.execute("try read \(path)")
      #expect(answer.contains("Permission denied"), "read \(path): \(answer)")
    }
    for path in [secret, "\(workshop.state)/sockets/x", "/tmp/ms-spy", "/usr/ms-spy"] {
      let answer = try await spy.execute("try write \(path)")
      #expect(answer.contains("Permission denied"), "write \(path): \(answer)")
    }
    #expect(try FileSystem.read(secret) == Array("mine".utf8))
    for path in ["\(workshop.state)/plugins/spy/x", "\(allowed)/x"] {
      #expect(try await spy.execute("try write \(path)") == "wrote")
    }
    if FileAccess.confinesSignals {
      for pid in [getpid(), neighbour.pid] {
        #expect(try await spy.execute("try kill \(pid)") == "may not")
      }
    }
    try await workshop.close()
  }

  @Test("its neighbours of the SDK's hang up on it: only the host may call them")
  func socket() async throws {
    let workshop = try Workshop()
    try workshop.install("files", executable: Workshop.built("files-plugin"))
    try workshop.install("spy")
    try await workshop.supervisor.start()
    let spy = try await workshop.events.nextReady("spy")
    _ = try await workshop.events.nextReady("files")
    let answer = try await spy.execute("try connect \(workshop.state)/sockets/files.sock")
    #expect(answer == "hung up")
    try await workshop.close()
  }

  @Test("a host that was replaced is refused by its next sign of life, and lets go")
  func staleHost() async throws {
    var patience = PluginPatience()
    patience.updatesWait = .milliseconds(50)
    let workshop = try Workshop(patience: patience)
    try workshop.install("files", executable: Workshop.built("files-plugin"))
    try await workshop.supervisor.start()
    _ = try await workshop.events.nextReady("files")
    let new = try await Client.connect(
      path: "\(workshop.state)/sockets/files.sock", on: workshop.loop)
    _ = try await new.call(
      PluginV1.Plugin.handshake,
      PluginV1.HandshakeRequest(protocolMajors: [1], hostInstance: "new", hostEpoch: 3, nonce: "n"))
    let reason = try await workshop.events.nextQuarantined()
    #expect(reason.contains("host epoch 2 was replaced by 3"))
    withExtendedLifetime(new) {}
    try await workshop.close()
  }
}
