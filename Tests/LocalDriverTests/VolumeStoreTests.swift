import Glibc
import LinuxSystem
import TestPlaces
import Testing

@testable import LocalDriver

@Suite("Volumes on disk")
struct VolumeStoreTests {
  let temporary = TemporaryDirectory()
  let claim = ObjectName(namespace: "default", name: "data")

  func store() throws -> VolumeStore {
    let directory = DataDirectory(root: "\(temporary.path)/driver")
    try directory.make()
    return VolumeStore(directory: directory)
  }

  func owner(import path: String? = nil, uid: String = "o1") -> VolumeStore.Owner {
    VolumeStore.Owner(
      claim: claim, ownerUID: uid, volumeUID: "v1", capacityBytes: 5, importPath: path)
  }

  @Test("a volume appears with its mark and goes without a trace")
  func roundTrip() throws {
    let store = try store()
    #expect(try store.owner(of: claim) == nil)
    try store.create(owner())
    #expect(try store.owner(of: claim) == owner())
    #expect(try FileSystem.status(store.path(of: owner()))?.kind == .directory)
    try AtomicFile.write(Array("x".utf8), to: "\(store.path(of: owner()))/file")
    try store.remove(owner())
    #expect(try store.owner(of: claim) == nil)
    #expect(try FileSystem.list("\(temporary.path)/driver/volumes").isEmpty)
    #expect(try FileSystem.list("\(temporary.path)/driver/trash").isEmpty)
  }

  @Test("an imported directory keeps all that is in it, and only the mark comes and goes")
  func imports() throws {
    let store = try store()
    let path = "\(temporary.path)/precious"
    try FileSystem.makeDirectories(path)
    try AtomicFile.write(Array("kept".utf8), to: "\(path)/file")
    let owner = owner(import: path)
    try store.markImport(owner, at: path)
    try store.markImport(owner, at: path)
    try store.create(owner)
    #expect(store.path(of: owner) == path)
    try store.remove(owner)
    #expect(try FileSystem.list(path) == ["file"])
    #expect(try FileSystem.read("\(path)/file") == Array("kept".utf8))
  }

  @Test("a directory that another claim imported is refused")
  func importedTwice() throws {
    let store = try store()
    let path = "\(temporary.path)/precious"
    try FileSystem.makeDirectories(path)
    try store.markImport(owner(import: path), at: path)
    #expect(throws: (any Error).self) {
      try store.markImport(owner(import: path, uid: "o2"), at: path)
    }
  }
}

@Suite("Logs")
struct LogKeeperTests {
  let temporary = TemporaryDirectory()

  @Test("a log beyond its limit is cut; its last part is kept beside it")
  func cut() throws {
    let path = "\(temporary.path)/a.log"
    try AtomicFile.write((0..<100).map { UInt8($0) }, to: path)
    try LogKeeper.bound(path, maximumBytes: 100)
    #expect(try FileSystem.status(path)?.size == 100)
    try LogKeeper.bound(path, maximumBytes: 40)
    #expect(try FileSystem.status(path)?.size == 0)
    #expect(try FileSystem.read("\(path).1") == (60..<100).map { UInt8($0) })
  }

  @Test("a writer that keeps its descriptor goes on at the start after the cut")
  func writerGoesOn() throws {
    let path = "\(temporary.path)/a.log"
    var keeper = try LogKeeper()
    let writer = try keeper.open(path)
    try writer.writeAll(Array("0123456789".utf8))
    #expect(try keeper.written() == [path])
    #expect(
      try keeper.written().isEmpty, "a log that was written to isn't watched until it is again")
    try LogKeeper.bound(path, maximumBytes: 5)
    try writer.writeAll(Array("ab".utf8))
    #expect(try FileSystem.read(path) == Array("ab".utf8))
  }
}
