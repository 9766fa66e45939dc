import Glibc
import JSON
import LinuxSystem
import PluginSDK

/// PersistentVolumeClaims as directories, each with a mark of who owns it.
///
/// A volume of the driver's own appears and goes by one rename, with its mark inside; an imported
/// directory keeps a mark in itself, so that no two claims ever import it, and is never deleted.
///
/// - Invariant: nothing in a directory that was imported is changed but the mark (guarded by
///   `VolumeStoreTests`).
struct VolumeStore {
  static let ownerFile = "owner.json"
  static let importMark = ".mortise-owner.json"

  /// Who has a volume.
  struct Owner: Equatable {
    var claim: ObjectName
    var ownerUID: String
    /// The volume's own id, new with each volume.
    var volumeUID: String
    var capacityBytes: Int64
    /// The directory that was imported; nil = made by the driver.
    var importPath: String?
  }

  let directory: DataDirectory

  func owner(of claim: ObjectName) throws -> Owner? {
    try readOwner("\(directory.volume(claim))/\(Self.ownerFile)")
  }

  func path(of owner: Owner) -> String {
    owner.importPath ?? "\(directory.volume(owner.claim))/data"
  }

  /// Makes the directory appear, marked, in one step.
  func create(_ owner: Owner) throws {
    let draft = "\(directory.trash)/new-\(owner.volumeUID)"
    try FileSystem.makeDirectories(draft, mode: DataDirectory.mode)
    if owner.importPath == nil {
      try FileSystem.makeDirectories("\(draft)/data", mode: DataDirectory.mode)
    }
    try StoredDocument.write(document(owner), to: "\(draft)/\(Self.ownerFile)")
    let place = directory.volume(owner.claim)
    try FileSystem.makeDirectories(FileSystem.parent(of: place), mode: DataDirectory.mode)
    try FileSystem.rename(draft, to: place)
    try FileSystem.synchronizeDirectory(FileSystem.parent(of: place))
  }

  func update(_ owner: Owner) throws(SystemError) {
    try StoredDocument.write(
      document(owner), to: "\(directory.volume(owner.claim))/\(Self.ownerFile)")
  }

  /// Marks a directory as the owner's; throws where it is another's. Marking again does nothing.
  func markImport(_ owner: Owner, at path: String) throws {
    let mark = "\(path)/\(Self.importMark)"
    if let present = try readOwner(mark) {
      guard present.claim == owner.claim, present.ownerUID == owner.ownerUID else {
        throw DriverFailure.final(
          "OwnedByAnother",
          "\(path) is imported by claim \(present.claim) of owner \(present.ownerUID); "
            + "delete that claim first")
      }
      return
    }
    try StoredDocument.write(document(owner), to: mark)
  }

  /// Takes the volume away; of an imported one only the marks.
  func remove(_ owner: Owner) throws {
    if let path = owner.importPath {
      let mark = "\(path)/\(Self.importMark)"
      if try readOwner(mark)?.claim == owner.claim { try FileSystem.remove(mark) }
    }
    try directory.discard(directory.volume(owner.claim), id: owner.volumeUID)
  }

  /// Bytes that may still be written on the file system of `path`.
  func availableBytes(at path: String) throws(SystemError) -> Int64 {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else {
      throw SystemError(code: errno, call: "statvfs", subject: path)
    }
    let bytes = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return bytes.overflow ? .max : Int64(clamping: bytes.partialValue)
  }

  private func readOwner(_ path: String) throws -> Owner? {
    guard try FileSystem.status(path) != nil else { return nil }
    let document = try StoredDocument.read(path)
    guard let claim = document["claim"]?.string.flatMap({ ObjectName($0) }),
      let ownerUID = document["ownerUID"]?.string, let uid = document["volumeUID"]?.string,
      let capacity = document["capacityBytes"]?.integer
    else { throw StoredDocument.Damage(path: path, problem: "is no mark of an owner") }
    return Owner(
      claim: claim, ownerUID: ownerUID, volumeUID: uid, capacityBytes: capacity,
      importPath: document["import"]?.string)
  }

  private func document(_ owner: Owner) -> JSONValue {
    [
      "claim": .string(owner.claim.description), "ownerUID": .string(owner.ownerUID),
      "volumeUID": .string(owner.volumeUID), "capacityBytes": .integer(owner.capacityBytes),
      "import": owner.importPath.map { .string($0) } ?? .null,
    ]
  }
}
