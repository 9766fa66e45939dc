import Glibc
import TestPlaces
import Testing

@testable import LinuxSystem

@Suite("a spawned process")
struct SpawnTests {
  @Test("has the arguments, environment and directory of its spec, and nothing else")
  func exactSurroundings() throws {
    setenv("MORTISE_LEAK", "1", 1)
    let program = try RunningProgram.shell("pwd; echo \"$0:$1\"; exec /usr/bin/env") { spec in
      spec.arguments += ["zero", "one two"]
      spec.environment = ["B": "2", "A": "1"]
      spec.workingDirectory = "/usr"
    }
    let lines = try program.text().split(separator: "\n").filter { !$0.hasPrefix("_=") }
    #expect(lines == ["/usr", "zero:one two", "A=1", "B=2", "PWD=/usr"].sortedTail(from: 2))
    #expect(try program.exit() == .exited(code: 0))
  }

  @Test("has no descriptor but those of its spec, whatever the parent left open")
  func noLeaks() throws {
    // Open over exec on purpose, as a careless library would leave it.
    let leak = open("/dev/null", O_RDONLY)
    defer { close(leak) }
    let program = try RunningProgram.shell(
      "for n in /proc/self/fd/*; do echo ${n##*/} $(readlink $n); done")
    let lines = try program.text().split(separator: "\n").map { $0.split(separator: " ") }
    let open = lines.filter { $0.count == 2 }
    #expect(open.map { $0[0] }.prefix(3) == ["0", "1", "2"])
    #expect(open[0][1] == "/dev/null" && open[2][1] == "/dev/null")
    #expect(!open.contains { $0[0] == "\(leak)" && $0[1] == "/dev/null" })
    #expect(try program.exit() == .exited(code: 0))
  }

  @Test("has its descriptors where the spec says, even where sources and targets overlap")
  func overlappingDescriptors() throws {
    let (first, second) = (try Pipe(), try Pipe())
    let (a, b) = (first.writeEnd.number, second.writeEnd.number)
    let program = try RunningProgram.shell("echo to-a >&\(a); echo to-b >&\(b)") { spec in
      spec.arguments[0] = "sh"
      spec.executable = .path("/bin/bash")
      spec.descriptors += [.init(first.writeEnd, as: b), .init(second.writeEnd, as: a)]
    }
    #expect(try program.exit() == .exited(code: 0))
    first.writeEnd.close()
    second.writeEnd.close()
    #expect(try first.readEnd.readToEnd(limit: 99) == Array("to-b\n".utf8))
    #expect(try second.readEnd.readToEnd(limit: 99) == Array("to-a\n".utf8))
  }

  @Test("that can't be executed is an error that names the step and the program")
  func failures() throws {
    #expect(throws: SystemError(code: ENOENT, call: "exec", subject: "/no/such")) {
      try spawn(ProcessSpec(.path("/no/such"), arguments: ["x"]))
    }
    #expect(throws: SystemError(code: ENOENT, call: "chdir", subject: "/bin/true")) {
      try spawn(ProcessSpec(.path("/bin/true"), arguments: ["x"], workingDirectory: "/no/such"))
    }
    #expect(throws: SystemError.self) {
      try spawn(ProcessSpec(.path("relative"), arguments: ["x"]))
    }
    #expect(throws: SystemError.self) {
      try spawn(ProcessSpec(.path("/bin/true"), arguments: ["x\0y"]))
    }
  }

  @Test("leaves no zombie where it failed")
  func failureIsReaped() throws {
    let directory = TemporaryDirectory()
    let pidFile = try Descriptor.open(directory.path + "/pid", O_RDWR | O_CREAT)
    var spec = ProcessSpec(.path("/no/such"), arguments: ["x"])
    spec.pidFile = pidFile
    #expect(throws: SystemError.self) { try spawn(spec) }
    let text = String(decoding: try FileSystem.read(directory.path + "/pid"), as: UTF8.self)
    let pid = try #require(Int32(text.dropLast()))
    var status: Int32 = 0
    #expect(waitpid(pid, &status, WNOHANG) == -1 && errno == ECHILD)
  }

  @Test("executes the very file that was opened, though its path holds another by now")
  func byDescriptor() throws {
    let directory = TemporaryDirectory()
    let path = directory.path + "/program"
    try AtomicFile.write(try FileSystem.read("/bin/echo"), to: path, mode: 0o755)
    let opened = try Descriptor.open(path, O_RDONLY)
    try AtomicFile.write(try FileSystem.read("/bin/false"), to: path, mode: 0o755)
    let program = try RunningProgram.shell("") { spec in
      spec.executable = .descriptor(opened)
      spec.arguments = ["echo", "opened"]
    }
    #expect(try program.text() == "opened")
    #expect(try program.exit() == .exited(code: 0))
  }

  @Test("may be a script that was opened")
  func scriptByDescriptor() throws {
    let directory = TemporaryDirectory()
    let path = directory.path + "/script"
    try AtomicFile.write(Array("#!/bin/sh\necho script $1\n".utf8), to: path, mode: 0o755)
    let opened = try Descriptor.open(path, O_RDONLY)
    let program = try RunningProgram.shell("") { spec in
      spec.executable = .descriptor(opened)
      spec.arguments = ["script", "ran"]
    }
    #expect(try program.text() == "script ran")
    #expect(try program.exit() == .exited(code: 0))
  }

  @Test("wrote its pid, and holds the lock that it was given, for as long as it lives")
  func pidFileAndLock() throws {
    let directory = TemporaryDirectory()
    let path = directory.path + "/pid"
    var lock = try FileLock.acquire(path)
    try lock!.descriptor.writeAll(Array("what an earlier one wrote\n".utf8))
    let program = try RunningProgram.shell("echo up; read forever") { spec in
      let input = try! Pipe()
      spec.descriptors.append(.init(input.readEnd, as: 0))
      spec.descriptors.append(.init(input.writeEnd, as: 8))
      spec.descriptors.append(.init(lock!.descriptor, as: 9))
      spec.pidFile = lock!.descriptor
      spec.newSession = true
    }
    #expect(try FileSystem.read(path) == Array("\(program.process.pid)\n".utf8))
    lock = nil
    #expect(try FileLock.isHeld(path))
    try program.process.pidfd.signal(SIGKILL)
    #expect(try program.exit() == .signalled(signal: SIGKILL))
    // Blocks until it is free: a child that another test just starts may have it for a moment.
    let file = try Descriptor.open(path, O_RDONLY)
    #expect(flock(file.number, LOCK_EX) == 0)
  }

  @Test("leads a session or a group of its own where asked")
  func sessionAndGroup() throws {
    for (session, group) in [(true, false), (false, true), (false, false)] {
      let program = try RunningProgram.shell("read forever") { spec in
        let input = try! Pipe()
        spec.descriptors.append(.init(input.readEnd, as: 0))
        spec.descriptors.append(.init(input.writeEnd, as: 8))
        spec.newSession = session
        spec.newProcessGroup = group
      }
      let pid = program.process.pid
      #expect((try statField(pid, 5) == Int(pid)) == (session || group))
      #expect((try statField(pid, 6) == Int(pid)) == session)
      try program.process.pidfd.signal(SIGKILL)
      _ = try program.exit()
    }
  }

  @Test("is confined by its limits and gains no privileges")
  func confinement() throws {
    let program = try RunningProgram.shell(
      "ulimit -n; ulimit -d; grep NoNewPrivs /proc/self/status"
    ) { spec in
      spec.limits = [.init(.openFiles, 64), .init(.data, 512 << 20)]
      spec.noNewPrivileges = true
    }
    #expect(try program.text() == "64\n\((512 << 20) / 1024)\nNoNewPrivs:\t1")
    #expect(try program.exit() == .exited(code: 0))
  }

  @Test("starts with every signal unblocked and at its default")
  func signalState() throws {
    SignalFD.ignore(SIGUSR2)
    var blocked = sigset_t()
    var before = sigset_t()
    sigemptyset(&blocked)
    sigaddset(&blocked, SIGUSR1)
    pthread_sigmask(SIG_BLOCK, &blocked, &before)
    let program = try RunningProgram.shell("") { spec in
      spec.executable = .path("/bin/grep")
      spec.arguments = ["grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"]
    }
    pthread_sigmask(SIG_SETMASK, &before, nil)
    let text = try program.text()
    #expect(try program.exit() == .exited(code: 0))
    #expect(text == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000")
  }

  @Test("ends with the thread that spawned it where it asked for that")
  func parentDeath() throws {
    nonisolated(unsafe) var spawned: Result<RunningProgram, any Error>?
    let body: () -> Void = {
      spawned = Result {
        try RunningProgram.shell("echo up; read forever") { spec in
          let input = try! Pipe()
          spec.descriptors.append(.init(input.readEnd, as: 0))
          spec.descriptors.append(.init(input.writeEnd, as: 8))
          spec.parentDeathSignal = SIGTERM
        }
      }
    }
    try runOnThread(body)
    #expect(try spawned!.get().exit() == .signalled(signal: SIGTERM))
  }
}

/// Runs `body` on a thread that has ended when this returns.
private func runOnThread(_ body: @escaping () -> Void) throws {
  final class Box {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }
  var thread = pthread_t()
  let box = Unmanaged.passRetained(Box(body))
  let code = pthread_create(
    &thread, nil,
    {
      Unmanaged<Box>.fromOpaque($0!).takeRetainedValue().body()
      return nil
    }, box.toOpaque())
  if code != 0 { throw SystemError(code: code, call: "pthread_create") }
  pthread_join(thread, nil)
}

extension [String] {
  /// `env` prints its variables in no order: compares those as a set.
  fileprivate func sortedTail(from index: Int) -> [Substring] {
    (self[..<index] + self[index...].sorted()).map { Substring($0) }
  }
}
