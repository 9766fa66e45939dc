import Glibc
import LinuxSystem
import TTRPC
import Testing

@testable import PluginSupervision

@Suite("orphan sweep", .timeLimit(.minutes(10)))
struct OrphanSweepTests {
  private func withPaths(
    _ body: (PluginPaths, OrphanSweep) async throws -> Void
  ) async throws {
    let root = try Workshop.makeRoot()
    let loop = try EventLoop.startThread("sweep")
    try FileSystem.makeDirectories(PluginPaths.identityDirectory(in: root))
    try await body(
      PluginPaths(stateDirectory: root, name: "p"),
      OrphanSweep(loop: loop, grace: .milliseconds(20)))
    loop.stop()
    try FileSystem.removeTree(root)
  }

  private func startSleeper(nonce: String) throws -> SpawnedProcess {
    var spec = ProcessSpec(
      .path("/bin/sleep"), arguments: ["sleep", "300"], environment: ["MORTISE_NONCE": nonce])
    spec.newProcessGroup = true
    return try spawn(spec)
  }

  private func record(
    nonce: String, _ identity: ProcessIdentity?, bootID: String? = nil
  ) throws -> IdentityRecord {
    IdentityRecord(
      bootID: try bootID ?? ProcessIdentity.currentBootID(), nonce: nonce, process: identity)
  }

  @Test("a process that has the recorded pid but another start time is left alone")
  func recycledPID() async throws {
    try await withPaths { paths, sweep in
      let stranger = try startSleeper(nonce: "strangers")
      let recorded = ProcessIdentity(
        pid: stranger.pid, startTimeTicks: stranger.identity.startTimeTicks - 1,
        bootID: stranger.identity.bootID)
      try record(nonce: "ours", recorded).write(to: paths)
      #expect(try await sweep.sweep(paths) == nil)
      #expect(!stranger.pidfd.hasEnded)
      #expect(try IdentityRecord.read(paths) == nil)
      try stranger.pidfd.signal(SIGKILL)
      try await sweep.loop.waitReadable(stranger.pidfd.descriptor.number)
      _ = try stranger.pidfd.reap()
    }
  }

  @Test("a record of another boot names nobody")
  func otherBoot() async throws {
    try await withPaths { paths, sweep in
      let process = try startSleeper(nonce: "ours")
      try record(nonce: "ours", process.identity, bootID: "another").write(to: paths)
      #expect(try await sweep.sweep(paths) == nil)
      #expect(!process.pidfd.hasEnded)
      try process.pidfd.signal(SIGKILL)
      try await sweep.loop.waitReadable(process.pidfd.descriptor.number)
      _ = try process.pidfd.reap()
    }
  }

  @Test("the recorded process is ended")
  func identity() async throws {
    try await withPaths { paths, sweep in
      let process = try startSleeper(nonce: "ours")
      try record(nonce: "ours", process.identity).write(to: paths)
      #expect(try await sweep.sweep(paths) == process.pid)
      #expect(try process.pidfd.reap() == .signalled(signal: SIGKILL))
    }
  }

  @Test("a process whose host died before it noted the start time is found by its nonce")
  func nonceAlone() async throws {
    try await withPaths { paths, sweep in
      let process = try startSleeper(nonce: "ours")
      try record(nonce: "ours", nil).write(to: paths)
      try AtomicFile.write(Array("\(process.pid)\n".utf8), to: paths.pid)
      #expect(try await sweep.sweep(paths) == process.pid)
      #expect(try process.pidfd.reap() == .signalled(signal: SIGKILL))
    }
  }

  @Test("a pid that was written by a process which never executed names nobody")
  func writtenPIDOfAnother() async throws {
    try await withPaths { paths, sweep in
      let stranger = try startSleeper(nonce: "strangers")
      try record(nonce: "ours", nil).write(to: paths)
      try AtomicFile.write(Array("\(stranger.pid)\n".utf8), to: paths.pid)
      #expect(try await sweep.sweep(paths) == nil)
      #expect(!stranger.pidfd.hasEnded)
      try stranger.pidfd.signal(SIGKILL)
      try await sweep.loop.waitReadable(stranger.pidfd.descriptor.number)
      _ = try stranger.pidfd.reap()
    }
  }

  @Test(
    "a damaged record names nobody and is forgotten", arguments: ["", "{", "[]", #"{"pid":1}"#])
  func damaged(text: String) async throws {
    try await withPaths { paths, sweep in
      try AtomicFile.write(Array(text.utf8), to: paths.identity)
      #expect(try await sweep.sweep(paths) == nil)
      #expect(try FileSystem.status(paths.identity) == nil)
    }
  }

  @Test("a record comes back as it was written")
  func roundTrip() async throws {
    try await withPaths { paths, _ in
      let record = IdentityRecord(
        bootID: "b", nonce: "n",
        process: ProcessIdentity(pid: 7, startTimeTicks: .max, bootID: "b"))
      try record.write(to: paths)
      #expect(try IdentityRecord.read(paths) == record)
    }
  }
}
