import TestPlaces
import Testing

@testable import LinuxSystem

@Suite("what a process may do with files", .enabled(if: FileAccess.version != nil))
struct FileAccessTests {
  /// What the script prints with access to the system's files, and to the folder as given.
  private func run(
    _ script: String, _ allow: (FileAccess) throws -> Void = { _ in }
  ) throws -> String {
    let access = try FileAccess()
    for path in ["/usr", "/bin", "/lib", "/lib64", "/etc"]
    where try FileSystem.status(path) != nil { try access.allow(.read, path) }
    try access.allow(.devices, "/dev")
    try allow(access)
    let program = try RunningProgram.shell(script) { spec in
      spec.noNewPrivileges = true
      spec.fileAccess = access
    }
    let text = try program.text()
    _ = try program.exit()
    return text
  }

  @Test("nothing is readable or writable but what was allowed, whoever one is")
  func confined() throws {
    let directory = TemporaryDirectory()
    let (own, other) = ("\(directory.path)/own", "\(directory.path)/other")
    try FileSystem.makeDirectories(own)
    try FileSystem.makeDirectories(other)
    try AtomicFile.write("o".utf8, to: "\(own)/file")
    try AtomicFile.write("x".utf8, to: "\(other)/file")
    let script = """
      exec 2>/dev/null
      cat \(own)/file || echo -n no; cat \(other)/file || echo -n no; ls \(other) || echo -n no
      echo y > \(own)/new && echo -n made; echo y > \(other)/new || echo -n no
      """
    #expect(try run(script) { try $0.allow(.write, own) } == "ononomadeno")
    #expect(try FileSystem.list(other) == ["file"])
    #expect(
      try run("exec 2>/dev/null; echo z > \(own)/file || echo no") { access in
        try access.allow(.read, own)
      } == "no")
  }

  @Test("nobody outside is signalled", .enabled(if: FileAccess.confinesSignals))
  func signals() throws {
    let victim = try RunningProgram.shell("echo up; exec sleep 300")
    defer {
      _ = try? victim.process.pidfd.signal(9)
      _ = try? victim.exit()
    }
    let script = "kill -9 \(victim.process.pid) 2>/dev/null || echo no; kill -0 $$ && echo self"
    #expect(try run(script) == "no\nself")
    #expect(victim.process.identity.exists)
  }

  @Test("a path that is not there is named")
  func missing() throws {
    let error = #expect(throws: SystemError.self) {
      try FileAccess().allow(.read, "/no/such/path")
    }
    #expect(error?.description.contains("/no/such/path") == true)
  }
}
