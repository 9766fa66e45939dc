import Glibc
import TestPlaces
import Testing

@testable import LinuxSystem

@Suite("files and directories")
struct FileTests {
  @Test("an atomic write replaces the content and leaves no other file")
  func atomicWrite() throws {
    let directory = TemporaryDirectory()
    let path = directory.path + "/file"
    try AtomicFile.write(Array("one".utf8), to: path)
    try AtomicFile.write(Array("two".utf8), to: path, mode: 0o600)
    #expect(try FileSystem.read(path) == Array("two".utf8))
    #expect(try FileSystem.status(path)?.mode == 0o600)
    #expect(try FileSystem.list(directory.path) == ["file"])
  }

  @Test("an atomic write that fails leaves what was there, alone, and names the file asked for")
  func atomicWriteFails() throws {
    let directory = TemporaryDirectory()
    let path = directory.path + "/taken"
    try FileSystem.makeDirectories(path + "/below")
    #expect(throws: SystemError.self) { try AtomicFile.write(Array("x".utf8), to: path) }
    #expect(try FileSystem.list(directory.path) == ["taken"])
    let missing = directory.path + "/missing/file"
    #expect(throws: SystemError(code: ENOENT, call: "open", subject: missing)) {
      try AtomicFile.write([], to: missing)
    }
  }

  @Test("a tree is made, listed and removed without following links")
  func trees() throws {
    let directory = TemporaryDirectory()
    let kept = directory.path + "/kept"
    try FileSystem.makeDirectories(directory.path + "/a/b/c")
    try FileSystem.makeDirectories(directory.path + "/a/b/c")
    try AtomicFile.write(Array("k".utf8), to: kept)
    #expect(symlink(directory.path, directory.path + "/a/b/up") == 0)
    #expect(try FileSystem.list(directory.path + "/a/b") == ["c", "up"])
    try FileSystem.removeTree(directory.path + "/a")
    try FileSystem.removeTree(directory.path + "/a")
    #expect(try FileSystem.list(directory.path) == ["kept"])
  }

  @Test("a directory can't be made over a file, and the error names it")
  func directoryOverFile() throws {
    let directory = TemporaryDirectory()
    try AtomicFile.write([], to: directory.path + "/file")
    #expect(throws: SystemError(code: ENOTDIR, call: "mkdir", subject: directory.path + "/file")) {
      try FileSystem.makeDirectories(directory.path + "/file")
    }
  }

  @Test("a file beyond its limit is refused and the error names it")
  func readLimit() throws {
    let directory = TemporaryDirectory()
    let path = directory.path + "/large"
    try AtomicFile.write([UInt8](repeating: 1, count: 101), to: path)
    #expect(try FileSystem.read(path, limit: 101).count == 101)
    #expect(throws: SystemError(code: EFBIG, call: "read", subject: path)) {
      try FileSystem.read(path, limit: 100)
    }
  }

  @Test(
    "the parent of a path",
    arguments: [("/a/b", "/a"), ("/a", "/"), ("/", "/"), ("a", "."), ("a/b", "a")])
  func parents(path: String, parent: String) {
    #expect(FileSystem.parent(of: path) == parent)
  }
}

@Suite("an owned descriptor")
struct DescriptorTests {
  @Test("is closed when its owner goes, or earlier, and closing again does nothing")
  func closing() throws {
    let pipe = try Pipe()
    pipe.readEnd.close()
    #expect(pipe.readEnd.number == -1)
    pipe.readEnd.close()
    #expect(pipe.readEnd.take() == -1)

    var other: Pipe? = try Pipe()
    let reader = other!.readEnd
    other = nil
    #expect(try reader.read(upTo: 1).isEmpty, "the write end went with its owner")
  }

  @Test("that was taken is the taker's to close")
  func taking() throws {
    let number: Int32
    do {
      let descriptor = try Descriptor.open("/dev/null", O_RDONLY)
      number = descriptor.take()
    }
    #expect(fcntl(number, F_GETFD) >= 0)
    close(number)
  }

  @Test("a link tells what it names; what is no link is refused by name")
  func links() throws {
    let directory = TemporaryDirectory()
    #expect(symlink("no/such place", "\(directory.path)/link") == 0)
    #expect(try FileSystem.target(ofLink: "\(directory.path)/link") == "no/such place")
    let error = #expect(throws: SystemError.self) {
      try FileSystem.target(ofLink: directory.path)
    }
    #expect(error?.code == EINVAL && error?.subject == directory.path)
  }

  @Test("a temporary directory is this user's alone, and no other one's")
  func temporaryDirectories() throws {
    let directory = TemporaryDirectory()
    let first = try FileSystem.makeTemporaryDirectory("\(directory.path)/a-")
    let second = try FileSystem.makeTemporaryDirectory("\(directory.path)/a-")
    #expect(first != second && first.hasPrefix("\(directory.path)/a-"))
    #expect(try FileSystem.status(first)?.mode == 0o700)
    let error = #expect(throws: SystemError.self) {
      try FileSystem.makeTemporaryDirectory("\(directory.path)/absent/a-")
    }
    #expect(error?.code == ENOENT && error?.subject == "\(directory.path)/absent")
  }
}
