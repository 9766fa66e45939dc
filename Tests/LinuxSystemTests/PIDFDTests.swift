import Glibc
import Testing

@testable import LinuxSystem

@Suite("a process handle")
struct PIDFDTests {
  @Test("tells how the process ended, once", arguments: [0, 1, 7, 255] as [Int32])
  func exitCodes(code: Int32) throws {
    let program = try RunningProgram.shell("exit \(code)")
    #expect(try program.exit() == .exited(code: code))
    #expect(throws: SystemError.self) { try program.process.pidfd.reap() }
  }

  @Test("says that a process still runs, and that a signal came too late")
  func runningAndGone() throws {
    let input = try Pipe()
    let program = try RunningProgram.shell("read forever") { spec in
      spec.descriptors.append(.init(input.readEnd, as: 0))
    }
    #expect(try program.process.pidfd.reap() == nil)
    #expect(try program.process.pidfd.signal(SIGTERM))
    #expect(try program.exit() == .signalled(signal: SIGTERM))
    #expect(try !program.process.pidfd.signal(SIGTERM))
  }

  @Test("is opened for the very process alone, never for one that has its pid")
  func identity() throws {
    let input = try Pipe()
    let program = try RunningProgram.shell("read forever") { spec in
      spec.descriptors.append(.init(input.readEnd, as: 0))
    }
    let identity = program.process.identity
    #expect(identity.exists)
    #expect(try PIDFD.open(identity) != nil)
    let other = ProcessIdentity(
      pid: identity.pid, startTimeTicks: identity.startTimeTicks + 1, bootID: identity.bootID)
    #expect(try PIDFD.open(other) == nil)
    let otherBoot = ProcessIdentity(
      pid: identity.pid, startTimeTicks: identity.startTimeTicks, bootID: "another")
    #expect(try PIDFD.open(otherBoot) == nil)
    #expect(try !PIDFD.signalGroupByNumber(SIGKILL, identity: other))
    try program.process.pidfd.signal(SIGKILL)
    _ = try program.exit()
    #expect(!identity.exists)
    #expect(try PIDFD.open(identity) == nil)
  }

  @Test("reaches the whole group, with the kernel's call and by number", arguments: [false, true])
  func group(byNumber: Bool) throws {
    // The grandchild holds the pipe open: reading to its end waits for it as well.
    let program = try RunningProgram.shell("sleep 1000 & echo up; wait") { spec in
      spec.newProcessGroup = true
    }
    #expect(try program.output.read(upTo: 3) == Array("up\n".utf8))
    let identity = program.process.identity
    if byNumber {
      #expect(try PIDFD.signalGroupByNumber(SIGKILL, identity: identity))
    } else {
      #expect(try program.process.pidfd.signalGroup(SIGKILL, identity: identity))
    }
    #expect(try program.output.readToEnd(limit: 10).isEmpty)
    #expect(try program.exit() == .signalled(signal: SIGKILL))
  }
}

@Suite("a process identity")
struct ProcessIdentityTests {
  @Test("is parsed whatever the program calls itself")
  func hostileNames() {
    let tail = " S" + String(repeating: " 1", count: 18) + " 4242 7"
    for name in ["sh", "a b", "x) R 1 2 3", ")))", "(", "\n"] {
      let line = Array("17 (\(name))\(tail)".utf8)
      #expect(ProcessIdentity.startTime(inStat: line) == 4242)
    }
    for broken in ["", "17", "17 (sh)", "17 (sh) S 1", "17 (sh" + tail] {
      #expect(ProcessIdentity.startTime(inStat: Array(broken.utf8)) == nil)
    }
  }

  @Test("of this process stays what it is")
  func stable() throws {
    let first = try ProcessIdentity.read(getpid())
    #expect(first != nil)
    #expect(try ProcessIdentity.read(getpid()) == first)
    #expect(try ProcessIdentity.read(0x7FFF_FFFF) == nil)
  }
}
