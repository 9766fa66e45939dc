import Glibc
import LinuxSystem
import TestPlaces
import Testing

@testable import LocalDriver

@Suite("A slot for one process")
struct ProcessSlotTests {
  let directory = TemporaryDirectory()
  var slot: ProcessSlot { ProcessSlot(path: "\(directory.path)/a.lock") }

  static func shell(_ script: String) -> ProcessSpec {
    ProcessSpec(
      .path("/bin/sh"), arguments: ["sh", "-c", script], environment: ["PATH": "/bin:/usr/bin"])
  }

  /// Waits for the end without an event loop: the descriptor is readable then.
  static func awaitEnd(_ process: SlotProcess) {
    var item = pollfd(fd: process.pidfd.descriptor.number, events: Int16(POLLIN), revents: 0)
    #expect(poll(&item, 1, 10_000) == 1)
  }

  @Test("an empty slot is free and nothing ran in it")
  func empty() throws {
    guard case .free(hasRun: false) = try slot.occupancy() else {
      Issue.record("not free")
      return
    }
  }

  @Test("a process is found by its lock, by whoever looks")
  func found() throws {
    let process = try slot.start(Self.shell("exec sleep 60")) {}
    guard case .main(let found) = try slot.occupancy() else {
      Issue.record("not found")
      return
    }
    #expect(found.identity == process.identity)
    #expect(throws: SlotTaken.self) { try slot.start(Self.shell("true")) {} }
    try process.pidfd.signal(SIGKILL)
    Self.awaitEnd(process)
    #expect(try process.pidfd.reap() == .signalled(signal: SIGKILL))
    guard case .free(hasRun: true) = try slot.occupancy() else {
      Issue.record("not free after the end")
      return
    }
  }

  @Test("what a process leaves behind keeps the slot, and can be told from it")
  func offspring() throws {
    let process = try slot.start(Self.shell("sleep 60 & exit 3")) {}
    Self.awaitEnd(process)
    #expect(try process.pidfd.reap() == .exited(code: 3))
    guard case .offspring(let left) = try slot.occupancy() else {
      Issue.record("no offspring found")
      return
    }
    #expect(left.count == 1)
    #expect(left.allSatisfy { $0.identity.pid != process.identity.pid })
    for process in left {
      try process.pidfd.signal(SIGKILL)
      Self.awaitEnd(process)
    }
    guard case .free(hasRun: true) = try slot.occupancy() else {
      Issue.record("not free")
      return
    }
  }

  @Test("a child that was begun and has not written its pid is seen as starting")
  func starting() throws {
    let lock = try #require(try FileLock.acquire(slot.path))
    guard case .starting = try slot.occupancy() else {
      Issue.record("not starting")
      return
    }
    withExtendedLifetime(lock) {}
  }

  @Test("a recycled pid is never taken for ours: it doesn't have the file")
  func recycledPID() throws {
    let lock = try #require(try FileLock.acquire(slot.path))
    var spec = Self.shell("exec sleep 60")
    spec.descriptors = [.init(lock.descriptor, as: ProcessSlot.lockDescriptor)]
    let holder = try spawn(spec)
    let stranger = try spawn(Self.shell("exec sleep 60"))
    try lock.descriptor.writeAll(Array("\(stranger.pid)\n".utf8))
    lock.descriptor.close()
    if case .offspring(let found) = try slot.occupancy() {
      #expect(found.map(\.identity) == [holder.identity])
    } else {
      Issue.record("a stranger was taken for the slot's process")
    }
    for process in [holder, stranger] {
      try process.pidfd.signal(SIGKILL)
      Self.awaitEnd(SlotProcess(identity: process.identity, pidfd: process.pidfd, isChild: true))
      _ = try process.pidfd.reap()
    }
  }
}
