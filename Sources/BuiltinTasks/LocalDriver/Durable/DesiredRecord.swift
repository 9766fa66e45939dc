import JSON
import LinuxSystem

/// What was applied of one StatefulSet or Service, as it is kept on disk.
///
/// From these a driver that starts goes on supervising before any host speaks to it.
struct DesiredRecord: Equatable, Sendable {
  var kind: String
  var name: ObjectName
  /// Made by the driver when the object was: tells a second object of one name from the first.
  var uid: String
  var ownerUID: String
  var generation: UInt64
  var spec: JSONValue
  /// Removal has begun and goes on until all is gone.
  var isRemoving = false
  /// Of a StatefulSet: the revision that all pods had last.
  var currentRevision = ""
  /// Of a Service: how often its proxy was started.
  var proxyRuns = 0

  var document: JSONValue {
    [
      "uid": .string(uid), "ownerUID": .string(ownerUID),
      "generation": .integer(Int64(clamping: generation)), "removing": .bool(isRemoving),
      "currentRevision": .string(currentRevision), "proxyRuns": .integer(Int64(proxyRuns)),
      "spec": spec,
    ]
  }

  init(kind: String, name: ObjectName, uid: String, ownerUID: String, spec: JSONValue) {
    self.kind = kind
    self.name = name
    self.uid = uid
    self.ownerUID = ownerUID
    self.generation = 0
    self.spec = spec
  }

  init?(kind: String, name: ObjectName, _ document: JSONValue) {
    guard let uid = document["uid"]?.string, let owner = document["ownerUID"]?.string,
      let generation = document["generation"]?.integer, let spec = document["spec"]
    else { return nil }
    self.init(kind: kind, name: name, uid: uid, ownerUID: owner, spec: spec)
    self.generation = UInt64(clamping: generation)
    isRemoving = document["removing"]?.bool ?? false
    currentRevision = document["currentRevision"]?.string ?? ""
    proxyRuns = Int(clamping: document["proxyRuns"]?.integer ?? 0)
  }
}

extension DataDirectory {
  func save(_ record: DesiredRecord) throws(SystemError) {
    let path = desired(record.kind, record.name)
    try FileSystem.makeDirectories(FileSystem.parent(of: path), mode: Self.mode)
    try StoredDocument.write(record.document, to: path)
  }

  func delete(_ record: DesiredRecord) throws(SystemError) {
    let path = desired(record.kind, record.name)
    try FileSystem.remove(path)
    try removeIfEmpty(FileSystem.parent(of: path))
  }

  func records(of kind: String) throws -> [DesiredRecord] {
    let folder = "\(desired)/\(kind)"
    guard try FileSystem.status(folder) != nil else { return [] }
    var records: [DesiredRecord] = []
    for namespace in try FileSystem.list(folder) {
      for file in try FileSystem.list("\(folder)/\(namespace)") where file.hasSuffix(".json") {
        let path = "\(folder)/\(namespace)/\(file)"
        guard let name = ObjectName("\(namespace)/\(file.dropLast(5))"),
          let record = DesiredRecord(kind: kind, name: name, try StoredDocument.read(path))
        else { throw StoredDocument.Damage(path: path, problem: "is no desired state") }
        records.append(record)
      }
    }
    return records
  }
}
